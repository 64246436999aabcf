"""Turns a folder of Parquet files with sounds or films, as Hugging Face's `datasets` ships them, into tar files that
dubkit and webdataset read.

Run: python3 scripts/data/parquet_to_tar.py FOLDER OUT [--column audio] [--film speaker_id] (needs pyarrow)

Each row becomes a sample: the bytes of its sound as they are, and a .json with its other columns as labels. Columns of
class numbers get the names of the classes. If there are several splits (by the names of the files or of their folders),
rows of train are for training and those of all others are held out; the label `split` says which it was, unless a column
has that name. Else the kit divides the rows. The value in the column --film is that of the row's film, recording or
speaker, which the kit keeps on one side. OUT appears when all of it is complete. Memory does not grow with the folder.
"""
import argparse
import datetime
import decimal
import io
import json
import math
import os
import re
import shutil
import sys
import tarfile

import pyarrow
import pyarrow.parquet

SPLITS = ("train", "validation", "valid", "val", "dev", "test", "eval")
# Beginnings of files, for sounds without a name.
MARKS = [(0, b"fLaC", "flac"), (0, b"OggS", "ogg"), (0, b"ID3", "mp3"), (0, b"\xff\xfb", "mp3"), (0, b"\xff\xf3", "mp3"),
         (8, b"WAVE", "wav"), (4, b"ftyp", "mp4"), (0, b"\x1aE\xdf\xa3", "mkv")]


class Refused(Exception):
    """What is wrong with the folder."""


def parquet_files(folder):
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(place, name) for name in sorted(names) if name.endswith(".parquet")]
    if not found:
        raise Refused(f"{folder}: no .parquet files in this folder"
                      " (a folder of save_to_disk has .arrow files: load it and call to_parquet)")
    return found


def split_of(path, folder):
    """The split that a file's name begins with, or that a folder above it has; train if none does."""
    parts = os.path.relpath(path, folder).lower().split(os.sep)
    for part in reversed(parts):
        word = re.match(r"[a-z]+", part)
        if word and word.group() in SPLITS:
            return word.group()
    return "train"


def features_of(schema):
    """What Hugging Face's metadata say of the columns, by name."""
    stated = (schema.metadata or {}).get(b"huggingface")
    return json.loads(stated).get("info", {}).get("features", {}) if stated else {}


def media_column(schema, features, wanted, path):
    """The column with the sounds: structs with bytes and path."""
    def has_bytes(field):
        return pyarrow.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0

    columns = [field.name for field in schema if has_bytes(field)]
    if wanted is not None:
        if wanted not in columns:
            raise Refused(f"{path}: has no column '{wanted}' with bytes (it has: {', '.join(columns) or 'none'})")
        return wanted
    stated = [name for name in columns if features.get(name, {}).get("_type") in ("Audio", "Video")]
    columns = stated or columns
    if len(columns) != 1:
        raise Refused(f"{path}: expected one column with the bytes of sounds or films, found"
                      f" {', '.join(columns) or 'none'}: name one with --column")
    return columns[0]


