"""Multiply-accumulate operations of the encoders as fvcore counts them: Tests/ModelTests/Fixtures/encoder_macs.json.

Of fvcore's operators those that multiply matrices: convolutions and linear layers. Needs torch, torchvision, pytorchvideo,
fvcore.
"""
import json
import logging
import pathlib

import torch
from encoders import R2Plus1D, ResNet, VGGish, X3D
from fvcore.nn import FlopCountAnalysis
from torchvision.models import resnet18, resnet50

PATH = pathlib.Path(__file__).parents[2] / "Tests/ModelTests/Fixtures/encoder_macs.json"
MODELS = [
    ("resnet18", {"input": "frames", "features": 1000}, ResNet(resnet18, 1000, input="frames"), (1, 1, 224, 224, 3)),
    ("resnet50", {"input": "frames", "features": 1000}, ResNet(resnet50, 1000, input="frames"), (1, 1, 224, 224, 3)),
    ("resnet18", {}, ResNet(resnet18, None), (1, 280, 96, 2)),
    ("resnet50", {}, ResNet(resnet50, None), (1, 280, 96, 2)),
    ("x3d", {"variant": "m", "features": 400}, X3D("m", 400), (1, 16, 224, 224, 3)),
    ("x3d", {"variant": "xs", "features": 400}, X3D("xs", 400), (1, 4, 160, 160, 3)),
    ("r2plus1d_18", {"features": 400}, R2Plus1D(400), (1, 16, 112, 112, 3)),
    ("vggish", {"channels": 1}, VGGish(None, 1), (1, 96, 64, 1)),
]

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    rows = []
    for name, options, model, shape in MODELS:
        with torch.no_grad():
            counts = FlopCountAnalysis(model.eval(), torch.zeros(shape)).by_operator()
        rows.append(dict(encoder=name, options=options, input=shape, macs=counts["conv"] + counts.get("linear", 0)))
        print(name, options, f"{rows[-1]['macs'] * 1e-9:.3f} GMAC", dict(counts))
    PATH.write_text(json.dumps(rows, indent=1) + "\n")
