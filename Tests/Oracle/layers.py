"""Reference values of the layers that recipes compose: Tests/ModelTests/Fixtures/layers.safetensors. Run:
python3 Tests/Oracle/layers.py"""
import torch
from torch import nn
from formula import filled
from oracle import Fixture

with Fixture("ModelTests", "layers") as fixture:
    def case(name, module, shape, **options):
        """Applies a module with formula weights to a channels-last input, in training mode."""
        module = filled(module.double())

        def function(x):
            return module(x.movedim(-1, 1) if x.dim() > 2 else x).movedim(1, -1) if x.dim() > 2 else module(x)
        fixture.case(name, function, {"x": shape}, **options)

    for inputs, outputs, kernel, stride, padding, groups, shape in [
        (3, 5, [3], [1], [1], 1, (2, 9, 3)), (4, 8, [5], [2], [0], 2, (2, 11, 4)), (6, 6, [4], [1], [2], 6, (2, 8, 6)),
        (3, 4, [3, 3], [2, 1], [1, 0], 1, (2, 8, 7, 3)), (4, 4, [3, 5], [1, 2], [1, 2], 4, (2, 6, 9, 4)),
        (2, 6, [2, 3, 3], [1, 2, 2], [0, 1, 1], 2, (1, 4, 7, 6, 2)),
    ]:
        make = [nn.Conv1d, nn.Conv2d, nn.Conv3d][len(kernel) - 1]
        case("convolution", make(inputs, outputs, kernel, stride, padding, groups=groups), shape,
             channels=[inputs, outputs], kernel=kernel, stride=stride, padding=padding, groups=groups)
    for kernel, stride, padding, shape in [
        ([3], [2], [1], (2, 9, 3)), ([2, 3], [2, 1], [1, 1], (2, 7, 6, 3)), ([2, 2, 2], [1, 2, 2], [0, 1, 1], (1, 4, 6, 5, 2)),
    ]:
        index = len(kernel) - 1
        case("max_pool", [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d][index](kernel, stride, padding), shape,
             kernel=kernel, stride=stride, padding=padding)
        case("mean_pool", [nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d][index](kernel, stride, padding), shape,
             kernel=kernel, stride=stride, padding=padding)
    case("batch_norm", nn.BatchNorm1d(4), (9, 4), channels=4)
    case("batch_norm", nn.BatchNorm2d(3), (2, 5, 4, 3), channels=3)
    fixture.case("layer_norm", filled(nn.LayerNorm(6).double()), {"x": (2, 5, 6)}, features=6)
    fixture.case("linear", filled(nn.Linear(6, 4).double()), {"x": (2, 5, 6)}, widths=[6, 4])
    lstm = filled(nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True).double())
    fixture.case("lstm", lambda x: lstm(x)[0], {"x": (2, 5, 4)}, widths=[4, 3], layers=2)
    for name in ["relu", "gelu", "silu", "sigmoid", "tanh"]:
        function = {"silu": "swish"}.get(name, name)
        fixture.case("activation", getattr(torch.nn.functional, name), {"x": ((4, 9), -4.0, 4.0)}, word=function)
