"""The verdicts of the reference implementation of safetensors on well-formed and malformed files.

Writes Tests/ModelTests/Fixtures/safetensors.json: the files (base64), whether Python's safetensors accepts them, and
the values it and numpy read. `stricter` marks what this kit refuses on purpose though Python accepts it.
Needs: safetensors, numpy, torch.
"""
import base64
import json
import pathlib
import struct

import torch
from safetensors import deserialize
from safetensors.torch import save

OUT = pathlib.Path(__file__).parents[2] / "Tests/ModelTests/Fixtures/safetensors.json"


def file(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def info(dtype="F32", shape=(2,), offsets=(0, 8), **extra):
    return dict(dtype=dtype, shape=list(shape), data_offsets=list(offsets), **extra)


A = json.dumps(info())
Z = bytes(8)
STRICTER = {
    "duplicate name": file(f'{{"a":{A},"a":{A}}}', Z),
    "duplicate metadata key": file(f'{{"__metadata__":{{"x":"1","x":"2"}},"a":{A}}}', Z),
    "NUL in a name": file(f'{{"a\\u0000b":{A}}}', Z),
    "tensor as a list": file('{"a":["F32",[2],[0,8]]}', Z),
    "overflow behind an empty axis": file({"a": info(shape=(0, 2**63, 4), offsets=(0, 0))}),
}
CASES = {
    "one tensor": file({"a": info()}, Z),
    "no tensor": file("{}"),
    "padded with spaces": file("{}      "),
    "white space inside": file(f'{{ \t\r\n"a" : {A}}}', Z),
    "leading space": file(" {}"),
    "empty file": b"",
    "seven bytes": b"1234567",
    "empty header": file(b""),
    "header is an array": file("[]"),
    "NUL after the header": file(b"{}\0\0"),
    "header over 100 MB": file("{}", length=100_000_001),
    "header of 100 MB in a small file": file("{}", length=100_000_000),
    "header of 2^64 - 1 bytes": file("{}", length=2**64 - 1),
    "header past the end": file("{}", length=3),
    "duplicate name, other place": file('{"a":%s,"a":%s}' % (A, json.dumps(info(offsets=(8, 16)))), Z + Z),
    "duplicate name, escaped": file('{"a":%s,"\\u0061":%s}' % (A, json.dumps(info(offsets=(8, 16)))), Z + Z),
    "duplicate field": file('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', Z),
    "duplicate metadata": file(f'{{"__metadata__":{{"x":"1"}},"__metadata__":{{"x":"1"}},"a":{A}}}', Z),
    "unknown field": file({"a": info(extra=[1, {"b": None}, "c", -1.5e3, True])}, Z),
    "missing field": file('{"a":{"shape":[2],"data_offsets":[0,8]}}', Z),
    "tensor is null": file('{"a":null}'),
    "tensor is a number": file('{"a":1}'),
    "truncated data": file({"a": info()}, bytes(7)),
    "bytes at the end": file({"a": info()}, bytes(9)),
    "overlap": file({"a": info(), "b": info(offsets=(4, 12))}, bytes(12)),
    "same bytes twice": file({"a": info(), "b": info()}, Z),
    "hole": file({"a": info(), "b": info(offsets=(12, 20))}, bytes(20)),
    "hole at the start": file({"a": info(offsets=(4, 12))}, bytes(12)),
    "data in another order": file({"a": info(offsets=(8, 16)), "b": info()}, Z + Z),
    "offsets reversed": file({"a": info(offsets=(8, 0))}, Z),
    "negative offset": file({"a": info(offsets=(-8, 0))}, Z),
    "offset with a fraction": file({"a": info(offsets=(0, 8.0))}, Z),
    "extent with an exponent": file('{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', Z),
    "extent with a leading zero": file('{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', Z),
    "extent with a sign": file('{"a":{"dtype":"F32","shape":[+2],"data_offsets":[0,8]}}', Z),
    "extent of minus zero": file('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}'),
    "three offsets": file({"a": info(offsets=(0, 8, 9))}, Z),
    "one offset": file({"a": info(offsets=(0,))}, Z),
    "size and offsets differ": file({"a": info(shape=(3,))}, Z),
    "size overflows": file({"a": info(shape=(2**62, 4), offsets=(0, 0))}),
    "size overflows before an empty axis": file({"a": info(shape=(2**63, 4, 0), offsets=(0, 0))}),
    "bytes overflow": file({"a": info(shape=(2**62,), offsets=(0, 0))}),
    "extent of 2^64": file('{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,0]}}'),
    "extent of 2^64 - 1": file({"a": info("U8", (2**64 - 1,), (0, 2**64 - 1))}),
    "offsets near 2^64": file({"a": info(offsets=(2**64 - 8, 2**64 - 1))}),
    "unknown dtype": file({"a": info("F31")}, Z),
    "dtype in lower case": file({"a": info("f32")}, Z),
    "dtype with an escape": file('{"a":{"dtype":"F\\u00332","shape":[2],"data_offsets":[0,8]}}', Z),
    "scalar": file({"a": info(shape=(), offsets=(0, 4))}, bytes(4)),
    "empty tensor": file({"a": info(shape=(0,), offsets=(0, 0))}),
    "two empty tensors": file({"a": info(shape=(0,), offsets=(0, 0)), "b": info(shape=(3, 0), offsets=(0, 0))}),
    "empty tensor in between": file({"a": info(), "z": info(shape=(0,), offsets=(8, 8)), "b": info(offsets=(8, 16))}, Z + Z),
    "empty tensor in a wrong place": file({"a": info(), "z": info(shape=(0,), offsets=(4, 4))}, Z),
    "unaligned": file({"a": info("U8", (1,), (0, 1)), "b": info(offsets=(1, 9))}, bytes(9)),
    "empty name": file({"": info()}, Z),
    "control character in a name": file(f'{{"a\tb":{A}}}', Z),
    "name is not UTF-8": file(b'{"a\xff":' + A.encode() + b"}", Z),
    "lone surrogate": file(f'{{"\\ud800":{A}}}', Z),
    "lone low surrogate": file(f'{{"\\udc00":{A}}}', Z),
    "surrogate pair": file(f'{{"\\ud83d\\ude00":{A}}}', Z),
    "unknown escape": file(f'{{"\\q":{A}}}', Z),
    "short escape": file(f'{{"\\u12":{A}}}', Z),
    "metadata": file({"__metadata__": {"k": "v"}, "a": info()}, Z),
    "metadata is null": file({"__metadata__": None, "a": info()}, Z),
    "metadata with a number": file({"__metadata__": {"k": 1}, "a": info()}, Z),
    "metadata with an object": file({"__metadata__": {"k": {}}, "a": info()}, Z),
    "metadata is a string": file('{"__metadata__":"x"}'),
    "trailing comma": file(f'{{"a":{A},}}', Z),
    "comment": file("{/*x*/}"),
    "text after the header": file("{}x"),
    "two headers": file("{}{}"),
    "byte order mark": file(b"\xef\xbb\xbf{}"),
    "header ends early": file('{"a":'),
    "string ends early": file('{"a'),
    "nested 200 deep": file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":%s}}' % ("[" * 200 + "]" * 200), Z),
    "nested 100 deep": file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":%s}}' % ("[" * 100 + "]" * 100), Z),
    "number out of range": file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1e999}}', Z),
    "F4 of two": file({"a": info("F4", (2,), (0, 1))}, bytes(1)),
    "F4 of three": file({"a": info("F4", (3,), (0, 1))}, bytes(1)),
    "F8": file({"a": info("F8_E4M3", (3,), (0, 3))}, bytes(3)),
    "C64": file({"a": info("C64", (1,), (0, 8))}, Z),
}


