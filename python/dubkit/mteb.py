"""MTEB (MAEB): an encoder of sounds for `mteb.evaluate`.

import mteb
from dubkit.mteb import DubkitEncoder
mteb.evaluate(DubkitEncoder("exported"), mteb.get_tasks(modalities=["audio"]))
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
from mteb.models.abs_encoder import AbsEncoder
from mteb.models.model_meta import ModelMeta, ScoringFunction

from ._model import Features, load


class DubkitEncoder(AbsEncoder):
    """The encoder for sound of an exported folder."""

    def __init__(self, folder: str, *, encoder: Optional[str] = None, name: str = "dubkit/encoder") -> None:
        """
        folder: an exported folder.
        encoder: one of several encoders for sound.
        name: "organisation/model", under which results are kept.
        """
        self.model = load(folder)
        self.encoder_name = self.model.encoder(encoder, video=False).name
        self.mteb_model_meta = ModelMeta.create_empty(
            {
                "name": name,
                "revision": self.model.weights,
                "embed_dim": self.model.encoder(self.encoder_name).features,
                "modalities": ["audio"],
                "similarity_fn_name": ScoringFunction.COSINE,
                "framework": [],
            }
        )

    def encode(self, inputs: Any, **_: Any) -> Features:
        """Features [sounds, features] of batches with sounds under "audio"."""
        rows = []
        for batch in inputs:
            if "audio" not in batch:
                raise ValueError(f"expected sounds, but the batch has {', '.join(batch)}")
            for item in batch["audio"]:
                rate = item["sampling_rate"] or self.model.sample_rate
                sound = np.asarray(item["array"], dtype=np.float32)
                rows.append(self.model.embed_audio(sound, int(rate), encoder=self.encoder_name))
        return np.stack(rows)
