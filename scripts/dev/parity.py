"""Compares the encoders at full size with pytorchvideo's and torchvision's; weights are exchanged in both directions.

    swift build -c release --product dubkitPackageTests && python3 scripts/dev/parity.py [--seed N] [name ...]

For each model: PyTorch saves its weights with the public safetensors package; this kit loads them (strictly), runs
evaluation, training and backward, and saves them again; PyTorch loads that file with load_state_dict(strict=True) and must
find the same bits. Outputs are compared with PyTorch in float64 (relative in norm): evaluation within 1e-5, training
within 1e-4. The distance of gradients from float64 must be at most twice that of PyTorch's own float32, for all of them
together and for the median parameter. One ReLU or maximum that falls the other way changes the gradients of evaluation by
1e-4, so try another seed before looking for a fault. Exits with 1 if anything differs.

Needs torch, torchvision, pytorchvideo, safetensors.
"""
import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import torch

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "Tests/Oracle"))
from encoders import X3D, Acoustic, R2Plus1D, ResNet, error, passes  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from torchvision.models import resnet18, resnet50  # noqa: E402

# name: encoder, options, PyTorch's model, input [batch, time, (height, width | mel), channels]
CASES = {
    "x3d_xs": ("x3d", dict(variant="xs"), lambda: X3D("xs", None), (4, 4, 160, 160, 3)),
    "x3d_s": ("x3d", dict(variant="s", features=128), lambda: X3D("s", 128), (2, 13, 160, 160, 3)),
    "x3d_m": ("x3d", dict(variant="m"), lambda: X3D("m", None), (2, 16, 224, 224, 3)),
    "x3d_m_400": ("x3d", dict(variant="m", features=400), lambda: X3D("m", 400), (1, 16, 224, 224, 3)),
    "x3d_l": ("x3d", dict(variant="l"), lambda: X3D("l", None), (1, 16, 312, 312, 3)),
    "acoustic_resnet50": ("acoustic_resnet50", {}, lambda: Acoustic(None), (4, 280, 96, 2)),
    "acoustic_resnet50_1024": ("acoustic_resnet50", dict(features=1024), lambda: Acoustic(1024), (2, 288, 96, 2)),
    "resnet50": ("resnet50", {}, lambda: ResNet(resnet50, None), (8, 280, 96, 2)),
    "resnet18": ("resnet18", {}, lambda: ResNet(resnet18, None), (8, 280, 96, 2)),
    "r2plus1d_18": ("r2plus1d_18", {}, lambda: R2Plus1D(None), (2, 16, 112, 112, 3)),
    "resnet50_1024": ("resnet50", dict(features=1024), lambda: ResNet(resnet50, 1024), (4, 288, 96, 2)),
}


def randomised(model):
    """Initial weights with norms away from 0 and 1, as after some training."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
            module.bias.data.uniform_(-0.2, 0.2, generator=generator)
            module.running_mean.uniform_(-0.2, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            module.num_batches_tracked.fill_(7)
    return model


def run_kit(folder):
    command = ["swift", "test", "-c", "release", "--skip-build", "--filter", "ParityJobTests"]
    result = subprocess.run(command, cwd=ROOT, env=dict(os.environ, DUBKIT_PARITY=str(folder)), capture_output=True, text=True)
    if result.returncode or not (folder / "results.safetensors").exists():
        sys.exit(f"the kit failed:\n{result.stdout[-3000:]}{result.stderr[-3000:]}")


def total_error(given, expected):
    """The relative error of all gradients together."""
    difference = sum(float((given[k].double() - expected[k]).norm() ** 2) for k in expected)
    return (difference / sum(float(expected[k].norm() ** 2) for k in expected)) ** 0.5


def median_ratio(kit, single, double):
    """The kit's error against float64 divided by that of PyTorch's float32, for the median parameter."""
    ratios = [error(kit[k], double[k]) / max(error(single[k], double[k]), 1e-7) for k in double if double[k].norm() > 0]
    return sorted(ratios)[len(ratios) // 2]


def compare(name, seed):
    encoder, options, make, shape = CASES[name]
    torch.manual_seed(seed)
    model = randomised(make())
    x = torch.randn(shape)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        state = {key: value.contiguous() for key, value in model.net.state_dict().items()}
        save_file(state, folder / "weights.safetensors")
        with torch.no_grad():
            start = torch.randn(copy.deepcopy(model).eval()(x[:1]).shape[1:]).expand(shape[0], -1)
        start = start * torch.rand(shape[0], 1)
        save_file({"input": x, "seed": start.contiguous()}, folder / "data.safetensors")
        words = {k: v for k, v in options.items() if isinstance(v, str)}
        integers = {k: v for k, v in options.items() if isinstance(v, int)}
        (folder / "job.json").write_text(json.dumps(dict(encoder=encoder, integers=integers, words=words)))
        began = time.time()
        run_kit(folder)
        results, saved = load_file(folder / "results.safetensors"), load_file(folder / "saved.safetensors")
    make().net.load_state_dict(saved, strict=True)
    same = all(torch.equal(saved[key], state[key]) for key in state)
    single = passes(copy.deepcopy(model), x, start)
    double = passes(copy.deepcopy(model).double(), x.double(), start.double())
    def gradients(mode):
        return {k[len(mode) + 1:]: v for k, v in results.items() if k.startswith(mode + ".")}

    def gradient_errors(mode, at):
        return total_error(gradients(mode), double[at]), total_error(single[at], double[at])

    (evaluation, torch_evaluation), (training, torch_training) = gradient_errors("evaluation", 1), gradient_errors("training", 3)
    figures = dict(
        evaluation=error(results["evaluation"], double[0]), training=error(results["training"], double[2]),
        torch_training=error(single[2], double[2]), evaluation_gradients=evaluation, torch_evaluation_gradients=torch_evaluation,
        training_gradients=training, torch_training_gradients=torch_training,
        median_ratio=median_ratio(gradients("training"), single[3], double[3]))
    good = (same and gradients("training").keys() == double[3].keys() and figures["evaluation"] < 1e-5
            and figures["training"] < 1e-4 and evaluation <= max(2 * torch_evaluation, 1e-5)
            and training <= 2 * torch_training and figures["median_ratio"] <= 2)
    print(f"{name:24} {'ok ' if good else 'BAD'} state dict {'equal' if same else 'DIFFERS'}",
          *(f"{key} {value:.2g}" for key, value in figures.items()), f"({time.time() - began:.0f} s)", flush=True)
    return good


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--seed", type=int, default=0)
    arguments = arguments.parse_args()
    sys.exit(0 if all([compare(name, arguments.seed) for name in arguments.names or CASES]) else 1)
