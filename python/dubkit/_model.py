"""Encoders of an exported folder."""

from __future__ import annotations

import pathlib
import warnings
from typing import Any, Iterator, Optional, Sequence, Union

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from . import _facts, _film, _sound

Features = NDArray[np.float32]
Path = Union[str, pathlib.Path]


def load(folder: Path, *, threads: Optional[int] = None, providers: Optional[Sequence[str]] = None) -> "Model":
    """Opens a folder that `dubkit export` wrote.

    threads: threads of onnxruntime; by default, all cores.
    providers: onnxruntime's execution providers; by default, the processor.
    """
    return Model(_facts.read(folder), threads=threads, providers=providers)


class Encoder:
    """One encoder: arrays of prepared clips to features."""

    def __init__(self, entry: _facts.Entry, threads: Optional[int], providers: Optional[Sequence[str]]) -> None:
        options = onnxruntime.SessionOptions()
        if threads is not None:
            options.intra_op_num_threads = threads
        self._entry = entry
        self._session = onnxruntime.InferenceSession(
            str(entry.graph), options, providers=list(providers or ["CPUExecutionProvider"])
        )
        self._input = self._session.get_inputs()[0].name

    @property
    def name(self) -> str:
        """The encoder's name in the run: "audio"."""
        return self._entry.name

    @property
    def is_video(self) -> bool:
        return self._entry.input == "video"

    @property
    def features(self) -> int:
        """The width of a row of features."""
        return self._entry.features

    @property
    def channels(self) -> int:
        """Channels of the sound that the graph takes: 1 for the mean of the channels."""
        return self._entry.channels

    @property
    def samples(self) -> Optional[int]:
        """The only number of samples that the graph takes; None for any."""
        return self._entry.samples

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says about itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def __call__(self, batch: NDArray[np.float32]) -> Features:
        """Features [batch, features] of sound [batch, channels, samples] ([batch, samples] for one channel), or of
        frames [batch, time, height, width, 3] with values from 0 to 1."""
        (result,) = self._session.run(None, {self._input: np.ascontiguousarray(batch, dtype=np.float32)})
        return np.asarray(result, dtype=np.float32)

    def of_sounds(self, sounds: Sequence[_sound.Sound]) -> Features:
        """Features of stereo sounds [2, samples] of one length."""
        batch = np.stack(sounds)
        return self(batch.mean(axis=1) if self.channels == 1 else batch)


