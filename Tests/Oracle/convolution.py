"""Convolutions, batch norm and pools in float64, channels-last: Tests/TensorTests/Fixtures/convolution.safetensors."""
import torch
import torch.nn.functional as F

from oracle import Fixture, pattern


def first(x):
    """Channels-last to PyTorch's channels-first."""
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


# input, weight [out, kernel..., in / groups], stride, padding, groups: pointwise, depthwise, dense and grouped, odd sizes.
CONV3D = [
    ((2, 3, 5, 7, 24), (54, 1, 1, 1, 24), (1, 1, 1), (0, 0, 0), 1),
    ((1, 2, 3, 5, 108), (48, 1, 1, 1, 108), (1, 1, 1), (0, 0, 0), 1),
    ((2, 4, 7, 9, 6), (5, 1, 1, 1, 6), (2, 2, 2), (0, 0, 0), 1),
    ((1, 3, 9, 11, 3), (24, 1, 3, 3, 3), (1, 2, 2), (0, 1, 1), 1),
    ((2, 4, 5, 6, 7), (9, 3, 3, 3, 7), (1, 1, 1), (1, 1, 1), 1),
    ((1, 5, 6, 7, 17), (3, 3, 2, 3, 17), (2, 1, 3), (1, 0, 2), 1),
    ((2, 9, 3, 4, 5), (4, 9, 1, 1, 5), (1, 1, 1), (4, 0, 0), 1),
    ((2, 5, 6, 7, 54), (54, 3, 3, 3, 1), (1, 1, 1), (1, 1, 1), 54),
    ((1, 4, 14, 14, 130), (130, 3, 3, 3, 1), (1, 1, 1), (1, 1, 1), 130),
    ((2, 4, 9, 8, 20), (20, 3, 3, 3, 1), (1, 2, 2), (1, 1, 1), 20),
    ((1, 7, 5, 3, 24), (24, 5, 1, 1, 1), (1, 1, 1), (2, 0, 0), 24),
    ((2, 6, 7, 10, 13), (13, 3, 5, 2, 1), (2, 1, 3), (0, 2, 1), 13),
    ((1, 3, 4, 5, 12), (8, 3, 3, 3, 3), (1, 2, 1), (1, 1, 1), 4),
    ((1, 2, 5, 5, 6), (12, 1, 3, 3, 1), (1, 1, 1), (0, 1, 1), 6),
]
CONV2D = [
    ((2, 17, 23, 2), (16, 7, 7, 2), (2, 2), (3, 3), 1),
    ((2, 9, 8, 20), (24, 3, 3, 20), (1, 1), (1, 1), 1),
    ((1, 13, 11, 33), (17, 3, 3, 33), (2, 2), (1, 1), 1),
    ((2, 8, 7, 19), (40, 1, 1, 19), (2, 2), (0, 0), 1),
    ((1, 6, 7, 40), (33, 1, 1, 40), (1, 1), (0, 0), 1),
    ((1, 12, 5, 6), (6, 9, 1, 6), (1, 1), (4, 0), 1),
    ((1, 5, 12, 6), (7, 1, 9, 6), (1, 2), (0, 4), 1),
    ((1, 8, 9, 10), (10, 3, 3, 1), (1, 1), (1, 1), 10),
    ((1, 8, 9, 10), (10, 3, 3, 5), (1, 1), (1, 1), 2),
]
# input, activation, residual
NORMS = [
    ((3, 2, 5, 7, 54), "none", False),
    ((2, 4, 5, 9), "relu", False),
    ((2, 3, 3, 21), "swish", False),
    ((700, 13), "none", False),
    ((4, 9, 11, 24), "relu", True),
    ((2, 3, 5, 6, 16), "none", True),
]
# rank, input, kernel, stride, padding
POOLS = [
    (2, (2, 11, 13, 17), (3, 3), (2, 2), (1, 1)),
    (2, (1, 6, 7, 5), (2, 3), (2, 3), (0, 0)),
    (3, (2, 4, 6, 5, 20), (2, 3, 2), (1, 2, 1), (1, 0, 1)),
    (3, (1, 4, 7, 7, 9), (4, 7, 7), (1, 1, 1), (0, 0, 0)),
]


def convolution(function, stride, padding, groups):
    def run(x, weight, bias=None):
        return last(function(first(x), first(weight), bias, stride, padding, 1, groups))

    return run


def norm(activation, training):
    def run(x, scale, shift, mean, variance, residual=None):
        y = last(F.batch_norm(first(x), mean.clone(), variance.clone(), scale, shift, training, 0.1, 1e-5))
        y = y if residual is None else y + residual
        return {"none": y, "relu": F.relu(y), "swish": F.silu(y)}[activation]

    return run


with Fixture("TensorTests", "convolution") as fixture:
    for name, function, cases in (("conv3d", F.conv3d, CONV3D), ("conv2d", F.conv2d, CONV2D)):
        for number, (x, weight, stride, padding, groups) in enumerate(cases):
            inputs = {"x": x, "weight": weight}
            if number % 2:
                inputs["bias"] = (weight[0],)
            fixture.case(name, convolution(function, stride, padding, groups), inputs,
                         stride=stride, padding=padding, groups=groups)
    for x, activation, residual in NORMS:
        for training in (True, False):
            c = (x[-1],)
            inputs = {"x": (x, -1.0, 3.0), "scale": c, "shift": c, "mean": c, "variance": (c, 0.5, 2.0)}
            if residual:
                inputs["residual"] = x
            case = fixture.case("batch_norm", norm(activation, training), inputs, constants=("mean", "variance"),
                                activation=activation, training=training)
            if training:
                def given(key, shape, low, high):
                    return torch.from_numpy(pattern(f"{case}/{key}", shape, low, high)).double()

                m, v = given("mean", c, -1.0, 1.0), given("variance", c, 0.5, 2.0)
                F.batch_norm(first(given("x", x, -1.0, 3.0)), m, v, None, None, True, 0.1, 1e-5)
                fixture.value(case, "running_mean", m)
                fixture.value(case, "running_variance", v)
    for rank, x, kernel, stride, padding in POOLS:
        mean, largest = (F.avg_pool2d, F.max_pool2d) if rank == 2 else (F.avg_pool3d, F.max_pool3d)
        for name, function in (("avg_pool", mean), ("max_pool", largest)):
            fixture.case(f"{name}{rank}d", lambda x: last(function(first(x), kernel, stride, padding)), {"x": x},
                         kernel=kernel, stride=stride, padding=padding)
    for x in ((3, 2, 5, 7, 54), (2, 90, 3), (1, 40, 41, 50)):
        fixture.case("global_mean", lambda x: x.flatten(1, -2).mean(1), {"x": x})
        gate = (x[0],) + (1,) * (len(x) - 2) + (x[-1],)
        fixture.case("gated_swish", lambda x, gate: F.silu(x * gate), {"x": x, "gate": gate})
