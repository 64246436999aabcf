"""Tar files next to the real clients: webdataset reads what `dubkit data pack` writes, dubkit what webdataset's ShardWriter
writes, and what scripts/data/huggingface_to_tar.py makes of a folder of Parquet files, and of what `datasets` saves.

DUBKIT_PROGRAM names the program, DUBKIT_FILMS a folder of films, DUBKIT_SOUNDS one of sounds.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

import datasets
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import webdataset

PROGRAM = os.environ["DUBKIT_PROGRAM"]
FILMS = pathlib.Path(os.environ["DUBKIT_FILMS"])
SOUNDS = pathlib.Path(os.environ["DUBKIT_SOUNDS"])
CONVERTER = pathlib.Path(__file__).parents[2] / "scripts/data/huggingface_to_tar.py"


def run(*words, status=0):
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert ended.returncode == status, f"{words}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
    return ended.stdout + ended.stderr


def listed(path):
    """What kit.dataset.films sees of each source, without reading it."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = pathlib.Path(folder, "list.lua")
        recipe.write_text("""
            local kit = require "kit"
            local cfg = kit.recipe { data = { "", "the data" , from = "ours" } }
            local list = kit.dataset.transcripts { path = cfg.data, missing = "skip", label = "text" }
            for _, item in ipairs(list) do print(item.id .. "|" .. item.text .. "|" .. tostring(item.split)) end
        """)
        return run(PROGRAM, "run", recipe, "--set", f"data={path}", "--progress", "none").splitlines()


