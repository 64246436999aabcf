"""Files of torch.save, good and hostile: Tests/ModelTests/Fixtures/torch, with the values of the good one in
torch_values.safetensors; and Tests/FuzzTests/Fixtures/torch, for the properties that every reader must have. Needs torch."""
import collections
import io
import pathlib
import pickle
import zipfile

import torch
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).parents[2]
GOOD = ROOT / "Tests/ModelTests/Fixtures/torch"
CORPUS = ROOT / "Tests/FuzzTests/Fixtures/torch"


def values():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    layer = torch.nn.Linear(2, 3)
    with torch.no_grad():
        layer.weight.copy_(base[:3, :2])
        layer.bias.copy_(base[3, :3])
    return {
        "plain": base, "transposed": base.T, "part": base[1:3, ::2], "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
        "double": base.double(), "half": base.half(), "bfloat16": base.bfloat16(), "long": torch.tensor([-(2**40), 7]),
        "int": torch.tensor([-5, 9], dtype=torch.int32), "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]), "weight": layer.weight, "bias": layer.bias,
    }


def saved(content, **options):
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def checkpoint():
    layer = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    return {"model": collections.OrderedDict(values()), "layers": layer.state_dict(), "step": 12345678901, "rate": 1e-3,
            "name": "große", "list": [torch.ones(2), (torch.zeros(1), None)], "done": True}


class Calls:
    """A pickle that runs a command when Python reads it."""
    def __reduce__(self):
        return (__import__("os").system, ("false",))


def repacked(pickled, storages=(("0", bytes(96)),), name="archive", compressed=False):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{name}/data.pkl", pickled)
        for key, data in storages:
            archive.writestr(f"{name}/data/{key}", data)
        archive.writestr(f"{name}/version", "3\n")
    return file.getvalue()


def tensor(extents, strides, count=24, offset=0, key=b"0", kind=b"FloatStorage"):
    """The pickle of one tensor, byte by byte."""
    def numbers(values):
        return b"(" + b"".join(b"\x8a\x08" + value.to_bytes(8, "little", signed=True) for value in values) + b"t"

    storage = b"(X\x07\0\0\0storagectorch\n" + kind + b"\nX" + len(key).to_bytes(4, "little") + key \
        + b"X\x03\0\0\0cpu" + b"\x8a\x08" + count.to_bytes(8, "little", signed=True) + b"tQ"
    body = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"\x8a\x08" + offset.to_bytes(8, "little", signed=True) \
        + numbers(extents) + numbers(strides) + b"\x89ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02}X\x01\0\0\0x" + body + b"s."


def hostile():
    deep = b"\x80\x02" + b"]" * 50000 + b"a" * 49999 + b"."
    # Each list has the one before it twice: 2^40 values in a few bytes.
    wide = b"\x80\x02]q\0" + b"".join(b"0]q" + bytes([n]) + b"h" + bytes([n - 1]) + b"ah" + bytes([n - 1]) + b"a"
                                      for n in range(1, 41)) + b"."
    good = saved({"x": torch.ones(3)})
    circular = b"\x80\x02]q\0h\0a."
    return {
        "calls": saved({"model": Calls(), "x": torch.ones(1)}), "numpy_array": saved({"x": torch.zeros(1).numpy()}),
        "truncated": good[: len(good) // 2], "no_directory": good[:-22], "deep": repacked(deep), "wide": repacked(wide),
        "circular": repacked(circular), "huge": repacked(tensor([1 << 40, 1 << 40], [1, 1])),
        "expanded": repacked(tensor([1 << 40], [0])), "outside": repacked(tensor([24], [1], offset=1)),
        "negative": repacked(tensor([3], [-1], offset=5)), "short_storage": repacked(tensor([24], [1], count=24), [("0", b"1234")]),
        "no_storage": repacked(tensor([24], [1]), []), "compressed": repacked(tensor([24], [1]), compressed=True),
        "operations": repacked(b"\x80\x02" + b"N" * (1 << 23) + b"."), "unended": repacked(b"\x80\x02}"),
        "legacy": saved({"x": torch.ones(3)}, _use_new_zipfile_serialization=False),
        "frozenset": repacked(pickle.dumps(frozenset([1]), protocol=4)), "complex": saved({"x": torch.zeros(2, dtype=torch.cfloat)}),
        "two_pickles": repacked(b"\x80\x02}.") + b"",
    }


if __name__ == "__main__":
    for folder in (GOOD, CORPUS):
        folder.mkdir(parents=True, exist_ok=True)
    (GOOD / "good.pt").write_bytes(saved(checkpoint()))
    expected = {f"model.{key}": value.detach().clone().contiguous() for key, value in values().items()}
    expected |= {f"layers.{key}": value.contiguous() for key, value in checkpoint()["layers"].items()}
    state = torch.load(GOOD / "good.pt", weights_only=True)
    expected |= {f"layers.{key}": value.contiguous() for key, value in state["layers"].items()}
    expected |= {"list.0": torch.ones(2), "list.1.0": torch.zeros(1)}
    save_file({key: value.float() if value.is_floating_point() else value for key, value in expected.items()},
              GOOD / "good.safetensors")
    bad = hostile()
    del bad["two_pickles"]
    for name, content in bad.items():
        if name == "operations":  # 8 MB of one byte, which a test makes itself
            continue
        (GOOD / f"{name}.pt").write_bytes(content)
        if len(content) < 4096:
            (CORPUS / name).write_bytes(content)
    (CORPUS / "good").write_bytes(saved({"a": values()["part"], "b": [values()["long"], values()["half"]]}))
    (CORPUS / "parameter").write_bytes(saved({"w": torch.nn.Parameter(torch.ones(2))}))
    print(sorted((path.name, path.stat().st_size) for path in GOOD.iterdir()))
