"""Encoders that dubkit has trained, and the folders of its runs, without dubkit itself.

    import dubkit

    model = dubkit.load("exported")              # a folder of `dubkit export`
    features = model.embed_file("film.mkv")      # {"audio.en": [256], "video": [256], ...}
    features = model.embed_audio(samples, 44100) # [256]

Arrays go in and out as numpy arrays. `dubkit.runs` reads run folders and needs only numpy; `dubkit.hear`,
`dubkit.xares` and `dubkit.mteb` fit a model to these benchmarks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._model import Encoder, Model, load

__all__ = ["Encoder", "Model", "load", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Imported when first used, so that dubkit.runs needs no onnxruntime.
    if name in ("Encoder", "Model", "load"):
        from . import _model

        return getattr(_model, name)
    raise AttributeError(f"module 'dubkit' has no attribute '{name}'")
