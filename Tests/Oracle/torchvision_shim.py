"""Import this before torchvision, pytorchvideo or lightly where only CPU torch is installed.

torchvision's wheel is a CUDA build whose C++ operators do not load then; declaring the two operators for which its Python
side registers shapes lets the models, which are pure Python, import.
"""
import importlib
import sys

import torch

_library = torch.library.Library("torchvision", "DEF")
for _operator in ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
                  "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"):
    try:
        _library.define(_operator)
    except RuntimeError:
        pass  # the real operators are there
importlib.import_module("torchvision")
sys.modules.setdefault(
    "torchvision.transforms.functional_tensor", importlib.import_module("torchvision.transforms._functional_tensor"))
