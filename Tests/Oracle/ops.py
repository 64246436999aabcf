"""Reference values of the tensor ops: Tests/TensorTests/Fixtures/ops.safetensors. Run: python3 Tests/Oracle/ops.py"""
import torch
import torch.nn.functional as F

from oracle import Fixture

SHAPES = [(), (7,), (13, 33), (3, 1, 5, 7, 2)]
POSITIVE = (0.05, 4.0)
WIDE = (-6.0, 6.0)
# Operands for every kind of broadcasting: same shape, scalar, channel, gate of a sample and channel, both sides, new
# axes.
PAIRS = [
    ((), ()), ((3, 7), (3, 7)), ((5, 13), ()), ((), (5, 13)), ((4, 9, 33), (33,)), ((33,), (4, 9, 33)),
    ((2, 3, 4, 5, 13), (2, 1, 1, 1, 13)), ((2, 1, 1, 1, 13), (2, 3, 4, 5, 13)), ((7, 1), (1, 9)), ((3, 1, 5), (4, 1)),
    ((1, 1), (1,)), ((6, 1, 3, 1), (5, 1, 7)), ((130, 17), (130, 1)),
]


def ranged(shape, bounds):
    return (shape, *bounds)


def elementwise(fixture):
    for name, function, bounds in [
        ("exp", torch.exp, WIDE), ("log", torch.log, (1e-3, 9.0)), ("sqrt", torch.sqrt, POSITIVE),
        ("sin", torch.sin, WIDE), ("cos", torch.cos, WIDE),
        ("abs", torch.abs, WIDE), ("squared", torch.square, WIDE), ("negative", torch.neg, WIDE),
        ("relu", torch.relu, WIDE), ("sigmoid", torch.sigmoid, (-3.0, 3.0)), ("tanh", torch.tanh, (-3.0, 3.0)),
        ("swish", F.silu, (-12.0, 12.0)), ("gelu", F.gelu, WIDE),
    ]:
        for shape in SHAPES:
            fixture.case(name, function, {"x": ranged(shape, bounds)})
    for low, high in [(-1.0, 2.0), (-0.5, 100.0)]:
        fixture.case("clamp", lambda x: torch.clamp(x, low, high), {"x": ranged((7, 33), WIDE)}, low=low, high=high)
    for exponent in [-2.0, -1.0, 0.0, 0.5, 1.0, 1.7, 2.0, 3.0]:
        for shape in [(), (5, 13)]:
            fixture.case("power", lambda x: x**exponent, {"x": ranged(shape, POSITIVE)}, exponent=exponent)


def arithmetic(fixture):
    for name, function in [
        ("add", torch.add), ("subtract", torch.sub), ("multiply", torch.mul), ("divide", torch.div),
        ("maximum", torch.maximum), ("minimum", torch.minimum), ("power_of", torch.pow),
    ]:
        for a, b in PAIRS:
            bounds = POSITIVE if name in ("divide", "power_of") else (-1.0, 1.0)
            fixture.case(name, lambda a, b: function(a, b), {"a": ranged(a, bounds), "b": ranged(b, bounds)})
    for number in [-2.5, 0.75]:
        for name, function in [
            ("add_number", lambda x: x + number), ("subtract_number", lambda x: x - number),
            ("from_number", lambda x: number - x), ("multiply_number", lambda x: x * number),
            ("divide_number", lambda x: x / number), ("number_by", lambda x: number / x),
        ]:
            fixture.case(name, function, {"x": ranged((3, 13), POSITIVE)}, number=number)
    for before, after in [((), (3, 5)), ((7,), (5, 7)), ((3, 1, 5), (3, 4, 5)), ((1, 1), (2, 33, 13))]:
        fixture.case("broadcast", lambda x: x.expand(after) * 1, {"x": before}, shape=list(after))


def reductions(fixture):
    cases = [
        ((), [], False), ((7,), [0], False), ((7,), [0], True), ((1,), [0], False), ((3, 5), [1], False),
        ((3, 5), [0], True), ((13, 33), [0, 1], False), ((2, 3, 4, 5), [1, 2], True), ((2, 3, 4, 5), [0, 2], False),
        ((2, 3, 4, 5), [-1], False), ((3, 1, 5, 7, 2), [1, 3], True), ((3, 7, 130), [0, 2], False),
        ((2, 37, 7, 140), [1, 2], False), ((1030, 3), [0], False), ((3000, 260), [0], False), ((3, 40000), [1], False),
    ]
    functions = {
        "sum": lambda x, axes, keep: x.sum(axes, keepdim=keep), "mean": lambda x, axes, keep: x.mean(axes, keepdim=keep),
        "max": lambda x, axes, keep: x.amax(axes, keepdim=keep), "min": lambda x, axes, keep: x.amin(axes, keepdim=keep),
    }
    for name, function in functions.items():
        for shape, axes, keep in cases:
            fixture.case(name, lambda x: function(x, axes, keep) if axes else x * 1, {"x": shape}, axes=axes, keep=keep)
    for shape, axes, keep in cases[4:]:
        for correction in (0, 1):
            fixture.case("variance", lambda x: x.var(axes, correction=correction, keepdim=keep), {"x": shape},
                         axes=axes, keep=keep, correction=correction)


