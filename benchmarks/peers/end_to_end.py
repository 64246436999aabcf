"""Training steps of the towers on clips that a DataLoader reads from films at the same time."""
import pathlib
import random
import time

import torch
import torchaudio
from films import READERS
from pattern import encoder_input
from towers import Towers, Trainer


class Clips(torch.utils.data.Dataset):
    """Random clips of a folder of films: video [3, frames, size, size] and two spectrograms [2, mel, time]."""
    def __init__(self, spec):
        self.films, self.spec, self.open = spec["films"]["options"], spec, {}
        self.paths = sorted(path for path in pathlib.Path(self.films["path"]).iterdir() if path.suffix in (".mp4", ".mkv"))
        self.mel = torchaudio.transforms.MelSpectrogram(48000, n_fft=1024, hop_length=512, n_mels=96, center=False)

    def __len__(self):
        return 1 << 20

    def __getitem__(self, index):
        if torch.utils.data.get_worker_info():
            torch.set_num_threads(1)
        draw = random.Random(index)
        path = draw.choice(self.paths)
        if path not in self.open:
            self.open[path] = READERS[self.spec["reader"]](str(path), 1, self.films["size"])
        film, start = self.open[path], draw.uniform(0, self.spec["film_seconds"] - 3.1)
        pictures = torch.as_tensor(film.pictures(start, 3, self.films["frames"]))
        sounds = [torch.log(self.mel(torch.as_tensor(film.sound(track, start, 3, 48000))) + 1e-6) for track in range(2)]
        return (pictures.permute(3, 0, 1, 2).float() / 255 - 0.45) / 0.225, *sounds


class Workload:
    def __init__(self, spec):
        self.spec, self.trainer, self.batches = spec, Trainer(spec), self.read(spec)

    @staticmethod
    def read(spec):
        """Reads in separate processes, since OpenMP's threads do not survive a fork."""
        return iter(torch.utils.data.DataLoader(
            Clips(spec), batch_size=spec["sampler"]["options"]["batch"], num_workers=spec["workers"], prefetch_factor=1,
            multiprocessing_context="spawn"))

    def in_layout(self, batch):
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        last = self.spec["layout"] == "channels_last"
        return [x.contiguous(memory_format=formats[x.dim()]) if last else x for x in batch]

    def check(self):
        """The loss on one batch of numbers."""
        films, batch = self.spec["films"]["options"], self.spec["sampler"]["options"]["batch"]
        video = encoder_input([batch, films["frames"], films["size"], films["size"], 3], self.spec["layout"])
        both = encoder_input([2 * batch, 96, 280, 2], self.spec["layout"])
        return {"loss": [self.trainer.step(video, *both.split(batch))]}

    def run(self):
        """Seconds for one step, after earlier steps have used up the clips read in advance."""
        for _ in range(2):
            self.step()
        start = time.perf_counter()
        for _ in range(self.spec["steps"]):
            self.step()
        return (time.perf_counter() - start) / self.spec["steps"]

    def step(self):
        self.trainer.step(*self.in_layout(next(self.batches)))


def prepare(spec, folder):
    return {"spec": {"weights": Towers(spec).save(folder)}}
