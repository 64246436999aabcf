"""Reference values of `mvitv2`: Tests/ModelTests/Fixtures/mvit.safetensors.

The network is written here once more, in PyTorch, from its published description: scores are whole matrices, relative positions
are gathered for each pair of tokens (attention.py), pools are convolutions. Weights and inputs are those of this kit's tests, by
`oracle.pattern`; inputs are small. Stored are outputs in evaluation and training, and gradients of some parameters in training;
as options, how far PyTorch's own float32 is from its float64.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from attention import relative_terms, split
from formula import filled
from oracle import Fixture, pattern

SIZES = {"s": (16, (1, 3, 14)), "b": (24, (2, 5, 21))}


class Attention(nn.Module):
    def __init__(self, inputs, outputs, heads, kernel, strides, tables):
        super().__init__()
        self.heads, width = heads, outputs // heads
        for axis, rows in tables.items():
            setattr(self, f"rel_pos_{axis}", nn.Parameter(torch.zeros(rows, width)))
        self.axes = list(tables)
        self.qkv, self.proj = nn.Linear(inputs, 3 * outputs), nn.Linear(outputs, outputs)
        for name, stride in zip("qkv", strides):
            pool = nn.Conv3d(width, width, kernel, stride, [k // 2 for k in kernel], groups=width, bias=False)
            setattr(self, f"pool_{name}", pool)
            setattr(self, f"norm_{name}", nn.LayerNorm(width, eps=1e-6))

    def pooled(self, name, x, grid, leading):
        """[batch, heads, tokens, width] and the new grid."""
        maps = x[:, :, leading:].transpose(2, 3).flatten(0, 1).unflatten(2, grid)
        maps = getattr(self, f"pool_{name}")(maps)
        tokens = maps.flatten(2).transpose(1, 2).unflatten(0, x.shape[:2])
        return getattr(self, f"norm_{name}")(torch.cat([x[:, :, :leading], tokens], 2)), maps.shape[2:]

    def forward(self, x, grid, leading):
        q, k, v = (split(part, self.heads) for part in self.qkv(x).chunk(3, -1))
        q, grids = self.pooled("q", q, grid, leading)
        k, keys = self.pooled("k", k, grid, leading)
        v, _ = self.pooled("v", v, grid, leading)
        # Height, width, time; places are counted in the order of the tokens.
        axes = ["thw".index(axis) for axis in sorted(self.axes, key="thw".index)]
        tables = [getattr(self, f"rel_pos_{'thw'[axis]}") for axis in axes]
        terms = relative_terms(q, tables, torch.Size(grids[a] for a in axes), torch.Size(keys[a] for a in axes), leading)
        result = (q @ k.mT * q.shape[-1] ** -0.5 + terms).softmax(-1) @ v
        result = torch.cat([result[:, :, :leading], result[:, :, leading:] + q[:, :, leading:]], 2)
        return self.proj(result.transpose(1, 2).flatten(2)), grids


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, *sizes):
        super().__init__()
        self.stride = stride
        self.norm1, self.norm2 = nn.LayerNorm(inputs, eps=1e-6), nn.LayerNorm(outputs, eps=1e-6)
        self.attn = Attention(inputs, outputs, *sizes)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(outputs, 4 * outputs), "fc2": nn.Linear(4 * outputs, outputs)})
        self.proj = nn.Linear(inputs, outputs) if inputs != outputs else None

    def forward(self, x, grid, leading):
        normed = self.norm1(x)
        branch, grids = self.attn(normed, grid, leading)
        short = x if self.proj is None else self.proj(normed)
        if max(self.stride) > 1:
            kernel = [s + 1 if s > 1 else 1 for s in self.stride]
            maps = short[:, leading:].transpose(1, 2).unflatten(2, grid)
            maps = F.max_pool3d(maps, kernel, self.stride, [k // 2 for k in kernel])
            short = torch.cat([short[:, :leading], maps.flatten(2).transpose(1, 2)], 1)
        x = short + branch
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x)))), grids


class Net(nn.Module):
    def __init__(self, size, modality, overlap, channels):
        super().__init__()
        video = modality == "video"
        if video:
            self.cls_token = nn.Parameter(torch.zeros(1, 1, 96))
            conv = nn.Conv3d(3, 96, (3, 7, 7), (2, 4, 4), (1, 3, 3)) if overlap else \
                nn.Conv3d(3, 96, (3, 9, 9), (2, 8, 8), (1, 4, 4))
            grid = [8, 56, 56] if overlap else [8, 28, 28]
        else:
            conv = nn.Conv2d(channels, 96, 7, 4, 3) if overlap else nn.Conv2d(channels, 96, (7, 9), (4, 8), (3, 4))
            grid = [1, 24, 72] if overlap else [1, 24, 36]
        norm = nn.BatchNorm3d if video else nn.BatchNorm2d
        self.patch_embed = nn.ModuleDict({"norm": norm(3 if video else channels, affine=False), "proj": conv})
        self.blocks = nn.ModuleList()
        count, doublings = SIZES[size]
        width, heads, keys = 96, 1, 8 if video else 4
        for block in range(count):
            step = 2 if block in doublings else 1
            outputs, heads, keys = width * step, heads * step, max(keys // step, 1)
            t, h, w = (max(n // (step if i else 1), n // (keys if i else 1)) for i, n in enumerate(grid))
            tables = {"h": 2 * h - 1, "w": 2 * w - 1, "t": 2 * t - 1} if video else {"h": h + w - 1, "w": h + w - 1}
            strides = ([1, step, step], [1, keys, keys], [1, keys, keys])
            self.blocks.append(Block(width, outputs, [1, step, step], heads, [3, 3, 3] if video else [1, 3, 3], strides, tables))
            grid = [grid[0], grid[1] // step, grid[2] // step]
            width = outputs
        self.norm = nn.LayerNorm(768, eps=1e-6)

    def forward(self, x):
        """The tokens of [batch, channels, time, height, width] or [batch, channels, mel, time]."""
        maps = self.patch_embed["proj"](self.patch_embed["norm"](x))
        if maps.ndim == 4:
            maps = maps.unsqueeze(2)
        grid, x, leading = maps.shape[2:], maps.flatten(2).transpose(1, 2), 0
        if hasattr(self, "cls_token"):
            x, leading = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1), 1
        for block in self.blocks:
            x, grid = block(x, grid, leading)
        x = self.norm(x)
        return x[:, 0] if leading else x.mean(1)


class MViTv2(nn.Module):
    """Input as this kit's: [batch, time, height, width, channels] or [batch, time, mel, channels]."""
    def __init__(self, size, modality, overlap=False, channels=1):
        super().__init__()
        self.net = Net(size, modality, overlap, channels)

    def forward(self, x):
        return self.net(x.permute(0, 4, 1, 2, 3) if x.ndim == 5 else x.permute(0, 3, 2, 1))