def products(fixture):
    def case(a, b, ta=False, tb=False):
        def function(a, b):
            return torch.matmul(a.mT if ta else a, b.mT if tb else b)
        fixture.case("matmul", function, {"a": a, "b": b}, transposeA=ta, transposeB=tb)

    for m, k, n in [(1, 1, 1), (3, 7, 5), (13, 1, 33), (1, 130, 7), (65, 33, 130), (300, 20, 9), (9, 5000, 13)]:
        case((m, k), (k, n))
        case((k, m), (k, n), ta=True)
        case((m, k), (n, k), tb=True)
        case((k, m), (n, k), True, True)
    case((4, 3, 5), (5, 7))
    case((4, 3, 5), (7, 5), tb=True)
    case((3, 5), (4, 5, 7))
    case((2, 1, 3, 5), (4, 5, 7))
    case((2, 4, 3, 5), (2, 4, 7, 5), tb=True)
    case((13, 5, 3), (13, 5, 7), ta=True)
    case((11, 5, 3), (1, 5, 7), ta=True)
    for shape, outputs in [((7,), 3), ((5, 13), 33), ((2, 3, 9), 1), ((700, 33), 65), ((3, 1), 7)]:
        weight = (outputs, shape[-1])
        fixture.case("linear", lambda x, weight, bias: F.linear(x, weight, bias),
                     {"x": shape, "weight": weight, "bias": (outputs,)})
        fixture.case("linear_without_bias", lambda x, weight: F.linear(x, weight), {"x": shape, "weight": weight})


def rows(fixture):
    cases = [((1,), 0), ((7,), 0), ((3, 5), 1), ((3, 5), 0), ((13, 33), -1), ((2, 3, 4, 5), 2), ((5, 2100), 1),
             ((130, 3), 1), ((4, 1), 1)]
    functions = {
        "softmax": lambda x, axis: torch.softmax(x, axis), "log_softmax": lambda x, axis: torch.log_softmax(x, axis),
        "logsumexp": lambda x, axis: torch.logsumexp(x, axis),
    }
    for name, function in functions.items():
        for shape, axis in cases:
            fixture.case(name, lambda x: function(x, axis), {"x": ranged(shape, (-20.0, 20.0))}, axis=axis)
    for shape in [(3,), (7,), (3, 5), (13, 33), (2, 3, 128), (5, 1100)]:
        fixture.case("l2_normalize", lambda x: F.normalize(x, dim=-1), {"x": shape}, epsilon=1e-12)
        fixture.case("l2_normalize", lambda x: F.normalize(x, dim=-1, eps=1e3), {"x": shape}, epsilon=1e3)
        count = shape[-1]
        fixture.case("layer_norm", lambda x, weight, bias: F.layer_norm(x, (count,), weight, bias),
                     {"x": ranged(shape, (-2.0, 3.0)), "weight": (count,), "bias": (count,)})
    fixture.case("layer_norm_plain", lambda x: F.layer_norm(x, (33,)), {"x": ranged((400, 33), (-2.0, 3.0))})


def layout(fixture):
    for shape, order in [((3, 5), (1, 0)), ((2, 3, 4, 5), (0, 2, 1, 3)), ((2, 3, 4, 5), (3, 1, 0, 2)), ((7,), (0,)),
                         ((3, 1, 5, 7, 2), (4, 0, 2, 1, 3)), ((33, 130), (1, 0)), ((4, 9, 13), (2, 0, 1)),
                         ((4, 9, 13), (1, 2, 0)), ((1, 1, 3), (2, 0, 1)), ((2, 3, 4, 5, 3), (0, 4, 1, 2, 3))]:
        fixture.case("permute", lambda x: x.permute(order), {"x": shape}, order=list(order))
    for shape, axis, start, end in [((7,), 0, 2, 5), ((3, 5), 1, 0, 2), ((3, 5), 0, 1, 3), ((2, 3, 4, 5), 2, 1, 2),
                                    ((2, 3, 4, 5), -1, 3, 5), ((1, 9, 3), 1, 4, 9)]:
        fixture.case("slice", lambda x: x.narrow(axis, start, end - start), {"x": shape}, axis=axis, start=start, end=end)
    for shape, axis, index in [((7,), 0, 6), ((3, 5), 1, -1), ((2, 3, 4, 5), 1, 2)]:
        fixture.case("select", lambda x: x.select(axis, index), {"x": shape}, axis=axis, index=index)
    for shape, indices in [((7,), [6, 0, 0, 3]), ((5, 13), [4, 4, 1]), ((3, 2, 3), [2, 1, 0, 1])]:
        fixture.case("gather", lambda x: x[indices], {"x": shape}, indices=indices)
    columns = [2, 0, 0, 4, 1]
    fixture.case("pick", lambda x: x[torch.arange(5), columns], {"x": (5, 7)}, columns=columns)
    for a, b, c, axis in [((2,), (3,), (1,), 0), ((3, 5), (3, 1), (3, 7), 1), ((1, 2, 3), (4, 2, 3), (2, 2, 3), 0),
                          ((2, 3, 4), (2, 5, 4), (2, 1, 4), -2)]:
        fixture.case("concat", lambda a, b, c: torch.cat([a, b, c], axis), {"a": a, "b": b, "c": c}, axis=axis)
    for shape, axis in [((), 0), ((5,), 0), ((3, 5), 1), ((3, 5), -1)]:
        fixture.case("stack", lambda a, b: torch.stack([a, b], axis), {"a": shape, "b": shape}, axis=axis)


