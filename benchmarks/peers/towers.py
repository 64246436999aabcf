"""A video encoder, one audio encoder for both tracks, a head on each, three NT-Xent terms, AdamW."""
import os

import models
import safetensors.torch
import torch
from losses import nt_xent

NAMES = "video", "audio", "video_head", "audio_head"


class Towers(torch.nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.video, self.audio, self.video_head, self.audio_head = (models.make(spec[name]) for name in NAMES)

    def forward(self, video, primary, secondary):
        v = self.video_head(self.video(video).flatten(1))
        a, b = self.audio_head(self.audio(torch.cat([primary, secondary]))).chunk(2)
        return nt_xent(v, a) + nt_xent(v, b) + nt_xent(a, b)

    def save(self, folder):
        """Writes all weights to one file, each module's under its name. Returns the file's path."""
        path = os.path.join(folder, "weights.safetensors")
        safetensors.torch.save_file(
            {f"{name}.{key}": value.contiguous() for name in NAMES for key, value in getattr(self, name).state_dict().items()},
            path)
        return path

    def load(self, path):
        state = safetensors.torch.load_file(path)
        for name in NAMES:
            start = f"{name}."
            getattr(self, name).load_state_dict(
                {key[len(start):]: value for key, value in state.items() if key.startswith(start)})


class Trainer:
    """The towers with the weights of a file, in one of PyTorch's layouts."""
    def __init__(self, spec):
        torch.set_num_threads(spec["threads"])
        self.spec = spec
        model = Towers(spec)
        model.load(spec["weights"])
        self.model = models.in_layout(model, spec["layout"])
        self.forward = torch.compile(self.model) if spec["compile"] else self.model
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)

    def step(self, *batch):
        with models.arithmetic(self.spec):
            loss = self.forward(*batch)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()
