"""X-ARES: an encoder class for `python -m xares.run` (https://github.com/jimbozhang/xares).

    from dubkit.xares import DubkitEncoder
    encoder = DubkitEncoder("exported")

X-ARES makes the encoder without arguments: set the environment variable DUBKIT_EXPORT to the folder then.
"""

from __future__ import annotations

import os
from typing import Optional

import torch

from ._model import load
from ._sound import resampled, stereo


class DubkitEncoder(torch.nn.Module):
    """Mono sound [batch, samples] to frames [batch, frames, features], each from the clip around it."""

    def __init__(
        self,
        folder: Optional[str] = None,
        *,
        encoder: Optional[str] = None,
        sampling_rate: int = 16_000,
        hop_size_in_ms: int = 500,
    ) -> None:
        """
        folder: an exported folder; by default, what DUBKIT_EXPORT names.
        sampling_rate: the rate of the sound that is passed; other rates than the model's need soxr.
        hop_size_in_ms: from frame to frame. Every frame costs as much as a clip.
        """
        super().__init__()
        place = folder or os.environ.get("DUBKIT_EXPORT", "")
        if not place:
            raise ValueError("name an exported folder, or set DUBKIT_EXPORT")
        self.model = load(place)
        self.encoder_name = self.model.encoder(encoder, video=False).name
        self.sampling_rate = sampling_rate
        self.hop_size_in_ms = hop_size_in_ms
        self.output_dim = self.model.encoder(self.encoder_name).features

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        if audio.ndim == 1:
            audio = audio[None]
        sounds = [
            resampled(stereo(sound), self.sampling_rate, self.model.sample_rate)
            for sound in audio.detach().cpu().numpy()
        ]
        features, _ = self.model.timestamps(sounds, self.hop_size_in_ms / 1000, encoder=self.encoder_name)
        return torch.from_numpy(features).to(audio.device)