def order(fixture):
    """Elements in order, their indices, running sums; choices, edges and values between those of a grid."""
    for shape, axis in [((7,), 0), ((5, 13), 1), ((5, 13), 0), ((3, 4, 5), 1)]:
        for descending in (False, True):
            fixture.case("sort", lambda x: tuple(torch.sort(x, dim=axis, descending=descending, stable=True)), {"x": shape},
                         axis=axis, descending=descending)
        fixture.case("topk", lambda x: tuple(torch.topk(x, 3, axis)), {"x": shape}, axis=axis, k=3)
        fixture.case("argmax", lambda x: torch.argmax(x, axis).double(), {"x": shape}, constants=["x"], axis=axis)
        fixture.case("argmin", lambda x: torch.argmin(x, axis).double(), {"x": shape}, constants=["x"], axis=axis)
        fixture.case("cumsum", lambda x: torch.cumsum(x, axis), {"x": shape}, axis=axis)
        fixture.case("std", lambda x: torch.std(x, axis), {"x": shape}, axis=axis)
        fixture.case("norm", lambda x: torch.linalg.vector_norm(x, dim=axis), {"x": shape}, axis=axis)
    for a, b, c in [((3, 5), (3, 5), (3, 5)), ((3, 1), (5,), ()), ((2, 3, 4), (1, 4), (3, 1))]:
        fixture.case("where", lambda m, x, y: torch.where(m > 0, x, y), {"m": a, "a": b, "b": c}, constants=["m"])
    for shape, axis, before, after in [((7,), 0, 2, 0), ((3, 5), 1, 1, 3), ((2, 3, 4), 1, 0, 2)]:
        def pad(x):
            widths = [0, 0] * (x.dim() - 1 - axis) + [before, after]
            return F.pad(x, widths, value=0.5)
        fixture.case("pad", pad, {"x": shape}, axis=axis, before=before, after=after)
    for shape, extents in [((2, 5, 3), [9]), ((2, 7, 3), [4]), ((2, 4, 6, 3), [8, 3]), ((1, 7, 1, 2), [3, 5]), ((1, 2, 3, 4, 2), [3, 6, 2])]:
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(extents)]

        def interpolate(x, mode):
            return F.interpolate(x.movedim(-1, 1), extents, mode=mode).movedim(1, -1)
        fixture.case("interpolate", lambda x: interpolate(x, mode), {"x": shape}, extents=extents, kind="linear")
        fixture.case("interpolate", lambda x: interpolate(x, "nearest"), {"x": shape}, extents=extents, kind="nearest")
        if len(extents) == 2:
            fixture.case("interpolate", lambda x: interpolate(x, "bicubic"), {"x": shape}, extents=extents, kind="cubic")
    for formula, shapes in [
        ("ij,jk->ik", [(3, 4), (4, 5)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("ij->ji", [(3, 4)]),
        ("bhtd,bhsd->bhts", [(2, 3, 4, 5), (2, 3, 6, 5)]), ("i,i->", [(5,), (5,)]), ("i,j->ji", [(3,), (4,)]),
        ("ijk->j", [(2, 3, 4)]), ("ab,bc,cd->da", [(2, 3), (3, 4), (4, 5)]), ("abx,by->a", [(2, 3, 4), (3, 5)]),
    ]:
        fixture.case("einsum", lambda *xs: torch.einsum(formula, *xs), {f"x{i}": s for i, s in enumerate(shapes)},
                     formula=formula)


with Fixture("TensorTests", "ops") as fixture:
    for family in (elementwise, arithmetic, reductions, products, rows, layout, order):
        family(fixture)
