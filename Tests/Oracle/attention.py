"""Reference values of attention and what belongs to it: Tests/TensorTests/Fixtures/attention.safetensors."""
import torch
import torch.nn.functional as F

from oracle import Fixture


def split(x, heads):
    """[batch, tokens, heads x width] to [batch, heads, tokens, width]."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def relative_terms(q, tables, grid, keys, leading):
    """The terms [batch, heads, queries, keys] of decomposed relative positions, by the definition: for each query and key of
    the grids, q times the row of their distance on each axis."""
    total = torch.zeros(*q.shape[:2], grid.numel(), keys.numel(), dtype=q.dtype)
    places = [torch.cartesian_prod(*[torch.arange(n) for n in extents]).reshape(extents.numel(), -1)
              for extents in (grid, keys)]
    for axis, table in enumerate(tables):
        rows = 2 * max(grid[axis], keys[axis]) - 1
        if table.shape[0] != rows:
            table = F.interpolate(table.T[None], size=rows, mode="linear")[0].T
        ratio = max(keys[axis] / grid[axis], 1.0), max(grid[axis] / keys[axis], 1.0)
        distance = (places[0][:, axis, None] * ratio[0] - places[1][None, :, axis] * ratio[1]
                    + (keys[axis] - 1) * ratio[1]).long()
        total = total + torch.einsum("bhqc,qkc->bhqk", q[:, :, leading:], table[distance])
    return F.pad(total, (leading, 0, leading, 0))


def attention(q, k, v, heads, scale=None, terms=None, added="none"):
    q, k, v = split(q, heads), split(k, heads), split(v, heads)
    scores = q @ k.mT * (scale or q.shape[-1] ** -0.5)
    if terms is not None:
        scores = scores + terms
    result = scores.softmax(-1) @ v
    if added == "all":
        result = result + q
    if added == "all_but_first":
        result = torch.cat([result[:, :, :1], result[:, :, 1:] + q[:, :, 1:]], 2)
    return result.transpose(1, 2).flatten(2)


def attentions(fixture):
    for (batch, queries, keys, heads, width), scale, added in [
        ((1, 1, 1, 1, 1), None, "none"), ((2, 7, 5, 3, 4), None, "none"), ((2, 7, 5, 3, 4), 0.7, "all"),
        ((1, 130, 33, 2, 12), None, "all_but_first"), ((1, 300, 129, 1, 96), None, "all"),
        # Several blocks of keys and several parts of the queries.
        ((1, 600, 2100, 1, 8), None, "none"), ((1, 530, 1030, 2, 3), 3.0, "all_but_first"),
    ]:
        shape = (batch, queries, heads * width), (batch, keys, heads * width)
        bounds = (-2.0, 2.0)
        fixture.case(
            "attention", lambda q, k, v: attention(q, k, v, heads, scale, added=added),
            {"q": (shape[0], *bounds), "k": (shape[1], *bounds), "v": (shape[1], *bounds)}, heads=heads,
            scale=scale or 0, added=added)


def relative(fixture):
    for grid, keys, rows, heads, width, leading in [
        ((7,), (7,), (13,), 2, 3, 0), ((6,), (3,), (11,), 1, 4, 0), ((3,), (6,), (11,), 3, 4, 1),
        ((4,), (7,), (5,), 1, 5, 1), ((5, 6), (5, 6), (9, 11), 2, 4, 0), ((6, 9), (2, 3), (14, 14), 1, 6, 0),
        ((4, 4), (7, 7), (13, 13), 2, 4, 1), ((2, 6, 6), (2, 3, 3), (3, 11, 11), 2, 8, 1),
        ((3, 4, 5), (2, 4, 3), (7, 5, 8), 1, 5, 0), ((1, 14, 14), (1, 4, 4), (1, 27, 27), 1, 24, 1),
    ]:
        g, k = torch.Size(grid), torch.Size(keys)
        shapes = {"q": ((2, leading + g.numel(), heads * width), -2.0, 2.0),
                  "k": (2, leading + k.numel(), heads * width), "v": (2, leading + k.numel(), heads * width)}
        tables = {f"table.{axis}": (count, width) for axis, count in enumerate(rows)}
        def function(q, k_, v, *tables):
            terms = relative_terms(split(q, heads), tables, g, k, leading)
            return attention(q, k_, v, heads, terms=terms, added="all_but_first" if leading else "all")
        fixture.case("relative", function, shapes | tables, grid=list(grid), keys=list(keys), heads=heads, leading=leading)


def resampled(fixture):
    for before, after in [(5, 7), (59, 47), (59, 71), (3, 1), (1, 4), (13, 13)]:
        fixture.case("resample", lambda x: F.interpolate(x.T[None], size=after, mode="linear")[0].T, {"x": (before, 4)},
                     count=after)


def pooled(fixture):
    for batch, grid, kernel, stride, heads, width, leading in [
        (2, (1, 6, 9), (1, 3, 3), (1, 2, 2), 1, 5, 0), (2, (4, 5, 6), (3, 3, 3), (1, 1, 1), 3, 4, 1),
        (1, (2, 28, 28), (3, 3, 3), (1, 8, 8), 1, 96, 1), (3, (3, 7, 7), (3, 3, 3), (1, 4, 2), 2, 7, 2),
    ]:
        def function(x, weight):
            before, tokens = x[:, :leading], x[:, leading:]
            maps = tokens.unflatten(2, (heads, width)).permute(0, 2, 3, 1).reshape(-1, width, *grid)
            maps = F.conv3d(maps, weight.permute(0, 4, 1, 2, 3), stride=stride, padding=[k // 2 for k in kernel],
                            groups=width)
            tokens = maps.flatten(2).unflatten(0, (batch, heads)).permute(0, 3, 1, 2).flatten(2)
            return torch.cat([before, tokens], 1)
        tokens = leading + torch.Size(grid).numel()
        fixture.case("token_pool", function, {"x": (batch, tokens, heads * width), "weight": (width, *kernel, 1)},
                     grid=list(grid), stride=list(stride), leading=leading)


if __name__ == "__main__":
    with Fixture("TensorTests", "attention") as fixture:
        attentions(fixture)
        relative(fixture)
        resampled(fixture)
        pooled(fixture)
