"""Loads the encoders of a checkpoint into pytorchvideo's and torchvision's models, with strict=True.

    dubkit run scripts/pretrain/simclr_av.lua --set scale=paper --set steps=1 --set batch=2 --set k=2
    python3 scripts/dev/checkpoint.py runs/simclr_av/<time>/latest

In `model` and in `average` (if the run keeps one), the names under `video.` and `audio.` must be exactly those of X3D-M and
the acoustic ResNet-50 with the recipe's 1024 features, and the shapes must be the same. Exits with 1 if anything differs.
Needs torch, torchvision, pytorchvideo, safetensors.
"""
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Tests/Oracle"))
from encoders import X3D, Acoustic  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

MODELS = {"video": lambda: X3D("m", 1024), "audio": lambda: Acoustic(1024)}


def load(path):
    state = load_file(path)
    for prefix, make in MODELS.items():
        part = {name[len(prefix) + 1:]: value for name, value in state.items() if name.startswith(prefix + ".")}
        model = make().net
        model.load_state_dict(part, strict=True)
        moved = sum(int(value) for name, value in part.items() if name.endswith("num_batches_tracked"))
        finite = all(bool(torch.isfinite(value).all()) for value in part.values())
        print(f"{path.name}: {prefix}: {len(part)} tensors, strict; finite {finite}; batches tracked {moved}")
        if not finite or moved == 0:
            sys.exit(1)


folder = pathlib.Path(sys.argv[1])
load(folder / "model.safetensors")
if (folder / "average.safetensors").exists():
    load(folder / "average.safetensors")
