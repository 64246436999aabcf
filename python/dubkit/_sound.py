"""Sounds as arrays: reading, resampling, cutting."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]


def required(name: str, extra: str, purpose: str) -> ModuleType:
    """A module of an optional dependency; raises ImportError that says how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"{purpose} needs '{name}': pip install 'dubkit[{extra}]'") from error


def stereo(sound: Any) -> Sound:
    """Sound of one or two channels as [2, samples].

    Takes [samples], [channels, samples] or [samples, channels]; whole numbers are scaled to -1..1.
    """
    array = np.asarray(sound)
    if array.dtype == np.uint8:
        array = (array.astype(np.float32) - 128) / 128
    elif np.issubdtype(array.dtype, np.integer):
        array = array.astype(np.float64) / -float(np.iinfo(array.dtype).min)
    array = np.asarray(array, dtype=np.float32)
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2 or min(array.shape) == 0:
        raise ValueError(f"sound must be [samples] or [channels, samples], but its shape is {np.shape(sound)}")
    if array.shape[0] > 2 and array.shape[1] <= 2:
        array = array.T
    if array.shape[0] > 2:
        raise ValueError(f"sound of {array.shape[0]} channels: expected one or two; mix them down first")
    if not np.isfinite(array).all():
        raise ValueError("sound has values that are not finite")
    return np.ascontiguousarray(np.broadcast_to(array, (2, array.shape[1])))


def resampled(sound: Sound, rate: int, to: int) -> Sound:
    """[2, samples] at another rate: ceil(samples * to / rate) samples, by libsoxr as in the kit."""
    if rate == to:
        return sound
    soxr = required("soxr", "sound", f"sound at {rate} Hz instead of {to} Hz")
    count = -(-sound.shape[1] * to // rate)
    result = soxr.resample(np.ascontiguousarray(sound.T), rate, to, quality="HQ").T
    return padded(np.asarray(result, dtype=np.float32), count)


def padded(sound: Sound, count: int) -> Sound:
    """The first samples, with silence behind them if there are too few."""
    if sound.shape[1] >= count:
        return np.ascontiguousarray(sound[:, :count])
    return np.pad(sound, ((0, 0), (0, count - sound.shape[1])))


def window(sound: Sound, first: int, count: int) -> Sound:
    """Samples from `first` on, which may be before the beginning; silence where there is no sound."""
    result = np.zeros((sound.shape[0], count), dtype=np.float32)
    low, high = max(0, first), min(sound.shape[1], first + count)
    if low < high:
        result[:, low - first : high - first] = sound[:, low:high]
    return result


def read(path: str) -> tuple[Sound, int]:
    """A sound file as [2, samples] and its rate."""
    soundfile = required("soundfile", "sound", "reading sound files")
    values, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return stereo(values.T if values.shape[1] <= 2 else _mixed(values.T)), int(rate)


# Weights of channels on the left and right side by ITU-R BS.775, in the usual order of 3 to 6 channels.
_SIDES = {
    3: ([1, 0, 0.5**0.5], [0, 1, 0.5**0.5]),
    4: ([1, 0, 0.5**0.5, 0], [0, 1, 0, 0.5**0.5]),
    5: ([1, 0, 0.5**0.5, 0.5**0.5, 0], [0, 1, 0.5**0.5, 0, 0.5**0.5]),
    6: ([1, 0, 0.5**0.5, 0, 0.5**0.5, 0], [0, 1, 0.5**0.5, 0, 0, 0.5**0.5]),
}


def _mixed(sound: Sound) -> Sound:
    sides = _SIDES.get(sound.shape[0])
    if sides is None:
        raise ValueError(f"sound of {sound.shape[0]} channels cannot be mixed to stereo")
    weights = np.array(sides, dtype=np.float32)
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)) @ sound, dtype=np.float32)
