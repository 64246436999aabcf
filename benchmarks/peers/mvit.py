"""MViTv2 towers, as torchvision computes them: relative positions from the tables' rows on each axis, added to the scores by
broadcasting. Without gradients, attention is scaled_dot_product_attention with these terms as its mask; with gradients of the
mask, that would be the same products and softmax. torchvision's own class has a class token, three axes of positions and tables
of the usual length, so it cannot be the tower of sound."""
import torch
from torch import nn
from torch.nn import functional

SIZES = {"s": (16, (1, 3, 14)), "b": (24, (2, 5, 21))}


def rows(table, queries, keys):
    """The row of a table for each place of queries and keys, [queries, keys, width]."""
    length = 2 * max(queries, keys) - 1
    if table.shape[0] != length:
        table = functional.interpolate(table.T[None], size=length, mode="linear")[0].T
    ratio = max(keys / queries, 1.0), max(queries / keys, 1.0)
    distance = (torch.arange(queries)[:, None] * ratio[0] - torch.arange(keys)[None] * ratio[1] + (keys - 1) * ratio[1])
    return table[distance.long()]


class Attention(nn.Module):
    def __init__(self, inputs, outputs, heads, kernel, strides, tables):
        super().__init__()
        self.heads, width = heads, outputs // heads
        for axis, length in tables.items():
            setattr(self, f"rel_pos_{axis}", nn.Parameter(torch.randn(length, width) * 0.02))
        self.axes = tables
        self.qkv, self.proj = nn.Linear(inputs, 3 * outputs), nn.Linear(outputs, outputs)
        for name, stride in zip("qkv", strides):
            setattr(self, f"pool_{name}", nn.Conv3d(width, width, kernel, stride, [k // 2 for k in kernel], groups=width, bias=False))
            setattr(self, f"norm_{name}", nn.LayerNorm(width, eps=1e-6))

    def pooled(self, name, x, grid, leading):
        tokens = x[:, :, leading:].transpose(2, 3).flatten(0, 1).unflatten(2, grid)
        maps = getattr(self, f"pool_{name}")(tokens)
        tokens = maps.flatten(2).transpose(1, 2).unflatten(0, x.shape[:2])
        tokens = torch.cat([x[:, :, :leading], tokens], 2) if leading else tokens
        return getattr(self, f"norm_{name}")(tokens), tuple(maps.shape[2:])

    def terms(self, q, grid, keys, leading):
        q = q[:, :, leading:].unflatten(2, grid)
        total = 0
        for axis, (letter, equation) in enumerate([("t", "bnthwc,tkc->bnthwk"), ("h", "bnthwc,hkc->bnthwk"),
                                                   ("w", "bnthwc,wkc->bnthwk")]):
            if letter in self.axes:
                part = torch.einsum(equation, q, rows(getattr(self, f"rel_pos_{letter}"), grid[axis], keys[axis]).to(q.dtype))
                shape = [1, 1, 1]
                shape[axis] = keys[axis]
                total = total + part.unflatten(-1, shape)
        total = total.flatten(5).flatten(2, 4)
        return functional.pad(total, (leading, 0, leading, 0)) if leading else total

    def forward(self, x, grid, leading):
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, grids = self.pooled("q", q, grid, leading)
        k, keys = self.pooled("k", k, grid, leading)
        v, _ = self.pooled("v", v, grid, leading)
        terms = self.terms(q, grids, keys, leading)
        if torch.is_grad_enabled():
            result = ((q * q.shape[-1] ** -0.5) @ k.mT + terms).softmax(-1).to(v.dtype) @ v
        else:
            result = functional.scaled_dot_product_attention(q, k, v, attn_mask=terms.to(q.dtype))
        result = result + q if not leading else torch.cat([result[:, :, :leading], result[:, :, leading:] + q[:, :, leading:]], 2)
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
            maps = functional.max_pool3d(maps, kernel, self.stride, [k // 2 for k in kernel]).flatten(2).transpose(1, 2)
            short = torch.cat([short[:, :leading], maps], 1) if leading else maps
        x = short + branch
        return x + self.mlp["fc2"](functional.gelu(self.mlp["fc1"](self.norm2(x)))), grids


class MViTv2(nn.Module):
    """Video [batch, 3, time, height, width], or log-mel [batch, channels, mel, time]."""
    def __init__(self, size="s", modality="video", drop_path=0.0):
        super().__init__()
        assert drop_path == 0
        video = modality == "video"
        if video:
            self.cls_token = nn.Parameter(torch.randn(1, 1, 96) * 0.02)
        conv = nn.Conv3d(3, 96, (3, 9, 9), (2, 8, 8), (1, 4, 4)) if video else nn.Conv2d(1, 96, (7, 9), (4, 8), (3, 4))
        norm = nn.BatchNorm3d(3, affine=False) if video else nn.BatchNorm2d(1, affine=False)
        self.patch_embed = nn.ModuleDict({"norm": norm, "proj": conv})
        grid, self.blocks = [8, 28, 28] if video else [1, 24, 36], nn.ModuleList()
        count, doublings = SIZES[size]
        width, heads, keys = 96, 1, 8 if video else 4
        for block in range(count):
            step = 2 if block in doublings else 1
            outputs, heads, keys = width * step, heads * step, max(keys // step, 1)
            t, h, w = (max(n // (step if i else 1), n // (keys if i else 1)) for i, n in enumerate(grid))
            tables = {"h": 2 * h - 1, "w": 2 * w - 1, "t": 2 * t - 1} if video else {"h": h + w - 1, "w": h + w - 1}
            strides = [1, step, step], [1, keys, keys], [1, keys, keys]
            self.blocks.append(Block(width, outputs, [1, step, step], heads, [3, 3, 3] if video else [1, 3, 3], strides, tables))
            grid, width = [grid[0], grid[1] // step, grid[2] // step], outputs
        self.norm = nn.LayerNorm(768, eps=1e-6)

    def forward(self, x):
        maps = self.patch_embed["proj"](self.patch_embed["norm"](x))
        maps = maps if maps.ndim == 5 else maps.unsqueeze(2)
        grid, x, leading = tuple(maps.shape[2:]), maps.flatten(2).transpose(1, 2), 0
        if hasattr(self, "cls_token"):
            x, leading = torch.cat([self.cls_token.expand(len(x), -1, -1).to(x.dtype), x], 1), 1
        for block in self.blocks:
            x, grid = block(x, grid, leading)
        x = self.norm(x)
        return x[:, 0] if leading else x.mean(1)
