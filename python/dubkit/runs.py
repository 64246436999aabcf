"""Run folders, features and tables of results as arrays, for notebooks and plots.

    run = dubkit.runs.open_run("runs/simclr_dub")     # the newest run in the folder
    plt.plot(run.metrics["step"], run.metrics["loss"])
    run.configuration["learning_rate"]                # Setting(value="0.001", origin="recipe", provenance="inferred")

Only numpy is needed.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import NDArray

Path = Union[str, pathlib.Path]
Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Setting:
    """A key of the recipe: its value as text, who set it, and where its default comes from."""

    value: str
    origin: str
    provenance: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class FeatureTable:
    """What `dubkit embed` wrote: rows of features by view, with the name and the film of each row."""

    ids: list[str]
    films: list[str]
    views: dict[str, NDArray[np.float32]]
    encoder: str


class Run:
    """A run folder."""

    def __init__(self, path: Path) -> None:
        self.path = pathlib.Path(path)
        if not (self.path / "status.json").is_file():
            raise FileNotFoundError(f"{self.path}: is not a run folder (there is no status.json)")

    def __repr__(self) -> str:
        status = self.status
        return f"Run({str(self.path)!r}, {status['state']}, step {status['step']} of {status['steps']})"

    @property
    def name(self) -> str:
        """ "simclr_dub/20261123-001238-1"."""
        return f"{self.path.resolve().parent.name}/{self.path.resolve().name}"

    @property
    def status(self) -> dict[str, Any]:
        """state, step, steps, updated and, if it did not finish, reason."""
        return _json(self.path / "status.json")

    @property
    def configuration(self) -> dict[str, Setting]:
        """The keys of the recipe."""
        entries = _json(self.path / "config.resolved.json")["recipe"]
        return {
            key: Setting(entry["value"], entry["origin"], entry.get("provenance")) for key, entry in entries.items()
        }

    @property
    def options(self) -> dict[str, dict[str, Setting]]:
        """The options of training, optimizer, schedule and evaluation, by plugin."""
        plugins = _json(self.path / "config.resolved.json")["plugins"]
        return {
            plugin: {
                key: Setting(entry["value"], entry["origin"], entry.get("provenance")) for key, entry in own.items()
            }
            for plugin, own in plugins.items()
        }

    @property
    def model(self) -> dict[str, Any]:
        """The modules with their options, and the settings of clips."""
        return _json(self.path / "model.json")

    @property
    def metrics(self) -> dict[str, NDArray[np.float64]]:
        """A column for each number of metrics.jsonl, NaN where a step has none; terms of the loss are "terms/name"."""
        return columns(read_lines(self.path / "metrics.jsonl"))

    @property
    def evaluations(self) -> dict[str, dict[int, dict[str, float]]]:
        """Results by evaluation and step."""
        found: dict[str, dict[int, dict[str, float]]] = {}
        for path in sorted((self.path / "evaluation").glob("*-step-*.json")):
            match = re.fullmatch(r"(.+)-step-(\d+)", path.stem)
            if match:
                found.setdefault(match[1], {})[int(match[2])] = _json(path)
        return {name: dict(sorted(steps.items())) for name, steps in found.items()}

    @property
    def results(self) -> list[dict[str, Any]]:
        """The lines of results.jsonl."""
        return read_results(self.path)

    @property
    def checkpoints(self) -> dict[int, pathlib.Path]:
        """Folders of checkpoints by step."""
        found = {}
        for path in (self.path / "checkpoints").glob("step-*"):
            number = path.name[len("step-") :]
            if number.isdigit() and (path / "model.safetensors").is_file():
                found[int(number)] = path
        return dict(sorted(found.items()))

    def weights(self, step: Optional[int] = None) -> dict[str, Array]:
        """The tensors of a checkpoint by name; of the newest without a step."""
        checkpoints = self.checkpoints
        if not checkpoints:
            raise FileNotFoundError(f"{self.path}: has no checkpoint")
        if step is None:
            step = max(checkpoints)
        if step not in checkpoints:
            raise KeyError(
                f"{self.path}: has no checkpoint of step {step} (there are: {', '.join(map(str, checkpoints))})"
            )
        return read_weights(checkpoints[step] / "model.safetensors")


def open_run(folder: Path) -> Run:
    """A run folder, or the newest run in a folder of runs."""
    place = pathlib.Path(folder)
    if (place / "status.json").is_file():
        return Run(place)
    found = list_runs(place)
    if not found:
        raise FileNotFoundError(f"{place}: is not a run folder and contains none")
    return found[-1]


def list_runs(folder: Path) -> list[Run]:
    """The runs in a folder, and in the folders in it, oldest first."""
    place = pathlib.Path(folder)
    paths = [path.parent for pattern in ("*/status.json", "*/*/status.json") for path in place.glob(pattern)]

    def age(path: pathlib.Path) -> list[Any]:
        return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]

    return [Run(path) for path in sorted(paths, key=age)]


def read_features(folder: Path) -> FeatureTable:
    """The features in a folder of `dubkit embed --out`."""
    place = pathlib.Path(folder)
    if not (place / "ids.json").is_file():
        raise FileNotFoundError(f"{place}: contains no features (there is no ids.json)")
    facts = _json(place / "ids.json")
    archive = place / "features.npz"
    names = list(facts["views"])
    if archive.is_file() and not (place / f"{names[0]}.npy").is_file():
        with np.load(archive, allow_pickle=False) as content:
            views = {name: content[name] for name in names}
    else:
        views = {name: np.load(place / f"{name}.npy", allow_pickle=False) for name in names}
    return FeatureTable(facts["ids"], facts["films"], views, facts["encoder"])


def read_results(path: Path) -> list[dict[str, Any]]:
    """A table of results, a dict for each line; of lines with the same variant, task, metric and seed, the last."""
    place = pathlib.Path(path)
    lines = read_lines(place / "results.jsonl" if place.is_dir() else place)
    latest = {tuple(line.get(key) for key in ("variant", "task", "metric", "seed")): line for line in lines}
    return list(latest.values())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; none if there is no such file. A last line that is cut short is left out."""
    place = pathlib.Path(path)
    if not place.is_file():
        return []
    text = place.read_text(encoding="utf-8").split("\n")
    result = []
    for number, line in enumerate(text):
        if not line.strip():
            continue
        try:
            result.append(json.loads(line))
        except json.JSONDecodeError as error:
            if number == len(text) - 1:
                break
            raise ValueError(f"{place}:{number + 1}: {error}") from error
    return result


