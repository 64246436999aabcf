"""What an exported folder says about its encoders: `dubkit.json`."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any, Optional, Sequence

FILE = "dubkit.json"


@dataclasses.dataclass(frozen=True)
class Clips:
    """How sounds and films become an encoder's input."""

    seconds: float
    frames: Optional[int]
    size: int
    sample_rate: Optional[int]
    is_mono: bool

    @property
    def samples(self) -> int:
        """Samples of a clip's sound."""
        return _rounded(self.seconds * (self.sample_rate or 0))

    def starts(self, duration: float) -> list[float]:
        """The starts of consecutive clips in a source, in seconds.

        A remainder of more than half a clip gets a clip that ends with the source; a source shorter than a clip gets
        one clip.
        """
        whole = int((duration + 0.002) // self.seconds)
        if whole == 0:
            return [0.0] if duration > 0 else []
        starts = [number * self.seconds for number in range(whole)]
        if duration - whole * self.seconds > self.seconds / 2:
            starts.append(duration - self.seconds)
        return starts


@dataclasses.dataclass(frozen=True)
class Entry:
    """An encoder of a folder."""

    name: str
    input: str
    features: int
    graph: pathlib.Path
    channels: int
    samples: Optional[int]
    frames: Optional[Sequence[Optional[int]]]


@dataclasses.dataclass(frozen=True)
class Facts:
    """The content of a folder."""

    weights: str
    notice: Optional[str]
    clips: Clips
    encoders: list[Entry]


def _rounded(value: float) -> int:
    """The nearest whole number; halves away from zero, as in the kit."""
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def read(folder: str | pathlib.Path) -> Facts:
    """Reads `dubkit.json`; raises FileNotFoundError or ValueError with what is wrong."""
    place = pathlib.Path(folder)
    path = place / FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"{place}: is not an exported folder (there is no {FILE}): write one with 'dubkit export RUN --out FOLDER'"
        )
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        clips = facts["model"]["clips"]
        mel = clips.get("mel") or {}
        encoders = [_entry(place, item) for item in facts["encoders"]]
        state = facts.get("state")
        notice = None
        if state not in (None, "finished"):
            notice = f"the run is {state} after {facts.get('step')} of {facts.get('steps')} steps"
        return Facts(
            weights=facts["weights"],
            notice=notice,
            clips=Clips(
                seconds=float(clips["seconds"]),
                frames=clips.get("frames"),
                size=int(clips["size"]),
                sample_rate=mel.get("sample_rate"),
                is_mono=bool(mel.get("mono", False)),
            ),
            encoders=encoders,
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: cannot be understood: {error!r}") from error


def _entry(place: pathlib.Path, item: dict[str, Any]) -> Entry:
    if item.get("folder") is None:
        raise ValueError(f"{place}: has no graph of '{item['name']}': export with '--format onnx'")
    return Entry(
        name=item["name"],
        input=item["input"],
        features=int(item["features"]),
        graph=place / item["folder"] / "encoder.onnx",
        channels=int(item.get("channels") or 0),
        samples=item.get("samples"),
        frames=item.get("frames"),
    )
