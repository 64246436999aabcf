"""Compares `mvitv2` at full size with reference values, or with torchvision.

    swift build -c release --product dubkitPackageTests
    python3 scripts/dev/parity_mvit.py oracle FILE.json ...
    python3 scripts/dev/parity_mvit.py torchvision

    python3 scripts/dev/parity_mvit.py ties FILE.json
    python3 scripts/dev/parity_mvit.py checkpoint OUT.pt

`oracle`: the files have names and shapes of all weights, a formula for their values and those of the input, outputs in evaluation
and training (without drop path), and for each weight the norm of its gradient and its product with a fixed noise, computed in
float64. Evaluation must be within 1e-5 (relative, in norm), training within 1e-4, norms and products within 1e-3 of the
gradient's norm.

`torchvision`: the video tower with overlap against `mvit_v2_s` without its head, both with the same random weights; the bounds
are the same. torchvision scales the products of queries with position tables as published, so nothing but names differs.

Where two values under a maximum are equal but for rounding, the kit may choose the other one, under any instruction set: the
output stays the same, but gradients before that pool move by some thousandths. If gradients are off, `oracle` also runs
`ties`, which needs torch.

`ties`: the same network in PyTorch's float64 takes every maximum from the place that the kit took it from, found in the maps
that the kit gave to its pools. Where that is another place than its own, the two values may differ by 1e-5 of the root mean
square at most; and the kit's gradients must be within 1e-3 of those of this network, in norm.

DUBKIT_ISA, and with `baseline` also OPENBLAS_CORETYPE, change the kit's rounding.

`checkpoint`: writes a file with the keys of the released models, {"model": {"backbone.net.video...", "backbone.net.audio..."}},
and random weights (mvitv2 b, without overlap), to try 'dubkit weights' and 'dubkit embed --encoder' with.

Exits with 1 if anything differs. Needs numpy, safetensors; torch and torchvision for the other forms.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file, save_file

# The seed of the noise that gradients are multiplied by.
PRODUCT_SEED = 3000

ROOT = pathlib.Path(__file__).parents[2]


def noise(count, seed):
    place = np.arange(1, count + 1, dtype=np.float64)
    value = np.sin(12.9898 * place + 78.233 * (seed + 1)) * 43758.5453
    return 2 * (value - np.floor(value)) - 1


def weight(key, shape, seed):
    """The formula of the reference files."""
    if key.endswith("num_batches_tracked"):
        return np.full(shape, 7, np.int64)
    values = noise(int(np.prod(shape)), seed).reshape(shape)
    if key.endswith("running_var"):
        values = 1 + 0.5 * values
    elif len(shape) == 1 and key.endswith("weight"):
        values = 1 + 0.2 * values
    elif len(shape) == 1 or "rel_pos_" in key or key.endswith("cls_token"):
        values = 0.1 * values
    else:
        values = 1.7 * values / np.sqrt(values.size / shape[0])
    return values.astype(np.float32)


def run_kit(options, state, x, probe):
    """The kit's results: outputs of both modes, gradients, and the maps before pools by maximum."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        save_file(state, folder / "weights.safetensors")
        x = np.moveaxis(x, 1, -1) if x.ndim == 5 else np.transpose(x, (0, 3, 2, 1))
        save_file({"input": np.ascontiguousarray(x, np.float32), "seed": probe.astype(np.float32)},
                  folder / "data.safetensors")
        job = dict(encoder="mvitv2", integers={}, words={k: v for k, v in options.items() if isinstance(v, str)},
                   switches={k: v for k, v in options.items() if isinstance(v, bool)}, numbers=dict(drop_path=0.0),
                   inner="blocks%.%d+%.proj")
        (folder / "job.json").write_text(json.dumps(job))
        command = ["swift", "test", "-c", "release", "--skip-build", "--filter", "ParityJobTests"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                                env=dict(os.environ, DUBKIT_PARITY=str(folder)))
        if result.returncode or not (folder / "results.safetensors").exists():
            sys.exit(f"the kit failed:\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
        return load_file(folder / "results.safetensors")


def error(given, expected):
    """Relative, in norm. In the last block only the class token counts, so that some weights have no gradient."""
    expected = np.asarray(expected, np.float64)
    if not expected.any():
        return float(np.linalg.norm(given))
    return float(np.linalg.norm(given - expected) / np.linalg.norm(expected))


def problem(reference):
    """Options and weights of the kit's network, the input, and what the output is multiplied by."""
    state = {key: weight(key, shape, seed) for seed, (key, shape) in enumerate(reference["state"])}
    shape = reference["input_shape"]
    x = noise(int(np.prod(shape)), 1000).reshape(shape)
    options = dict(size=reference["size"].lower(), modality=reference["modality"], overlap=reference["patch_overlap"])
    return options, state, x, noise(2 * 768, 2000).reshape(2, 768)


def oracle(path):
    reference = json.loads(pathlib.Path(path).read_text())
    began = time.time()
    results = run_kit(*problem(reference))
    errors = [error(results["evaluation"], reference["eval"]), error(results["training"], reference["train"])]
    gradients = {key[9:]: value.astype(np.float64).reshape(-1) for key, value in results.items()
                 if key.startswith("training.")}
    # A shift of all keys changes no weight of attention: its gradient is zero but for rounding, and is measured against the
    # largest gradient.
    largest = max(reference["grad_norm"].values())
    scales = {key: norm if norm > 1e-9 * largest else 1e-4 * largest for key, norm in reference["grad_norm"].items()}
    norms = {key: abs(np.linalg.norm(gradients[key]) - norm) / scales[key] for key, norm in reference["grad_norm"].items()}
    products = {key: abs(gradients[key] @ noise(gradients[key].size, PRODUCT_SEED) - product) / scales[key]
                for key, product in reference["grad_dot_noise"].items()}
    count = sum(value.size for value in gradients.values())
    outputs = errors[0] < 1e-5 and errors[1] < 1e-4 and count == reference["parameters"]
    good = outputs and max(norms.values()) < 1e-3 and max(products.values()) < 1e-3
    (norm, worst), (product, off) = ((max(v.values()), max(v, key=v.get)) for v in (norms, products))
    verdict = "ok " if good else "see" if outputs else "BAD"
    print(f"{pathlib.Path(path).stem:24} {verdict} parameters {count} evaluation {errors[0]:.2g} "
          f"training {errors[1]:.2g} gradients: norms {norm:.2g} ({worst}), products {product:.2g} ({off}) of {len(norms)}, "
          f"{sum(max(norms[k], products[k]) > 1e-3 for k in norms)} beyond 1e-3 ({time.time() - began:.0f} s)", flush=True)
    return good or outputs and ties(path, results)


def torchvision_names(name):
    """torchvision's name for one of this kit's, without those of the stem's batch norm."""
    for pattern, replacement in [
        (r"^cls_token$", "pos_encoding.class_token"), (r"^patch_embed\.proj\.", "conv_proj."),
        (r"\.attn\.proj\.", ".attn.project.0."), (r"\.attn\.pool_(.)\.", r".attn.pool_\1.pool."),
        (r"\.attn\.norm_(.)\.", r".attn.pool_\1.norm_act.0."), (r"\.mlp\.fc1\.", ".mlp.0."),
        (r"\.mlp\.fc2\.", ".mlp.3."), (r"^(blocks\.\d+)\.proj\.", r"\1.project."),
    ]:
        name = re.sub(pattern, replacement, name)
    return name


def torchvision():
    import torch
    began = time.time()
    sys.path.insert(0, str(ROOT / "Tests/Oracle"))
    import torchvision_import  # noqa: F401
    import torchvision.models.video as models
    from mvit import Net
    torch.manual_seed(3)
    own = {key: value for key, value in Net("s", "video", True, 3).state_dict().items() if not key.startswith("patch_embed.norm")}
    model = models.mvit_v2_s(weights=None, stochastic_depth_prob=0.0)
    model.head = torch.nn.Identity()
    state = {}
    for key, value in own.items():
        values = torch.randn(value.shape) * (0.1 if value.ndim == 1 or "rel_pos" in key or key == "cls_token"
                                             else (value[0].numel()) ** -0.5)
        state[key] = values + 1 if re.search(r"norm\w*\.weight$", key) else values
    theirs = {torchvision_names(key): value for key, value in state.items()}
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    model.load_state_dict({key: value.reshape(shapes[key]) for key, value in theirs.items()}, strict=True)
    x, probe = torch.rand(2, 3, 16, 224, 224), torch.randn(2, 768)
    arrays = {key: value.numpy() for key, value in state.items()}
    # Running statistics that leave the input as it is.
    arrays |= {"patch_embed.norm.running_mean": np.zeros(3, np.float32), "patch_embed.norm.num_batches_tracked": np.array(7),
               "patch_embed.norm.running_var": np.full(3, 1 - 1e-5, np.float32)}
    results = run_kit(dict(size="s", modality="video", overlap=True), arrays, x.numpy(), probe.numpy())
    model, x = model.double(), x.double()
    good = True
    for mode, inputs in (("evaluation", x), ("training", torch.nn.functional.batch_norm(x, None, None, training=True))):
        model.zero_grad()
        # Both samples one after the other: the scores are whole matrices here.
        outputs = []
        for sample in range(2):
            output = model(inputs[sample:sample + 1])
            (output * probe[sample:sample + 1].double()).sum().backward()
            outputs.append(output.detach())
        gradients = {name: parameter.grad.numpy() for name, parameter in model.named_parameters()}
        off = error(results[mode], torch.cat(outputs).numpy())
        # Keys' shifts have no gradient but rounding.
        errors = {key: error(results[f"{mode}.{key}"].reshape(-1), gradients[torchvision_names(key)].reshape(-1))
                  for key in own if not key.endswith("norm_k.bias")}
        median = sorted(errors.values())[len(errors) // 2]
        worst = max(errors, key=errors.get)
        good = good and off < (1e-5 if mode == "evaluation" else 1e-4) and errors[worst] < 1e-2 and median < 1e-3
        print(f"torchvision mvit_v2_s {mode}: output {off:.2g}, gradients {median:.2g} (median), {errors[worst]:.2g} ({worst})",
              flush=True)
    print(f"{'ok' if good else 'BAD'} ({time.time() - began:.0f} s)")
    return good


def ties(path, results=None):
    """Whether the kit's gradients are those of float64 with every maximum from the same place."""
    import torch
    import torch.nn.functional as F
    sys.path.insert(0, str(ROOT / "Tests/Oracle"))
    from torch.utils.checkpoint import checkpoint as recomputed
    from mvit import Net
    reference = json.loads(pathlib.Path(path).read_text())
    options, state, x, probe = problem(reference)
    results = results or run_kit(options, state, x, probe)
    video = reference["modality"] == "video"
    model = Net(options["size"], options["modality"], options["overlap"], 3 if video else 1)
    model.load_state_dict({key: torch.from_numpy(np.asarray(values)) for key, values in state.items()})
    model.double().train()
    # Each block computes its scores again in backward: they are whole matrices here.
    for block in model.blocks:
        block.forward = (lambda own: lambda *inputs: recomputed(own, *inputs, use_reentrant=False))(block.forward)
    x, probe = (torch.from_numpy(values.astype(np.float32)).double() for values in (x, probe))
    # The maps before pools, without the class token, and what came of them, by their width: each pool has its own.
    given = {values.shape[2]: torch.from_numpy(values[:, 1 if video else 0:]).mT
             for key, values in results.items() if key.startswith("inner.")}
    places, lines, largest_gap, pool = {}, [], 0.0, F.max_pool3d

    def comparing(maps, kernel, stride, padding):
        nonlocal largest_gap
        width = maps.shape[1]
        if width not in places:
            # With indices of channels-last maps, views would be copies.
            exact = maps.detach().contiguous()
            kit = given[width].unflatten(2, maps.shape[2:]).contiguous()
            first, own = pool(exact, kernel, stride, padding, return_indices=True)
            places[width] = pool(kit, kernel, stride, padding, return_indices=True)[1]
            second = exact.flatten(2).gather(2, places[width].flatten(2)).view(own.shape)
            scale = exact.square().mean().sqrt()
            gap, others = float((first - second).max() / scale), int((places[width] != own).sum())
            largest_gap = max(largest_gap, gap)
            lines.append(f"  width {width}: the kit's map is off by {error(kit.numpy(), exact.numpy()):.2g}, by "
                         f"{float((kit - exact).abs().max() / scale):.2g} of the root mean square at most; {others} of "
                         f"{own.numel()} maxima from another place, where the value is smaller by {gap:.2g} at most")
        return pool(maps, kernel, stride, padding)

    def following(maps, kernel, stride, padding):
        chosen = places[maps.shape[1]]
        return maps.flatten(2).gather(2, chosen.flatten(2)).view(chosen.shape)

    def run(form):
        F.max_pool3d = form
        model.zero_grad()
        output = model(x)
        (output * probe).sum().backward()
        F.max_pool3d = pool
        return output.detach().numpy(), {name: p.grad.numpy().copy() for name, p in model.named_parameters()}

    def off(given, expected):
        # Keys' shifts have no gradient but rounding.
        return {key: error(given[key].reshape(-1), value.reshape(-1)) for key, value in expected.items()
                if not key.endswith("norm_k.bias")}

    def largest(values):
        worst = max(values, key=values.get)
        return f"{values[worst]:.2g} ({worst}), {sum(v > 1e-3 for v in values.values())} of {len(values)} beyond 1e-3"

    kit = {key[9:]: values for key, values in results.items() if key.startswith("training.")}
    output, exact = run(comparing)
    lines.append(f"  the kit's gradients are off by {largest(off(kit, exact))}")
    print(pathlib.Path(path).stem, *lines, sep="\n", flush=True)
    if largest_gap == 0:
        return max(off(kit, exact).values()) < 1e-3
    moved, followed = run(following)
    good = largest_gap < 1e-5 and max(off(kit, followed).values()) < 1e-3 and error(results["training"], moved) < 1e-4
    print(f"  {'ok ' if good else 'BAD'} with the kit's choice of places, float64's output moves by "
          f"{error(moved, output):.2g} and its gradients by {largest(off(followed, exact))}; the kit's gradients are off from "
          f"these by {largest(off(kit, followed))}", flush=True)
    return good


def checkpoint(path):
    import torch
    sys.path.insert(0, str(ROOT / "Tests/Oracle"))
    from mvit import Net
    torch.manual_seed(5)
    state = {}
    for modality in ("video", "audio"):
        net = Net("b", modality, False, 1)
        for name, parameter in net.named_parameters():
            if "rel_pos" in name or name == "cls_token":
                torch.nn.init.normal_(parameter, std=0.02)
        state |= {f"backbone.net.{modality}.{key}": value for key, value in net.state_dict().items()}
    torch.save({"model": state}, path)
    print(f"{path}: {len(state)} tensors")
    return True


def main(form, *paths):
    forms = {"oracle": lambda: all([oracle(path) for path in paths]), "torchvision": torchvision,
             "ties": lambda: all([ties(path) for path in paths]), "checkpoint": lambda: checkpoint(*paths)}
    sys.exit(0 if forms[form]() else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
