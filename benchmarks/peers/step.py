"""A training step of one encoder: forward, backward, AdamW; the loss is the mean square of the features."""
import os
import time

import models
import safetensors.torch
import torch
from pattern import encoder_input


class Workload:
    def __init__(self, spec):
        torch.set_num_threads(spec["threads"])
        self.spec = spec
        self.model = models.make(spec["encoder"])
        self.model.load_state_dict(safetensors.torch.load_file(spec["weights"]))
        self.model = models.in_layout(self.model, spec["layout"])
        self.x = encoder_input(spec["input"], spec["layout"])
        self.forward = torch.compile(self.model) if spec["compile"] else self.model
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)

    def check(self):
        self.model.eval()
        with torch.no_grad(), models.arithmetic(self.spec):
            features = self.model(self.x).flatten()[:4096].tolist()
        self.model.train()
        return {"features": features, "loss": [self.step()]}

    def run(self):
        start = time.perf_counter()
        self.step()
        return time.perf_counter() - start

    def step(self):
        with models.arithmetic(self.spec):
            loss = self.forward(self.x).float().square().mean()
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()


def prepare(spec, folder):
    """Random weights, and the flops of a forward and backward pass."""
    model = models.make(spec["encoder"])
    path = os.path.join(folder, "weights.safetensors")
    safetensors.torch.save_file({name: value.contiguous() for name, value in model.state_dict().items()}, path)
    x = encoder_input(spec["input"], "contiguous")
    return {"spec": {"weights": path}, "flops": models.training_flops(lambda: model(x))}