def columns(lines: list[dict[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """The numbers of lines as columns; nested names are joined by slashes."""

    def flat(value: dict[str, Any], prefix: str = "") -> dict[str, float]:
        result: dict[str, float] = {}
        for key, item in value.items():
            if isinstance(item, dict):
                result.update(flat(item, f"{prefix}{key}/"))
            elif isinstance(item, (int, float)) and not isinstance(item, bool):
                result[prefix + key] = float(item)
        return result

    rows = [flat(line) for line in lines]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}


_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}


def read_weights(path: Path) -> dict[str, Array]:
    """The tensors of a safetensors file by name."""
    place = pathlib.Path(path)
    data = np.memmap(place, dtype=np.uint8, mode="r")
    length = int.from_bytes(bytes(data[:8]), "little") if len(data) >= 8 else -1
    if not 0 <= length <= len(data) - 8:
        raise ValueError(f"{place}: is not a safetensors file")
    header = json.loads(bytes(data[8 : 8 + length]))
    result: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in _TYPES or not 0 <= begin <= end <= len(data) - 8 - length:
            raise ValueError(f"{place}: '{name}' cannot be read: {entry}")
        values = np.frombuffer(bytes(data[8 + length + begin : 8 + length + end]), dtype=_TYPES[entry["dtype"]])
        result[name] = values.reshape(entry["shape"])
    return result


def _json(path: pathlib.Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
