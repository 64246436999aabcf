"""The features of one batch, without gradients."""
import os
import time

import models
import safetensors.torch
import torch
from pattern import encoder_input


class Workload:
    def __init__(self, spec):
        torch.set_num_threads(spec["threads"])
        model = models.make(spec["encoder"])
        model.load_state_dict(safetensors.torch.load_file(spec["weights"]))
        model = models.in_layout(model, spec["layout"]).eval()
        self.spec, self.x = spec, encoder_input(spec["input"], spec["layout"])
        if spec["arithmetic"] == "bfloat16":
            model, self.x = model.bfloat16(), self.x.bfloat16()
        self.model = torch.compile(model) if spec["compile"] else model

    def features(self):
        with torch.inference_mode(), models.arithmetic(self.spec):
            return self.model(self.x)

    def check(self):
        return {"features": self.features().flatten()[:4096].tolist()}

    def run(self):
        start = time.perf_counter()
        self.features()
        return time.perf_counter() - start


def prepare(spec, folder):
    """Random weights, and the flops of a forward pass."""
    model = models.make(spec["encoder"]).eval()
    path = os.path.join(folder, "weights.safetensors")
    safetensors.torch.save_file({name: value.contiguous() for name, value in model.state_dict().items()}, path)
    x = encoder_input(spec["input"], "contiguous")
    with torch.no_grad():
        return {"spec": {"weights": path}, "flops": models.flops(lambda: model(x))}
