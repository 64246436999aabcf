"""HEAR 2021's common API (https://hearbenchmark.com/hear-api.html) for an exported folder.

    model = dubkit.hear.load_model("exported")
    embeddings, timestamps = dubkit.hear.get_timestamp_embeddings(audio, model)

Scene embeddings are the mean over clips of a sound; a timestamp's embedding is that of the clip around it. Without a
path, `load_model` takes the folder that the environment variable DUBKIT_EXPORT names.
"""

from __future__ import annotations

import os

import numpy as np
import torch

from ._model import Model, load

HOP_SECONDS = 0.05


class HearModel(torch.nn.Module):
    """A model as HEAR expects it. It runs in onnxruntime, whatever device it is moved to."""

    def __init__(self, model: Model, encoder: str | None = None) -> None:
        super().__init__()
        self.model = model
        self.encoder_name = model.encoder(encoder, video=False).name
        self.sample_rate: int = model.sample_rate
        width = model.encoder(self.encoder_name).features
        self.scene_embedding_size: int = width
        self.timestamp_embedding_size: int = width


def load_model(model_file_path: str = "") -> HearModel:
    """The encoder for sound of an exported folder; "folder:name" chooses one of several."""
    place = model_file_path or os.environ.get("DUBKIT_EXPORT", "")
    if not place:
        raise ValueError("name an exported folder, or set DUBKIT_EXPORT: 'dubkit export RUN --out FOLDER' writes one")
    name = None
    if not os.path.exists(place) and ":" in place:
        place, name = place.rsplit(":", 1)
    return HearModel(load(place), name)


def get_scene_embeddings(audio: torch.Tensor, model: HearModel) -> torch.Tensor:
    """Embeddings [sounds, features] of mono sounds [sounds, samples] in -1..1."""
    sounds = _array(audio)
    rows = [model.model.embed_audio(sound, model.sample_rate, encoder=model.encoder_name) for sound in sounds]
    return torch.from_numpy(np.stack(rows)).to(audio.device)


def get_timestamp_embeddings(
    audio: torch.Tensor, model: HearModel, hop_seconds: float = HOP_SECONDS
) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings [sounds, points, features] and the points in milliseconds, [sounds, points]."""
    features, points = model.model.timestamps(_array(audio), hop_seconds, encoder=model.encoder_name)
    times = torch.from_numpy(np.broadcast_to(points * 1000, features.shape[:2]).astype(np.float32).copy())
    return torch.from_numpy(features).to(audio.device), times.to(audio.device)


def _array(audio: torch.Tensor) -> np.ndarray:
    if audio.ndim != 2:
        raise ValueError(f"audio must be [sounds, samples], but its shape is {tuple(audio.shape)}")
    return np.asarray(audio.detach().cpu().numpy(), dtype=np.float32)