class Model:
    """The encoders of a folder, with their way of cutting clips."""

    def __init__(
        self, facts: _facts.Facts, *, threads: Optional[int] = None, providers: Optional[Sequence[str]] = None
    ) -> None:
        self._facts = facts
        self.encoders: dict[str, Encoder] = {entry.name: Encoder(entry, threads, providers) for entry in facts.encoders}
        if facts.notice:
            warnings.warn(f"unfinished weights: {facts.notice}", stacklevel=3)

    @property
    def weights(self) -> str:
        """The identity of the weights: run, step and digest."""
        return self._facts.weights

    @property
    def sample_rate(self) -> int:
        """Samples per second of the sound that the encoders take."""
        return self._facts.clips.sample_rate or 0

    @property
    def clip_seconds(self) -> float:
        return self._facts.clips.seconds

    def encoder(self, name: Optional[str] = None, *, video: Optional[bool] = None) -> Encoder:
        """An encoder by name, or the only one for sound or for video."""
        if name is not None:
            if name not in self.encoders:
                raise KeyError(f"there is no encoder '{name}' (there are: {', '.join(self.encoders)})")
            return self.encoders[name]
        found = [encoder for encoder in self.encoders.values() if video is None or encoder.is_video == video]
        if len(found) != 1:
            kind = "" if video is None else " for video" if video else " for sound"
            raise ValueError(f"{len(found)} encoders{kind}: name one of {', '.join(self.encoders)}")
        return found[0]

    def embed_audio(
        self, array: Any, rate: int, *, encoder: Optional[str] = None, rows: str = "source", batch: int = 16
    ) -> Features:
        """Features of a sound, [features], or of each of its clips, [clips, features].

        array: [samples] or [channels, samples] in -1..1, of one or two channels; whole numbers are scaled.
        rate: its samples per second; other rates than the model's need soxr.
        rows: "source" for the mean of the clips, "clip" for all.
        """
        given = _sound.stereo(array)
        sound = _sound.resampled(given, int(rate), self.sample_rate)
        chosen = self.encoder(encoder, video=False)
        clips = self._sound_clips(sound, 0.0, given.shape[1] / rate)
        return _rows(self._in_batches(chosen, clips, batch), rows)

    def embed_video(
        self,
        frames: Any,
        *,
        rate: Optional[float] = None,
        encoder: Optional[str] = None,
        rows: str = "source",
        batch: int = 4,
    ) -> Features:
        """Features of frames [time, height, width, 3], [features], or of each of their clips, [clips, features].

        frames: whole numbers from 0 to 255, or floats from 0 to 1. Other sizes than the model's need PyAV, and whole
            numbers.
        rate: frames per second; the frames are then cut into clips of the model's length. Without it, they are one
            clip.
        """
        array = np.asarray(frames)
        if array.ndim != 4 or array.shape[3] != 3 or array.shape[0] == 0:
            raise ValueError(f"frames must be [time, height, width, 3], but their shape is {array.shape}")
        _require_range(array)
        clips, size = self._facts.clips, self._facts.clips.size
        count = clips.frames or 1
        if rate is None:
            places = [[number * len(array) // count for number in range(count)]]
        else:
            duration = len(array) / rate
            places = [
                [
                    min(len(array) - 1, int((min(start + clips.seconds * number / count, duration)) * rate + 1e-6))
                    for number in range(count)
                ]
                for start in clips.starts(duration)
            ]
        if array.shape[1:3] != (size, size):
            if array.dtype != np.uint8:
                raise ValueError(
                    f"frames of {array.shape[1]} x {array.shape[2]}: expected {size} x {size}, or numbers of uint8"
                )
            array = _film.scaled(array, size)
        scale = np.float32(1 / 255) if np.issubdtype(array.dtype, np.integer) else np.float32(1)
        made = (array[place].astype(np.float32) * scale for place in places)
        return _rows(self._in_batches(self.encoder(encoder, video=True), made, batch), rows)

    def embed_file(
        self,
        path: Path,
        *,
        views: Optional[Sequence[str]] = None,
        languages: Optional[Sequence[str]] = None,
        rows: str = "source",
        batch: int = 16,
    ) -> dict[str, Features]:
        """Features of a film or a sound file by view, as `dubkit embed` names them.

        Encoders of sound give one view for each track of sound, "audio.en", or "audio" if there is one track.

        views: encoders to use; by default, those that the file has something for.
        languages: tracks of sound to use; by default, all.
        """
        place = str(path)
        if not pathlib.Path(place).is_file():
            raise FileNotFoundError(f"{place}: there is no such file")
        chosen = [self.encoder(name) for name in views] if views is not None else list(self.encoders.values())
        if place.lower().endswith((".wav", ".flac")):
            sounds = [encoder for encoder in chosen if not encoder.is_video]
            if not sounds:
                raise ValueError(f"{place}: has no video")
            array, rate = _sound.read(place)
            return {
                encoder.name: self.embed_audio(array, rate, encoder=encoder.name, rows=rows, batch=batch)
                for encoder in sounds
            }
        with _film.Film(place) as film:
            return self._embed_film(film, chosen, views is not None, languages, rows, batch)

    def _embed_film(
        self,
        film: _film.Film,
        chosen: Sequence[Encoder],
        is_explicit: bool,
        languages: Optional[Sequence[str]],
        rows: str,
        batch: int,
    ) -> dict[str, Features]:
        known = film.languages()
        tracks = list(enumerate(known))
        if languages is not None:
            missing = [name for name in languages if name not in known]
            if missing:
                raise ValueError(f"{film.path}: has no track in {', '.join(missing)} (it has: {', '.join(known)})")
            tracks = [(known.index(name), name) for name in languages]
        result: dict[str, Features] = {}
        sounds: dict[int, list[_sound.Sound]] = {}
        for encoder in chosen:
            if encoder.is_video:
                if film.video is None:
                    if is_explicit:
                        raise ValueError(f"{film.path}: has no video for '{encoder.name}'")
                    continue
                result[encoder.name] = _rows(self._in_batches(encoder, self._frame_clips(film), min(batch, 4)), rows)
                continue
            if not tracks and is_explicit:
                raise ValueError(f"{film.path}: has no sound for '{encoder.name}'")
            for index, language in tracks:
                if index not in sounds:
                    array, rate, origin = film.sound(index)
                    at_rate = _sound.resampled(array, rate, self.sample_rate)
                    sounds[index] = list(self._sound_clips(at_rate, origin, film.duration))
                name = encoder.name if len(tracks) == 1 else f"{encoder.name}.{language}"
                result[name] = _rows(self._in_batches(encoder, sounds[index], batch), rows)
        if not result:
            raise ValueError(f"{film.path}: has nothing for {', '.join(encoder.name for encoder in chosen)}")
        return result

    def timestamps(
        self, sounds: Any, hop: float = 0.05, *, encoder: Optional[str] = None, batch: int = 64
    ) -> tuple[Features, NDArray[np.float64]]:
        """Features around the points of a regular grid: [sounds, points, features], and the points in seconds.

        sounds: [sounds, samples] or [sounds, 2, samples] at the model's rate. Each point's features are those of a clip
            around it, with silence before the beginning and after the end.
        """
        chosen = self.encoder(encoder, video=False)
        array = np.asarray(sounds, dtype=np.float32)
        length, count = array.shape[-1], self._facts.clips.samples
        points = np.arange(int(length / self.sample_rate / hop + 1e-9) + 1, dtype=np.float64) * hop

        def windows() -> Iterator[_sound.Sound]:
            for sound in array:
                whole = _sound.stereo(sound)
                for point in points:
                    yield _sound.window(whole, _facts._rounded(float(point) * self.sample_rate) - count // 2, count)

        features = self._in_batches(chosen, windows(), batch)
        return features.reshape(len(array), len(points), features.shape[1]), points

    def _sound_clips(self, sound: _sound.Sound, origin: float, duration: float) -> Iterator[_sound.Sound]:
        clips, rate = self._facts.clips, self.sample_rate
        for start in clips.starts(duration):
            first = _facts._rounded((start - origin) * rate)
            length = _facts._rounded(min(clips.seconds, duration) * rate)
            yield _sound.padded(_sound.window(sound, first, length), clips.samples)

    def _frame_clips(self, film: _film.Film) -> Iterator[NDArray[np.float32]]:
        clips = self._facts.clips
        count = clips.frames or 1
        starts = clips.starts(film.duration)
        times = [
            min(start + clips.seconds * number / count, film.duration) for start in starts for number in range(count)
        ]
        frames = film.frames(times, clips.size)
        for index in range(len(starts)):
            yield frames[index * count : (index + 1) * count].astype(np.float32) * np.float32(1 / 255)

    def _in_batches(self, encoder: Encoder, clips: Any, batch: int) -> Features:
        made: list[Features] = []
        pending: list[Any] = []

        def flush() -> None:
            if pending:
                made.append(encoder(np.stack(pending)) if encoder.is_video else encoder.of_sounds(pending))
                pending.clear()

        for clip in clips:
            pending.append(clip)
            if len(pending) == batch:
                flush()
        flush()
        if not made:
            raise ValueError("there is nothing to embed: the source is empty")
        return np.concatenate(made)


def _require_range(frames: NDArray[Any]) -> None:
    """Raises an error for values that no frame has: numbers with a fraction count to 1, whole numbers to 255."""
    is_whole = np.issubdtype(frames.dtype, np.integer)
    kind, most = ("whole numbers", 255) if is_whole else ("floats", 1)
    low, high = frames.min(), frames.max()
    # Scaling may overshoot by a little.
    slack = 0 if is_whole else 0.1
    if not (low >= -slack and high <= most + slack):
        raise ValueError(
            f"frames of {kind} ({frames.dtype}) must be from 0 to {most}, but are from {low:g} to {high:g}"
            + ("" if is_whole else ": divide frames of 0..255 by 255")
        )


def _rows(features: Features, rows: str) -> Features:
    if rows == "clip":
        return features
    if rows == "source":
        return np.asarray(features.mean(axis=0), dtype=np.float32)
    raise ValueError(f"rows must be 'source' or 'clip', but is {rows!r}")
