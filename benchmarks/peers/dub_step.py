"""A whole step of the towers on one batch of numbers."""
import time

import models
from pattern import encoder_input
from towers import Towers, Trainer


def inputs(spec, layout):
    batch, *rest = spec["audio_input"]
    return encoder_input(spec["video_input"], layout), *encoder_input([2 * batch, *rest], layout).split(batch)


class Workload:
    def __init__(self, spec):
        self.trainer, self.inputs = Trainer(spec), inputs(spec, spec["layout"])

    def check(self):
        return {"loss": [self.trainer.step(*self.inputs)]}

    def run(self):
        start = time.perf_counter()
        self.trainer.step(*self.inputs)
        return time.perf_counter() - start


def prepare(spec, folder):
    towers = Towers(spec)
    path = towers.save(folder)
    x = inputs(spec, "contiguous")
    return {"spec": {"weights": path}, "flops": models.training_flops(lambda: towers(*x))}
