"""Reference values of tables of positions that are resized: Tests/ModelTests/Fixtures/positions.safetensors.

Cubic as Hugging Face's `ViTModel` (square grids) and PyTorch's bicubic interpolation, linear as PyTorch's, "cut" as AST's
authors describe it: the middle of longer axes, interpolation of shorter ones. Distances as torchvision's MViTv2.
Needs torch, torchvision and transformers; torchaudio is hidden from it, because it is not needed and its wheels may not load.
"""
import sys

sys.modules["torchaudio"] = None
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import torchvision_import  # noqa: E402, F401
from oracle import Fixture  # noqa: E402
from torchvision.models.video.mvit import _interpolate  # noqa: E402
from transformers import ViTConfig, ViTModel  # noqa: E402

PATCH, WIDTH = 16, 6


def hugging_face(table, grid, own):
    """The class token's vector and those of the patches, as ViTModel resizes them for an image of another size."""
    model = ViTModel(ViTConfig(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4,
                               image_size=[PATCH * side for side in grid], patch_size=PATCH)).double()
    embeddings = model.embeddings
    del embeddings.position_embeddings
    embeddings.position_embeddings = table
    tokens = torch.zeros(1, 1 + own[0] * own[1], WIDTH, dtype=torch.float64)
    return embeddings.interpolate_pos_encoding(tokens, PATCH * own[0], PATCH * own[1])


def resized(table, grid, own, leading, kind):
    first, places = table[:, :leading], table[:, leading:]
    grids = places.reshape(1, *grid, WIDTH).movedim(-1, 1)
    if kind == "cut":
        for axis, (before, after) in enumerate(zip(grid, own)):
            if before > after:
                grids = grids.narrow(axis + 2, before // 2 - after // 2, after)
    mode = "bicubic" if kind == "cubic" else {1: "linear", 2: "bilinear", 3: "trilinear"}[len(grid)]
    return torch.cat([first, F.interpolate(grids, own, mode=mode).movedim(1, -1).reshape(1, -1, WIDTH)], 1)


def places(fixture, function, grid, own, leading, kind):
    count = leading
    size = 1
    for extent in grid:
        size *= extent
    fixture.case("places", function, {"table": (1, count + size, WIDTH)}, grid=list(grid), own=list(own),
                 leading=leading, kind=kind)


if __name__ == "__main__":
    with Fixture("ModelTests", "positions") as fixture:
        for grid, own in [((4, 4), (7, 7)), ((6, 6), (4, 5)), ((3, 3), (3, 8))]:
            places(fixture, lambda table: hugging_face(table, grid, own), grid, own, 1, "cubic")
        for kind in ("linear", "cubic", "cut"):
            for grid, own in [((12, 21), (8, 28)), ((4, 9), (3, 5)), ((5, 6), (7, 9))]:
                places(fixture, lambda table: resized(table, grid, own, 2, kind), grid, own, 2, kind)
        for kind in ("linear", "cut"):
            for grid, own in [((9,), (5,)), ((4,), (11,)), ((2, 3, 4), (3, 5, 2))]:
                places(fixture, lambda table: resized(table, grid, own, 0, kind), grid, own, 0, kind)
        for before, after in [(13, 27), (27, 13), (47, 59), (1, 5), (8, 8)]:
            fixture.case("distances", lambda table: _interpolate(table, after), {"table": (before, 4)}, rows=after)