def accepted(data):
    try:
        deserialize(data)
        return True
    except Exception:
        return False


cases = []
for stricter, group in ((False, CASES), (True, STRICTER)):
    for name, data in group.items():
        cases.append(dict(name=name, file=base64.b64encode(data).decode(), accepted=accepted(data), stricter=stricter))

numbers = torch.tensor([[0.0, -0.0, 1.0, -2.5], [65504.0, 6e-8, 3.140625, -1e-3]], dtype=torch.float64)
tensors = {
    "f64": numbers * 1.0000000001, "f32": numbers.float() * 1.1, "f16": numbers.half(), "bf16": numbers.bfloat16(),
    "i64": torch.tensor([-5, 2**40]), "i32": torch.tensor([7, -(2**31)], dtype=torch.int32),
    "i16": torch.tensor([-300, 300], dtype=torch.int16), "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "u8": torch.tensor([0, 255], dtype=torch.uint8), "bool": torch.tensor([True, False]), "scalar": torch.tensor(3),
}
typed = dict(
    file=base64.b64encode(save(tensors, {"by": "torch"})).decode(),
    values={name: [float(x) for x in tensor.float().flatten()] for name, tensor in tensors.items()},
    shapes={name: list(tensor.shape) for name, tensor in tensors.items()},
)
OUT.write_text(json.dumps(dict(cases=cases, typed=typed), indent=0) + "\n")
print(f"{OUT}: {len(cases)} files, {sum(c['accepted'] for c in cases)} accepted, {OUT.stat().st_size} bytes")
