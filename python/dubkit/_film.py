"""Films: tracks of sound by language, and frames at given times, read by PyAV."""

from __future__ import annotations

import fractions
import math
from typing import Any, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from . import _sound
from ._facts import _rounded

# A film lasts as long as its video, unless its sound is longer by more than this; the last frame is then held.
_OVERHANG = 0.5


class Film:
    """A film or a sound file, open for reading. Times are seconds from its first frame, or from its earliest sound."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._av = _sound.required("av", "video", "reading films")
        self._container = self._av.open(path)
        videos = [stream for stream in self._container.streams.video if not _is_picture(stream)]
        self.video: Optional[Any] = videos[0] if videos else None
        self.tracks: list[Any] = list(self._container.streams.audio)
        starts = [_start(stream) for stream in ([self.video] if self.video else self.tracks)]
        self.zero = min(starts, default=0.0)
        self.duration = self._duration()

    def __enter__(self) -> "Film":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _duration(self) -> float:
        end = (self._container.start_time or 0) / 1e6 + (self._container.duration or 0) / 1e6

        def length(stream: Any) -> float:
            if stream.duration is not None:
                return float(stream.duration * stream.time_base)
            return _tagged(stream) or end - _start(stream)

        heard = max((_start(track) - self.zero + length(track) for track in self.tracks), default=0.0)
        if self.video is None:
            return heard
        seen = length(self.video)
        return heard if heard > seen + _OVERHANG else seen

    def languages(self) -> list[str]:
        """The language of each track of sound, as two letters where there are; "und" if it is unknown."""
        return [_LETTERS.get(track.language or "und", track.language or "und") for track in self.tracks]

    def sound(self, track: int) -> tuple[_sound.Sound, int, float]:
        """A whole track as [2, samples], its rate, and the time of its first sample."""
        stream = self.tracks[track]
        self._container.seek(0)
        pieces: list[tuple[int, _sound.Sound]] = []
        origin: Optional[float] = None
        next_sample, rate = 0, 0
        for frame in self._container.decode(stream):
            values = _stereo(frame)
            rate = frame.sample_rate
            time = float(frame.pts * frame.time_base) if frame.pts is not None else None
            if origin is None:
                origin = (time if time is not None else self.zero) - self.zero
            if time is not None:
                exact = _rounded((time - self.zero - origin) * rate)
                # Frames join unless a large part of one is missing.
                if abs(exact - next_sample) > max(values.shape[1] / 2, 0.002 * rate):
                    next_sample = exact
            pieces.append((next_sample, values))
            next_sample += values.shape[1]
        if not pieces:
            raise ValueError(f"{self.path}: not a single sample of track {track} can be decoded")
        whole = np.zeros((2, max(first + piece.shape[1] for first, piece in pieces)), dtype=np.float32)
        for first, piece in pieces:
            if first >= 0:
                whole[:, first : first + piece.shape[1]] = piece
        return whole, rate, origin or 0.0

    def frames(self, times: Sequence[float], size: int) -> NDArray[np.uint8]:
        """The frames shown at these times, [times, size, size, 3]: the largest centred square of each."""
        stream = self.video
        if stream is None:
            raise ValueError(f"{self.path}: has no video")
        tick = float(stream.time_base)
        first = _rounded(self.zero / tick)
        rounding = min(0.5, 0.0005 / tick) + 1e-6
        wanted = [first + math.floor(time / tick + rounding) for time in times]
        order = sorted(range(len(times)), key=lambda slot: wanted[slot])
        result = np.zeros((len(times), size, size, 3), dtype=np.uint8)
        self._container.seek(0)
        scaler = _Scaler(self._av, stream, size)
        shown: Optional[Any] = None
        image: Optional[NDArray[np.uint8]] = None
        position = 0

        def deliver(until: Optional[int]) -> None:
            nonlocal position, image
            while position < len(order) and (until is None or wanted[order[position]] < until):
                if image is None:
                    image = scaler(shown)
                result[order[position]] = image
                position += 1

        for frame in self._container.decode(stream):
            if shown is not None and frame.pts is not None:
                deliver(frame.pts)
            if position == len(order):
                break
            shown, image = frame, None
        if shown is None:
            raise ValueError(f"{self.path}: not a single frame can be decoded")
        deliver(None)
        return result


class _Scaler:
    """Cuts and scales frames with FFmpeg's filters, as the kit does with the same library."""

    def __init__(self, av: Any, stream: Any, size: int) -> None:
        self._av, self._size = av, size
        self._aspect = float(stream.sample_aspect_ratio or 1) if stream is not None else 1.0
        self._graph: Optional[tuple[tuple[int, int, str], Any]] = None

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        key = (frame.width, frame.height, frame.format.name)
        if self._graph is None or self._graph[0] != key:
            self._graph = (key, self._make(frame))
        graph = self._graph[1]
        frame.pts = None
        graph.push(frame)
        image = np.asarray(graph.pull().to_ndarray(format="rgb24"), dtype=np.uint8)
        turns = round(-(getattr(frame, "rotation", 0) or 0) / 90) % 4
        return np.ascontiguousarray(np.rot90(image, -turns)) if turns else image

    def _make(self, frame: Any) -> Any:
        width, height = frame.width, frame.height
        x, w = _span(width, min(1.0, height / (width * self._aspect)))
        y, h = _span(height, min(1.0, width * self._aspect / height))
        graph = self._av.filter.Graph()
        source = graph.add_buffer(
            width=width, height=height, format=frame.format, time_base=fractions.Fraction(1, 1000)
        )
        crop = graph.add("crop", f"w={w}:h={h}:x={x}:y={y}:exact=1")
        scale = graph.add("scale", f"w={self._size}:h={self._size}:flags=bilinear+accurate_rnd+bitexact")
        form = graph.add("format", "pix_fmts=rgb24")
        sink = graph.add("buffersink")
        for before, after in zip([source, crop, scale, form], [crop, scale, form, sink]):
            before.link_to(after)
        graph.configure()
        return graph


