"""Attention of queries to keys and values with several heads, forward and backward, or forward alone."""
import time

import torch
from pattern import pattern
from torch.nn import functional


def plain(q, k, v):
    return (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1) @ v


class Workload:
    def __init__(self, spec):
        torch.set_num_threads(spec["threads"])
        self.heads, self.training = spec["heads"], spec["training"]
        tokens = [spec["queries"], spec["keys"], spec["keys"]]
        both = torch.from_numpy(pattern([spec["batch"], sum(tokens), spec["heads"] * spec["width"]]))
        kind = torch.bfloat16 if spec["arithmetic"] == "bfloat16" else torch.float32
        self.inputs = [part.to(kind).contiguous().requires_grad_(self.training) for part in both.split(tokens, 1)]
        function = functional.scaled_dot_product_attention if spec["attention"] == "sdpa" else plain
        self.function = torch.compile(function) if spec["compile"] else function

    def output(self):
        q, k, v = (x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in self.inputs)
        return self.function(q, k, v).transpose(1, 2).flatten(2)

    def step(self):
        if not self.training:
            with torch.inference_mode():
                return self.output()
        for x in self.inputs:
            x.grad = None
        output = self.output()
        output.float().square().mean().backward()
        return output.detach()

    def check(self):
        values = {"output": self.step().float().flatten()[:4096].tolist()}
        if self.training:
            for name, x in zip(("query", "key", "value"), self.inputs):
                values[f"{name} gradient"] = x.grad.float().flatten()[:4096].tolist()
        return values

    def run(self):
        start = time.perf_counter()
        self.step()
        return time.perf_counter() - start
