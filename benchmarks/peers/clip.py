"""Random clips of a film: frames, scaled and cropped, and the same seconds of two tracks."""
import time

import numpy as np
from films import READERS


class Workload:
    def __init__(self, spec):
        self.spec = spec
        if spec["reader"] == "torchcodec":
            import torch

            torch.set_num_threads(spec["threads"])
        self.kept = self.open() if spec["keeps"] else None

    def open(self):
        return READERS[self.spec["reader"]](self.spec["film"], self.spec["threads"], self.spec["size"])

    def read(self, start):
        film, spec = self.kept or self.open(), self.spec
        sounds = [film.sound(track, start, spec["seconds"], spec["sample_rate"]) for track in range(2)]
        return film.pictures(start, spec["seconds"], spec["frames"]), *sounds

    def check(self):
        parts = self.read(self.spec["starts"][0])
        return {name: np.asarray(part, dtype=np.float32).flatten() for name, part in zip(("pictures", "primary", "secondary"), parts)}

    def run(self):
        """Seconds for one clip."""
        start = time.perf_counter()
        for at in self.spec["starts"]:
            self.read(at)
        return (time.perf_counter() - start) / len(self.spec["starts"])
