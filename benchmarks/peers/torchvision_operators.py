"""Makes torchvision, and packages that build on it, importable with a torch whose version does not match torchvision's
binary operators. The parts used here are plain Python and do not need the operators."""
import sys

import torch

library = torch.library.Library("torchvision", "DEF")
for operator in (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
):
    try:
        library.define(operator)
    except RuntimeError:
        pass  # torchvision's own operators did load

import torchvision.transforms._functional_tensor as functional  # noqa: E402

sys.modules.setdefault("torchvision.transforms.functional_tensor", functional)