class TarFileTests(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        # webdataset leaves its files open.
        warnings.simplefilter("ignore", ResourceWarning)

    def test_webdataset_reads_what_the_kit_packs(self):
        run(PROGRAM, "data", "pack", FILMS, "-o", self.folder / "packed", "--samples", "3")
        tars = sorted(str(path) for path in (self.folder / "packed").iterdir())
        samples = list(webdataset.WebDataset(tars, shardshuffle=False))
        films = sorted(FILMS.iterdir())
        self.assertEqual(len(samples), len(films))
        self.assertEqual(len(tars), (len(films) + 2) // 3)
        for sample, film in zip(samples, films):
            self.assertEqual(sample[film.suffix[1:]], film.read_bytes())
            self.assertEqual(json.loads(sample["json"])["dubkit"]["id"], film.stem)
            self.assertEqual(sample["__key__"], film.stem)

    def test_long_and_foreign_names(self):
        folder = self.folder / "sounds" / ("a" * 120) / "ünï"
        folder.mkdir(parents=True)
        sound = next(SOUNDS.iterdir())
        names = ["日本語", "b" * 150, "dots.in.the.name"]
        for name in names:
            (folder / f"{name}{sound.suffix}").write_bytes(sound.read_bytes())
        run(PROGRAM, "data", "pack", self.folder / "sounds", "-o", self.folder / "packed")
        samples = list(webdataset.WebDataset(str(self.folder / "packed/films-000000.tar"), shardshuffle=False))
        self.assertEqual({json.loads(sample["json"])["dubkit"]["id"].split("/")[-1] for sample in samples}, set(names))
        for sample in samples:
            self.assertEqual(sample[sound.suffix[1:]], sound.read_bytes())

    def test_the_kit_reads_what_webdataset_writes(self):
        sounds = sorted(SOUNDS.iterdir())
        pattern = str(self.folder / "out-%06d.tar")
        with webdataset.ShardWriter(pattern, maxcount=2, verbose=0) as writer:
            for number, sound in enumerate(sounds):
                writer.write({
                    "__key__": f"sub/{'long' * 40}-{number:06d}", sound.suffix[1:]: sound.read_bytes(), "cls": number % 2,
                    "txt": f"text {number}", "json": {"name": sound.stem}})
        last = (len(sounds) - 1) // 2
        lines = listed(self.folder / f"out-{{000000..{last:06d}}}.tar")
        self.assertEqual([line.split("|")[1] for line in lines], [f"text {number}" for number in range(len(sounds))])
        self.assertTrue(all("long" * 40 in line for line in lines))
        report = json.loads(run(PROGRAM, "data", "check", "--json", self.folder, "--seconds", "0.1"))
        plain = json.loads(run(PROGRAM, "data", "check", "--json", SOUNDS, "--seconds", "0.1"))

        def facts(report):
            return [{key: value for key, value in file.items() if key not in ("path", "source", "film")}
                    for file in report["files"]]

        self.assertEqual(facts(report), facts(plain))

    def parquet(self, name, rows, classes=None, folder="set"):
        features = {"audio": {"_type": "Audio"}, "label": {"_type": "ClassLabel", "names": classes or ["dog", "cat"]}}
        table = pyarrow.Table.from_pylist(rows)
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(table, path)

    def rows(self, start=0):
        return [{"audio": {"bytes": sound.read_bytes(), "path": sound.name if number % 2 else None}, "label": number % 2,
                 "text": f"row {start + number}", "speaker": f"s{start + number}", "weight": float("nan")}
                for number, sound in enumerate(sorted(SOUNDS.glob("*.wav")))]

    def test_parquet_files_become_tar_files(self):
        rows = self.rows()
        self.parquet("data/train-00000-of-00002.parquet", rows)
        self.parquet("data/train-00001-of-00002.parquet", self.rows(len(rows)))
        self.parquet("data/test-00000-of-00001.parquet", self.rows(2 * len(rows)))
        out = self.folder / "out"
        run(sys.executable, CONVERTER, self.folder / "set", out, "--film", "speaker", "--samples", "2")
        lines = [line.split("|") for line in listed(out)]
        # Files are read in the order of their names.
        numbers = list(range(2 * len(rows), 3 * len(rows))) + list(range(2 * len(rows)))
        self.assertEqual([line[1] for line in lines], [f"row {number}" for number in numbers])
        self.assertEqual([line[2] for line in lines], ["held_out"] * len(rows) + ["train"] * 2 * len(rows))
        samples = list(webdataset.WebDataset(sorted(str(path) for path in out.iterdir()), shardshuffle=False))
        self.assertEqual([sample["wav"] for sample in samples], [row["audio"]["bytes"] for row in rows * 3])
        labels = [json.loads(sample["json"]) for sample in samples]
        self.assertEqual({label["label"] for label in labels}, {"dog", "cat"})
        self.assertTrue(all("weight" not in label for label in labels))
        run(PROGRAM, "data", "check", out, "--seconds", "0.1")

    def test_wrong_parquet_folders_are_refused(self):
        sound = next(SOUNDS.glob("*.wav")).read_bytes()
        (self.folder / "empty").mkdir()
        for name, rows, words, message in [
                ("empty", None, [], "no .parquet or .arrow files"),
                ("class", [{"audio": {"bytes": sound, "path": "a.wav"}, "label": 7}], [], "row 1: class 7, but there are 2 names"),
                ("none", [{"label": 1}], [], "expected one column with the bytes of sounds or films, found none"),
                ("two", [{"a": {"bytes": sound, "path": "a.wav"}, "b": {"bytes": sound, "path": "a.wav"}}], [], "found a, b"),
                ("gone", [{"audio": {"bytes": None, "path": "a.wav"}}], [], "row 1: has neither bytes nor a file 'a.wav'"),
                ("kind", [{"audio": {"bytes": b"text", "path": None}}], [], "row 1: has no name that says its format"),
                ("film", [{"audio": {"bytes": sound, "path": "a.wav"}}], ["--film", "x"], "has no column 'x'"),
                ("column", [{"audio": {"bytes": sound, "path": "a.wav"}}], ["--column", "x"], "has no column 'x' with bytes")]:
            if rows is not None:
                self.parquet("train.parquet", rows, folder=name)
            output = run(sys.executable, CONVERTER, self.folder / name, self.folder / "out", *words, status=1)
            self.assertIn(message, output)
            self.assertFalse((self.folder / "out").exists() or (self.folder / "out.tmp").exists())

    def test_truncated_parquet_is_refused(self):
        self.parquet("train.parquet", self.rows())
        path = self.folder / "set/train.parquet"
        path.write_bytes(path.read_bytes()[:-100])
        self.assertIn("huggingface_to_tar.py: ", run(sys.executable, CONVERTER, self.folder / "set", self.folder / "out", status=1))

    def saved(self, rows):
        """The rows as a data set of Hugging Face's package."""
        made = datasets.Dataset.from_list([{key: row[key] for key in row if key != "weight"} for row in rows])
        return made.cast_column("audio", datasets.Audio(decode=False)).cast_column("label", datasets.ClassLabel(names=["dog", "cat"]))

    def test_saved_data_sets_become_tar_files(self):
        datasets.disable_progress_bars()
        rows = self.rows()
        train = self.saved(rows)
        train.save_to_disk(self.folder / "one", num_shards=2)
        # What a later map left behind.
        (self.folder / "one/cache-0123.arrow").write_bytes((self.folder / "one/data-00000-of-00002.arrow").read_bytes())
        datasets.DatasetDict({"train": train, "extra": self.saved(self.rows(len(rows)))}).save_to_disk(self.folder / "several")
        for name, splits in [("one", [None] * len(rows)), ("several", ["held_out"] * len(rows) + ["train"] * len(rows))]:
            out = self.folder / f"{name}-out"
            run(sys.executable, CONVERTER, self.folder / name, out, "--film", "speaker")
            lines = [line.split("|") for line in listed(out)]
            self.assertEqual(len(lines), len(splits))
            if name == "several":
                self.assertEqual([line[2] for line in lines], splits)
            samples = list(webdataset.WebDataset(str(out / "films-000000.tar"), shardshuffle=False))
            self.assertEqual([sample["wav"] for sample in samples], [row["audio"]["bytes"] for row in rows] * (len(splits) // len(rows)))
            labels = [json.loads(sample["json"]) for sample in samples]
            self.assertEqual([label["label"] for label in labels[:2]], ["dog", "cat"])
        # Arrow files with an index, as other programs write them; a split with dots; and what is wrong.
        place = self.folder / "files"
        place.mkdir()
        table = train.with_format("arrow")[:]
        with pyarrow.ipc.new_file(str(place / "sounds-validation.arrow"), table.schema) as writer:
            writer.write_table(table)
        run(sys.executable, CONVERTER, place, self.folder / "files-out")
        self.assertEqual(len(listed(self.folder / "files-out")), len(rows))
        (place / "state.json").write_text(json.dumps(
            {"_data_files": [{"filename": "sounds-validation.arrow"}], "_split": "train.clean.100"}))
        run(sys.executable, CONVERTER, place, self.folder / "dots-out")
        self.assertIn("train_clean_100-00000000|", "".join(listed(self.folder / "dots-out")))
        (place / "state.json").write_text(json.dumps({"_data_files": [{"filename": "gone.arrow"}]}))
        self.assertIn("names gone.arrow", run(sys.executable, CONVERTER, place, self.folder / "out", status=1))
        (place / "state.json").write_text("{")
        self.assertIn("is not JSON", run(sys.executable, CONVERTER, place, self.folder / "out", status=1))
        (place / "state.json").unlink()
        (place / "sounds-validation.arrow").write_bytes(b"ARROW1 and nothing else")
        run(sys.executable, CONVERTER, place, self.folder / "out", status=1)
        self.parquet("train.parquet", rows, folder="files")
        self.assertIn("has both", run(sys.executable, CONVERTER, place, self.folder / "out", status=1))


if __name__ == "__main__":
    unittest.main()