def outputs(model, x, seed):
    """Evaluation, training, and the gradients of training."""
    with torch.no_grad():
        evaluation = model.eval()(x)
    training = model.train()(x)
    (training * seed).sum().backward()
    return evaluation, training.detach(), {name: p.grad for name, p in model.net.named_parameters()}


def case(fixture, shape, size, modality, overlap=False, channels=1):
    name = f"mvitv2/{fixture.counts.get('mvitv2', 0)}"
    model = MViTv2(size, modality, overlap, channels)
    filled(model.net)
    x = torch.from_numpy(pattern(f"{name}/input", shape))
    seed = torch.from_numpy(pattern(f"{name}/seed", (shape[0], 768)))
    single = outputs(copy.deepcopy(model), x, seed)
    exact = outputs(model.double(), x.double(), seed.double())
    def error(given, expected):
        return float((given.double() - expected).norm() / expected.norm())

    chosen = sorted(key for key in exact[2] if not key.endswith("norm_k.bias"))[::37]
    options = dict(
        size=size, modality=modality, overlap=overlap, channels=channels, gradients=chosen,
        parameters=sum(p.numel() for p in model.net.parameters()), evaluation_error=error(single[0], exact[0]),
        training_error=error(single[1], exact[1]),
        gradient_error=max(error(single[2][key], exact[2][key]) for key in chosen))
    print(name, {key: value for key, value in options.items() if key.endswith("error")})
    fixture.case("mvitv2", lambda input: exact[:2], {"input": shape}, constants=["input"], **options)
    for key in chosen:
        fixture.value(name, key, exact[2][key])


if __name__ == "__main__":
    with Fixture("ModelTests", "mvit") as fixture:
        case(fixture, (2, 6, 64, 80, 3), "s", "video")
        case(fixture, (2, 4, 36, 44, 3), "s", "video", overlap=True)
        case(fixture, (2, 96, 40, 1), "s", "audio")
        case(fixture, (2, 61, 48, 2), "b", "audio", overlap=True, channels=2)