def plain(value):
    """A value as JSON has it; None for what JSON cannot hold."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal)):
        return str(value)
    return None


def with_class_names(value, feature):
    """Class numbers as names, in lists too; -1 means none."""
    if isinstance(feature, list):
        feature = {"_type": "Sequence", "feature": feature[0] if feature else {}}
    if not isinstance(feature, dict) or value is None:
        return value
    if feature.get("_type") == "ClassLabel" and isinstance(value, int):
        names = feature.get("names") or []
        if value < 0:
            return None
        if value >= len(names):
            raise Refused(f"class {value}, but there are {len(names)} names")
        return names[value]
    if feature.get("_type") in ("Sequence", "List", "LargeList") and isinstance(value, list):
        return [with_class_names(item, feature.get("feature")) for item in value]
    return value


def media_bytes(media, folder):
    """The bytes of a sound and the ending of its name."""
    if media is None:
        raise Refused("has no sound")
    data, name = media.get("bytes"), media.get("path") or ""
    if data is None:
        path = os.path.join(folder, name)
        if not name or not os.path.isfile(path):
            raise Refused(f"has neither bytes nor a file '{name}' in {folder}")
        with open(path, "rb") as file:
            data = file.read()
    ending = os.path.splitext(name)[1][1:].lower()
    if not ending:
        found = [ending for place, mark, ending in MARKS if data[place:place + len(mark)] == mark]
        if not found:
            raise Refused("has no name that says its format, and begins with " + data[:8].hex(" "))
        ending = found[0]
    return data, ending


class Writer:
    """Tar files of at most so many samples."""

    def __init__(self, folder, samples):
        self.folder, self.samples = folder, samples
        self.files = self.count = 0
        self.tar = None

    def add(self, key, members):
        if self.tar is None or self.count % self.samples == 0:
            self.close()
            self.tar = tarfile.open(os.path.join(self.folder, f"films-{self.files:06d}.tar"), "w", format=tarfile.PAX_FORMAT)
            self.files += 1
        for ending, data in members:
            info = tarfile.TarInfo(f"{key}.{ending}")
            info.size, info.mode = len(data), 0o644
            self.tar.addfile(info, io.BytesIO(data))
        self.count += 1

    def close(self):
        if self.tar is not None:
            self.tar.close()


def convert(options, writer):
    """Writes all rows; returns the number of rows of each split."""
    counts = {}
    paths = parquet_files(options.folder)
    has_splits = len({split_of(path, options.folder) for path in paths}) > 1
    for path in paths:
        file = pyarrow.parquet.ParquetFile(path)
        schema, split = file.schema_arrow, split_of(path, options.folder)
        features = features_of(schema)
        column = media_column(schema, features, options.column, path)
        if options.film is not None and options.film not in schema.names:
            raise Refused(f"{path}: has no column '{options.film}' (it has: {', '.join(schema.names)})")
        row = 0
        for batch in file.iter_batches(batch_size=16):
            for values in batch.to_pylist():
                try:
                    number = counts.get(split, 0)
                    key = f"{split}-{number:08d}"
                    data, ending = media_bytes(values.pop(column), options.folder)
                    labels = {name: plain(with_class_names(value, features.get(name))) for name, value in values.items()}
                    labels = {name: value for name, value in labels.items() if value is not None and name != "dubkit"}
                    labels.setdefault("split", split)
                    film = key if options.film is None else f"{options.film} {values[options.film]}"
                    labels["dubkit"] = {"id": key, "film": film, "path": f"{key}.{ending}"}
                    if has_splits:
                        labels["dubkit"]["split"] = "train" if split == "train" else "held_out"
                    record = json.dumps(labels, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()
                    writer.add(key, [(ending, data), ("json", record)])
                    counts[split] = number + 1
                except Refused as reason:
                    raise Refused(f"{path}: row {row + 1}: {reason}") from None
                row += 1
    if not counts:
        raise Refused(f"{options.folder}: its .parquet files have no rows")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", help="folder with .parquet files, sub-folders included")
    parser.add_argument("out", help="folder to write: a new one")
    parser.add_argument("--column", help="column of the sounds or films; by default the only one")
    parser.add_argument("--film", help="column of the film, recording or speaker, which is on one side of the split")
    parser.add_argument("--samples", type=int, default=10_000, help="samples in a tar file, at most (10000)")
    options = parser.parse_args()
    if options.samples < 1:
        parser.error(f"--samples must be 1 or more, but is {options.samples}")
    if os.path.exists(options.out):
        parser.error(f"{options.out}: exists already: give a new folder")
    draft = options.out.rstrip("/") + ".tmp"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        os.makedirs(draft)
        writer = Writer(draft, options.samples)
        counts = convert(options, writer)
        writer.close()
        os.rename(draft, options.out)
    except (Refused, OSError, pyarrow.ArrowException) as reason:
        shutil.rmtree(draft, ignore_errors=True)
        sys.exit(f"parquet_to_tar.py: {reason}")
    text = ", ".join(f"{split} {count}" for split, count in sorted(counts.items()))
    print(f"{options.out}: {writer.count} samples in {writer.files} tar files ({text})")


if __name__ == "__main__":
    main()