def scaled(frames: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Frames [count, height, width, 3] as squares: their centre, scaled as for films."""
    if frames.shape[1:3] == (size, size):
        return frames
    av = _sound.required("av", "video", f"frames of {frames.shape[1]} x {frames.shape[2]} instead of {size} x {size}")
    scaler = _Scaler(av, None, size)
    return np.stack(
        [scaler(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")) for image in frames]
    )


def _span(pixels: int, share: float) -> tuple[int, int]:
    """The even start and the length of the centred part of a side."""
    length = min(pixels, max(1, _rounded(share * pixels)))
    start = _rounded((1 - share) * 0.5 * pixels) & ~1
    return min(max(0, start), pixels - length), length


def _start(stream: Any) -> float:
    return float(stream.start_time * stream.time_base) if stream.start_time is not None else 0.0


def _is_picture(stream: Any) -> bool:
    """Whether a stream is cover art."""
    return (
        bool(stream.disposition & stream.disposition.__class__.attached_pic)
        if hasattr(stream, "disposition")
        else False
    )


def _tagged(stream: Any) -> Optional[float]:
    """Matroska's DURATION tag in seconds."""
    text = stream.metadata.get("DURATION") or stream.metadata.get("DURATION-eng")
    if not text:
        return None
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _stereo(frame: Any) -> _sound.Sound:
    values = frame.to_ndarray()
    channels = len(frame.layout.channels)
    if not frame.format.is_planar:
        values = values.reshape(-1, channels).T
    if values.dtype == np.uint8:
        floats = (values.astype(np.float32) - 128) / 128
    elif np.issubdtype(values.dtype, np.integer):
        floats = (values / -float(np.iinfo(values.dtype).min)).astype(np.float32)
    else:
        floats = values.astype(np.float32)
    return _sound.stereo(floats) if channels <= 2 else _sound._mixed(floats)


# The two-letter codes of common three-letter ones.
_LETTERS = {
    "ara": "ar",
    "ces": "cs",
    "cze": "cs",
    "chi": "zh",
    "zho": "zh",
    "dan": "da",
    "deu": "de",
    "ger": "de",
    "dut": "nl",
    "nld": "nl",
    "ell": "el",
    "gre": "el",
    "eng": "en",
    "fin": "fi",
    "fra": "fr",
    "fre": "fr",
    "heb": "he",
    "hin": "hi",
    "hun": "hu",
    "ind": "id",
    "ita": "it",
    "jpn": "ja",
    "kor": "ko",
    "nor": "no",
    "pol": "pl",
    "por": "pt",
    "ron": "ro",
    "rum": "ro",
    "rus": "ru",
    "spa": "es",
    "swe": "sv",
    "tha": "th",
    "tur": "tr",
    "ukr": "uk",
    "vie": "vi",
}
