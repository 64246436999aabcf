"""Compares `mvitv2` at full size with reference values, or with torchvision.

    swift build -c release --product dubkitPackageTests
    python3 scripts/dev/parity_mvit.py oracle FILE.json ...
    python3 scripts/dev/parity_mvit.py torchvision

`oracle`: the files have names and shapes of all weights, a formula for their values and those of the input, outputs in evaluation
and training (without drop path), and for each weight the norm of its gradient and its product with a fixed noise, computed in
float64. Evaluation must be within 1e-5 (relative, in norm), training within 1e-4, norms and products within 1e-3 of the
gradient's norm.

`torchvision`: the video tower with overlap against `mvit_v2_s` without its head, both with the same random weights; the bounds
are the same. torchvision scales the products of queries with position tables as published, so nothing but names differs.

Exits with 1 if anything differs. Needs numpy, safetensors; torch and torchvision for the second form.
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
    """The kit's results: outputs of both modes and gradients."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        save_file(state, folder / "weights.safetensors")
        x = np.moveaxis(x, 1, -1) if x.ndim == 5 else np.transpose(x, (0, 3, 2, 1))
        save_file({"input": np.ascontiguousarray(x, np.float32), "seed": probe.astype(np.float32)},
                  folder / "data.safetensors")
        job = dict(encoder="mvitv2", integers={}, words={k: v for k, v in options.items() if isinstance(v, str)},
                   switches={k: v for k, v in options.items() if isinstance(v, bool)}, numbers=dict(drop_path=0.0))
        (folder / "job.json").write_text(json.dumps(job))
        command = ["swift", "test", "-c", "release", "--skip-build", "--filter", "ParityJobTests"]
        result = subprocess.run(command, cwd=ROOT, env=dict(os.environ, DUBKIT_PARITY=str(folder)), capture_output=True,
                                text=True)
        if result.returncode or not (folder / "results.safetensors").exists():
            sys.exit(f"the kit failed:\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
        return load_file(folder / "results.safetensors")


def error(given, expected):
    expected = np.asarray(expected, np.float64)
    return float(np.linalg.norm(given - expected) / np.linalg.norm(expected))


def oracle(path):
    reference = json.loads(pathlib.Path(path).read_text())
    began = time.time()
    state = {key: weight(key, shape, seed) for seed, (key, shape) in enumerate(reference["state"])}
    shape = reference["input_shape"]
    x = noise(int(np.prod(shape)), 1000).reshape(shape)
    probe = noise(2 * 768, 2000).reshape(2, 768)
    options = dict(size=reference["size"].lower(), modality=reference["modality"], overlap=reference["patch_overlap"])
    results = run_kit(options, state, x, probe)
    errors = [error(results["evaluation"], reference["eval"]), error(results["training"], reference["train"])]
    # A shift of all keys changes no weight of attention: its gradient is zero but for rounding, and is measured against the
    # largest gradient.
    largest = max(reference["grad_norm"].values())
    norms, products = {}, {}
    for key, norm in reference["grad_norm"].items():
        gradient = results["training." + key].astype(np.float64).reshape(-1)
        scale = norm if norm > 1e-9 * largest else 1e-4 * largest
        norms[key] = abs(np.linalg.norm(gradient) - norm) / scale
        products[key] = abs(gradient @ noise(gradient.size, PRODUCT_SEED) - reference["grad_dot_noise"][key]) / scale
    worst = [max(values.items(), key=lambda pair: pair[1]) for values in (norms, products)]
    count = sum(value.size for key, value in results.items() if key.startswith("training."))
    good = (errors[0] < 1e-5 and errors[1] < 1e-4 and worst[0][1] < 1e-3 and worst[1][1] < 1e-3
            and count == reference["parameters"])
    print(f"{pathlib.Path(path).stem:24} {'ok ' if good else 'BAD'} parameters {count} evaluation {errors[0]:.2g} "
          f"training {errors[1]:.2g} gradients: norms {worst[0][1]:.2g} ({worst[0][0]}), products {worst[1][1]:.2g} "
          f"({worst[1][0]}) of {len(norms)} ({time.time() - began:.0f} s)", flush=True)
    return good


def main(form, *paths):
    good = [oracle(path) for path in paths] if form == "oracle" else [torchvision()]
    sys.exit(0 if good and all(good) else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
