"""Turns a folder of sounds or films as Hugging Face's `datasets` has them into tar files that dubkit and webdataset read:
Parquet files, as data sets are shipped, or Arrow files, as `save_to_disk` writes them.

Run: python3 scripts/data/huggingface_to_tar.py FOLDER OUT [--column audio] [--film speaker_id] (needs pyarrow)

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
import pyarrow.ipc
import pyarrow.parquet

SPLITS = ("train", "validation", "valid", "val", "dev", "test", "eval")
# Beginnings of files, for sounds without a name.
MARKS = [(0, b"fLaC", "flac"), (0, b"OggS", "ogg"), (0, b"ID3", "mp3"), (0, b"\xff\xfb", "mp3"), (0, b"\xff\xf3", "mp3"),
         (8, b"WAVE", "wav"), (4, b"ftyp", "mp4"), (0, b"\x1aE\xdf\xa3", "mkv")]


class Refused(Exception):
    """What is wrong with the folder."""


ROWS = 16  # that are in memory at once


class ParquetRows:
    """The rows of a Parquet file."""

    def __init__(self, path):
        self.file = pyarrow.parquet.ParquetFile(path)
        self.schema = self.file.schema_arrow

    def batches(self):
        return self.file.iter_batches(batch_size=ROWS)


class ArrowRows:
    """The rows of an Arrow file, which is a stream, or has an index if other programs wrote it."""

    def __init__(self, path):
        file = pyarrow.memory_map(path)
        if file.read(6) == b"ARROW1":
            self.reader = pyarrow.ipc.open_file(file)
        else:
            file.seek(0)
            self.reader = pyarrow.ipc.open_stream(file)
        self.schema = self.reader.schema

    def batches(self):
        if isinstance(self.reader, pyarrow.ipc.RecordBatchFileReader):
            batches = (self.reader.get_batch(number) for number in range(self.reader.num_record_batches))
        else:
            batches = self.reader
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS):
                yield batch.slice(start, ROWS)


def described(path):
    """A JSON object that the package wrote next to its files; an empty one if there is none."""
    if not os.path.isfile(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except ValueError as reason:
        raise Refused(f"{path}: is not JSON ({reason})") from None
    if not isinstance(value, dict):
        raise Refused(f"{path}: is not a JSON object")
    return value


def saved_files(place, names):
    """The Arrow files of a folder, in their order, without those of later computations; and the split, if it is said."""
    outside, own = os.path.split(os.path.abspath(place))
    state = described(os.path.join(place, "state.json"))
    split = own if own in described(os.path.join(outside, "dataset_dict.json")).get("splits", []) else state.get("_split")
    if "_data_files" not in state:
        return [name for name in sorted(names) if name.endswith(".arrow") and not name.startswith(("cache-", "tmp"))], split
    listed = [os.path.basename(str(entry.get("filename"))) for entry in state["_data_files"]]
    missing = [name for name in listed if name not in names]
    if missing:
        raise Refused(f"{place}: state.json names {missing[0]}, which is not there")
    return listed, split


def data_files(folder):
    """The files with rows, and the split of each."""
    parquet, arrow = [], []
    for place, folders, names in os.walk(folder):
        folders.sort()
        paths = [os.path.join(place, name) for name in sorted(names) if name.endswith(".parquet")]
        parquet += [(path, split_of(path, folder)) for path in paths]
        saved, split = saved_files(place, names)
        for name in saved:
            path = os.path.join(place, name)
            # Files of a cache are called after the data set first: minds14-train-00000-of-00002.arrow.
            words = [word for word in re.split("[^a-z]+", name.lower()) if word in SPLITS]
            known = split_of(path, folder, default=words[-1] if words else "train")
            # Keys of samples end at a dot: train.clean.100.
            arrow.append((path, re.sub(r"[^\w-]+", "_", split or "").strip("_") or known))
    if parquet and arrow:
        raise Refused(f"{folder}: has both {parquet[0][0]} and {arrow[0][0]}: give the folder of one kind")
    if not parquet and not arrow:
        raise Refused(f"{folder}: no .parquet or .arrow files in this folder")
    return parquet or arrow


def split_of(path, folder, default="train"):
    """The split that a file's name begins with, or that a folder above it has; the default if none does."""
    parts = os.path.relpath(path, folder).lower().split(os.sep)
    for part in reversed(parts):
        word = re.match(r"[a-z]+", part)
        if word and word.group() in SPLITS:
            return word.group()
    return default


def is_training(split):
    """Also train_clean_100."""
    return re.match("[a-z]*", split.lower()).group() == "train"


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
    files = data_files(options.folder)
    splits = {split for _, split in files}
    has_splits = len(splits) > 1 and not all(map(is_training, splits))
    for path, split in files:
        file = (ArrowRows if path.endswith(".arrow") else ParquetRows)(path)
        schema = file.schema
        features = features_of(schema)
        column = media_column(schema, features, options.column, path)
        if options.film is not None and options.film not in schema.names:
            raise Refused(f"{path}: has no column '{options.film}' (it has: {', '.join(schema.names)})")
        row = 0
        for batch in file.batches():
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
                        labels["dubkit"]["split"] = "train" if is_training(split) else "held_out"
                    record = json.dumps(labels, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()
                    writer.add(key, [(ending, data), ("json", record)])
                    counts[split] = number + 1
                except Refused as reason:
                    raise Refused(f"{path}: row {row + 1}: {reason}") from None
                row += 1
    if not counts:
        raise Refused(f"{options.folder}: its files have no rows")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", help="folder with .parquet or .arrow files, sub-folders included")
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
        sys.exit(f"huggingface_to_tar.py: {reason}")
    text = ", ".join(f"{split} {count}" for split, count in sorted(counts.items()))
    print(f"{options.out}: {writer.count} samples in {writer.files} tar files ({text})")


if __name__ == "__main__":
    main()
