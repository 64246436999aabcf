"""PyTorch's side of the runs of several processes: the step of x3d_s.lua with DistributedDataParallel over Gloo.

    ddp.py LAYOUT BATCH STEPS RANK SIZE PORT      prints the seconds of each step (rank 0)

The losses compare the whole batch: the rows of all ranks are gathered with their gradients. Batch norm has the statistics
of a rank's own clips, since PyTorch has no synchronised one on processors.
"""
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peers"))

import models
import torch
import torch.distributed as dist
import torch.distributed.nn.functional
from losses import nt_xent
from torch.nn.parallel import DistributedDataParallel

HEAD = {"name": "mlp", "options": {"widths": [2048, 1024, 128]}}


class Towers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.video, self.audio = models.make({"name": "x3d", "options": {"variant": "s"}}), models.make({"name": "resnet50"})
        self.video_head, self.audio_head = models.make(HEAD), models.make(HEAD)

    def forward(self, clips, tracks):
        a, b = self.audio_head(self.audio(tracks)).chunk(2)
        return self.video_head(self.video(clips).flatten(1)), a, b


def whole(rows):
    return torch.cat(torch.distributed.nn.functional.all_gather(rows.contiguous()))


def main(layout, batch, steps, rank, size, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=size)
    model = models.in_layout(Towers(), layout)
    model = DistributedDataParallel(model, gradient_as_bucket_view=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    own = batch // size
    clips, tracks = torch.randn(own, 3, 13, 160, 160), torch.randn(2 * own, 2, 96, 280)
    if layout == "channels_last":
        clips, tracks = clips.to(memory_format=torch.channels_last_3d), tracks.to(memory_format=torch.channels_last)
    for _ in range(steps):
        start = time.perf_counter()
        video, original, dub = (whole(rows) for rows in model(clips, tracks))
        (nt_xent(video, original) + nt_xent(video, dub) + nt_xent(original, dub)).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if rank == 0:
            print(time.perf_counter() - start, flush=True)
    dist.destroy_process_group()


layout, batch, steps, rank, size, port = sys.argv[1:]
main(layout, int(batch), int(steps), int(rank), int(size), port)
