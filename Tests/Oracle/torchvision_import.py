"""torchvision from PyPI with a CPU-only torch: its C++ operators do not load, but its Python works without them.

    from torchvision_import import torchvision
"""
import torch

try:
    import torchvision
except RuntimeError:
    # Importing it registers fakes for two operators, which must therefore exist.
    _library = torch.library.Library("torchvision", "DEF")
    for _name in ("nms", "qnms"):
        _library.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
