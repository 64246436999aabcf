"""Reference values of scripts/pretrain/cav_mae.lua: Tests/RecipeTests/Fixtures/cav_mae.safetensors.

The objective is written here once more in PyTorch, from the paper's description, at the recipe's scale "small" and with its names of
weights, whose values are formula.py's. Which patches are seen is stored as options. Stored are all terms, and gradients of some
weights of their sum.
"""
import numpy as np
import torch
import torch.nn.functional as F
from formula import weights
from oracle import Fixture, pattern

WIDTH, HEADS, DEPTH, INNER, INNER_HEADS, INNER_DEPTH, PATCH = 96, 3, 2, 64, 2, 1, 16
GRIDS = {"audio": (6, 18), "video": (4, 4), "dub": (6, 18)}


class Weights:
    """Made when they are first asked for."""

    def __init__(self):
        self.all = {}

    def __call__(self, name, *shape):
        if name not in self.all:
            self.all[name] = torch.from_numpy(weights(name, shape)).double().requires_grad_()
        return self.all[name]

    def linear(self, name, x, outputs):
        return F.linear(x, self(f"{name}.weight", outputs, x.shape[-1]), self(f"{name}.bias", outputs))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self(f"{name}.weight", x.shape[-1]), self(f"{name}.bias", x.shape[-1]))

    def block(self, name, x, heads, layers=None):
        """`layers`: the name of the block whose attention and feed-forward layer are used."""
        layers, width = layers or name, x.shape[-1]
        y = self.norm(f"{name}.layernorm_before", x)
        q, k, v = (self.linear(f"{layers}.attention.attention.{part}", y, width).unflatten(2, (heads, -1)).transpose(1, 2)
                   for part in ("query", "key", "value"))
        y = ((q @ k.mT / (width / heads) ** 0.5).softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = x + self.linear(f"{layers}.attention.output.dense", y, width)
        y = F.gelu(self.linear(f"{layers}.intermediate.dense", self.norm(f"{name}.layernorm_after", x), 4 * width))
        return x + self.linear(f"{layers}.output.dense", y, width)


def sines(places, features):
    angles = np.outer(places, 1 / 10000 ** (np.arange(features // 2) / (features / 2)))
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


def positions(grid, width):
    """Half of the features for the place along the second axis, half for the first."""
    first, second = np.meshgrid(np.arange(grid[0]), np.arange(grid[1]), indexing="ij")
    return torch.from_numpy(np.concatenate([sines(second.reshape(-1), width // 2), sines(first.reshape(-1), width // 2)], 1))


def gathered(x, places):
    return torch.gather(x, 1, places[..., None].expand(-1, -1, x.shape[2]))


def objective(w, inputs, seen):
    """`inputs`: images [batch, channels, height, width] by view; `seen`: places [batch, kept]."""
    latent, means = {}, {}
    for view, x in inputs.items():
        tower = "video" if view == "video" else "audio"
        x = F.conv2d(x, w(f"{tower}.tokens.0.projection.weight", WIDTH, x.shape[1], PATCH, PATCH),
                     w(f"{tower}.tokens.0.projection.bias", WIDTH), stride=PATCH).flatten(2).transpose(1, 2)
        x = gathered(x + positions(GRIDS[view], WIDTH) + w(f"{tower}.tokens.1.modality", WIDTH), seen[view])
        for block in range(DEPTH):
            x = w.block(f"{tower}.blocks.{block}", x, HEADS)
        latent[view] = x
        means[view] = w.norm(f"{tower}.path.1", w.block(f"{tower}.path.0", x, HEADS, "decoder.path.0")).mean(1)
    parts = [x + w("decoder.dub", WIDTH) if view == "dub" else x for view, x in latent.items()]
    joint = w.norm("decoder.path.1", w.block("decoder.path.0", torch.cat(parts, 1), HEADS))
    narrow = w.linear("decoder.narrow", joint, INNER).split([part.shape[1] for part in parts], 1)
    tokens = []
    for (view, places), x in zip(seen.items(), narrow):
        full = w("decoder.mask_token", INNER).expand(len(x), np.prod(GRIDS[view]), -1)
        full = full.scatter(1, places[..., None].expand_as(x), x)
        tokens.append(full + positions(GRIDS[view], INNER) + w(f"decoder.places.{view}.modality", INNER))
    y = torch.cat(tokens, 1)
    for block in range(INNER_DEPTH):
        y = w.block(f"decoder.blocks.{block}", y, INNER_HEADS)
    y = w.norm("decoder.norm", y).split([part.shape[1] for part in tokens], 1)
    terms = {}
    for view, part in zip(("audio", "video"), y):
        x = inputs[view]
        n, c, rows, columns = x.shape
        target = x.reshape(n, c, rows // PATCH, PATCH, columns // PATCH, PATCH).permute(0, 2, 4, 3, 5, 1).reshape(n, -1, PATCH ** 2 * c)
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6).sqrt()
        errors = (w.linear(f"decoder.predict.{view}", part, PATCH ** 2 * c) - target).square().mean(-1)
        hidden = torch.ones_like(errors).scatter(1, seen[view], 0)
        terms[view] = (errors * hidden).sum() / hidden.sum()
    video = F.normalize(means["video"], dim=-1)
    for view in [view for view in inputs if view != "video"]:
        similarities = video @ F.normalize(means[view], dim=-1).T / 0.05
        terms[f"contrast_{view}"] = 0.01 * F.cross_entropy(similarities, torch.arange(len(video)))
    return terms


def case(fixture, form, batch=3):
    name = f"cav_mae/{fixture.counts.get('cav_mae', 0)}"
    shapes = {"audio": (batch, 288, 96, 1), "video": (batch, 1, 64, 64, 3)}
    if form == "dub":
        shapes["dub"] = shapes["audio"]
    inputs, seen = {}, {}
    random = np.random.RandomState(7)
    for view, shape in shapes.items():
        x = torch.from_numpy(pattern(f"{name}/{view}", shape)).double()
        inputs[view] = x[:, 0].permute(0, 3, 1, 2) if view == "video" else x.permute(0, 3, 2, 1)
        count = int(np.prod(GRIDS[view]))
        seen[view] = torch.tensor(np.stack([random.permutation(count)[:count if view == "dub" else count // 4]
                                            for _ in range(batch)]))
    w = Weights()
    terms = objective(w, inputs, seen)
    sum(terms.values()).backward()
    chosen = ["audio.tokens.0.projection.weight", "audio.tokens.1.modality", "video.blocks.1.attention.attention.value.weight",
              "video.path.0.layernorm_before.weight", "decoder.path.0.intermediate.dense.weight", "decoder.mask_token",
              "decoder.places.video.modality", "decoder.predict.audio.weight"] + (["decoder.dub"] if form == "dub" else [])
    fixture.case("cav_mae", lambda *_: [], shapes, constants=list(shapes), form=form, terms=list(terms), gradients=chosen,
                 **{f"seen_{view}": (places + 1).reshape(-1).tolist() for view, places in seen.items()})
    for term, value in terms.items():
        fixture.value(name, term, value)
    for key in chosen:
        fixture.value(name, key, w.all[key].grad)


if __name__ == "__main__":
    with Fixture("RecipeTests", "cav_mae") as fixture:
        case(fixture, "same")
        case(fixture, "dub")
