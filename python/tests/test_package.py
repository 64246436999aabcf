"""The package next to the program that it replaces: `sh scripts/dev/test-python.sh` makes what it needs.

DUBKIT_TESTS names a folder with runs (runs-stereo, runs-mono), their exports (stereo, mono) and features of films and
sounds (features-stereo, ...), all made by dubkit.
"""

import os
import pathlib
import unittest
import warnings

import numpy as np

import dubkit
from dubkit import _facts, _sound, runs

FOLDER = pathlib.Path(os.environ["DUBKIT_TESTS"])
FILMS = pathlib.Path(os.environ["DUBKIT_FILMS"])
LIMIT = 1e-4


def error(ours, theirs):
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


class ClipsTests(unittest.TestCase):
    def test_starts_are_those_of_the_kit(self):
        clips = _facts.Clips(seconds=3.0, frames=16, size=224, sample_rate=48000, is_mono=False)
        self.assertEqual(clips.starts(2.0), [0.0])
        self.assertEqual(clips.starts(2.999), [0.0])
        self.assertEqual(clips.starts(7.5), [0.0, 3.0])
        self.assertEqual(clips.starts(7.6), [0.0, 3.0, 4.6])
        self.assertEqual(clips.starts(0.0), [])


class FeatureTests(unittest.TestCase):
    """Features are those of `dubkit embed`."""

    def compare(self, name, limit=LIMIT):
        model = dubkit.load(FOLDER / name)
        films = runs.read_features(FOLDER / f"features-{name}")
        worst = 0.0
        for path in sorted(FILMS.iterdir()):
            rows = [row for row, film in enumerate(films.films) if path.stem in film]
            if path.suffix not in (".mp4", ".mkv") or not rows:
                continue
            ours = model.embed_file(path)
            for view, values in films.views.items():
                worst = max(worst, error(ours[view], values[rows[0]]))
        self.assertGreater(len(films.ids), 1)
        self.assertLess(worst, LIMIT)
        sounds = runs.read_features(FOLDER / f"features-sounds-{name}")
        for row, film in enumerate(sounds.films):
            path = next(path for path in (FOLDER / "sounds").iterdir() if path.stem in film)
            ours = model.embed_file(path)["audio"]
            self.assertLess(error(ours, sounds.views["audio"][row]), limit, path.name)

    def test_stereo(self):
        self.compare("stereo")

    def test_mono_in_decibels(self):
        # Bands above the Nyquist frequency of a sound at 16 kHz are empty. At the floor of -100 dB, the rounding errors
        # of the kit's transform count: its spectrograms of these sounds are up to 8e-5 from the exact ones.
        self.compare("mono", limit=2e-4)


class ModelTests(unittest.TestCase):
    def setUp(self):
        self.model = dubkit.load(FOLDER / "stereo")

    def test_arrays_of_all_kinds_give_the_same(self):
        random = np.random.default_rng(1)
        sound = (random.standard_normal(100_000) * 0.1).astype(np.float32)
        whole = self.model.embed_audio(sound, 48_000)
        self.assertEqual(whole.shape, (256,))
        self.assertEqual(whole.dtype, np.float32)
        for other in (np.stack([sound, sound]), np.stack([sound, sound], axis=1), sound.astype(np.float64)):
            np.testing.assert_array_equal(self.model.embed_audio(other, 48_000), whole)
        coarse = self.model.embed_audio(np.round(sound * 32767).astype(np.int16), 48_000)
        self.assertLess(error(coarse, whole), 0.02)
        self.assertEqual(self.model.embed_audio(np.tile(sound, 4), 48_000, rows="clip").shape, (3, 256))

    def test_video_arrays(self):
        frames = np.random.default_rng(2).integers(0, 255, (12, 56, 56, 3), dtype=np.uint8)
        row = self.model.embed_video(frames)
        self.assertEqual(row.shape, (256,))
        self.assertLess(error(self.model.embed_video(frames / 255), row), 1e-6)
        self.assertEqual(self.model.embed_video(frames, rate=2, rows="clip").shape, (2, 256))

    def test_timestamps_are_those_of_the_kit(self):
        table = runs.read_features(FOLDER / "features-timestamps")
        for path in (FOLDER / "sounds").iterdir():
            rows = [row for row, film in enumerate(table.films) if path.stem in film]
            sound, rate = _sound.read(str(path))
            features, points = self.model.timestamps(_sound.resampled(sound, rate, 48_000)[None], 0.5)
            self.assertEqual(len(points), len(rows), path.name)
            for ours, row in zip(features[0], rows):
                self.assertLess(error(ours, table.views["audio"][row]), LIMIT, path.name)

    def test_timestamps_surround_their_points(self):
        sound = np.zeros((1, 96_000), dtype=np.float32)
        features, points = self.model.timestamps(sound, 0.5)
        self.assertEqual(features.shape, (1, 5, 256))
        np.testing.assert_allclose(points, [0, 0.5, 1, 1.5, 2])

    def test_mistakes_are_named(self):
        with self.assertRaisesRegex(FileNotFoundError, "is not an exported folder"):
            dubkit.load(FOLDER)
        with self.assertRaisesRegex(KeyError, "no encoder 'sound'"):
            self.model.embed_audio(np.zeros(48_000), 48_000, encoder="sound")
        with self.assertRaisesRegex(ValueError, "not finite"):
            self.model.embed_audio(np.full(48_000, np.nan), 48_000)
        with self.assertRaisesRegex(ValueError, "frames must be"):
            self.model.embed_video(np.zeros((4, 56, 56)))
        frames = np.random.default_rng(2).integers(0, 255, (12, 56, 56, 3))
        for given, words in [
            (frames.astype(np.float32), r"frames of floats \(float32\) must be from 0 to 1, but are from 0 to 254"),
            (frames * 257, r"frames of whole numbers \(int64\) must be from 0 to 255, but are from 0 to"),
            (frames - 1, r"from 0 to 255, but are from -1 to"),
            (np.full((12, 56, 56, 3), np.nan), "must be from 0 to 1, but are from nan to nan"),
        ]:
            with self.assertRaisesRegex(ValueError, words):
                self.model.embed_video(given)
        with self.assertRaisesRegex(ValueError, "'source' or 'clip'"):
            self.model.embed_audio(np.zeros(48_000), 48_000, rows="clips")
        with self.assertRaises(FileNotFoundError):
            self.model.embed_file(FOLDER / "nothing.wav")

    def test_metadata(self):
        facts = self.model.encoder("audio").metadata
        self.assertEqual(facts["sample_rate"], "48000")
        self.assertEqual(facts["dubkit.weights"], self.model.weights)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            dubkit.load(FOLDER / "mono")


class RunTests(unittest.TestCase):
    def setUp(self):
        self.run_folder = runs.open_run(FOLDER / "runs-stereo")

    def test_a_run_as_arrays(self):
        run = self.run_folder
        self.assertEqual(run.status["state"], "finished")
        self.assertEqual(list(run.metrics["step"]), [1, 2])
        self.assertTrue(np.isfinite(run.metrics["loss"]).all())
        self.assertEqual(run.configuration["mono"].value, "false")
        self.assertEqual(run.options["kit.optimizer.sgd"]["learning_rate"].value, "0.01")
        self.assertEqual(run.model["modules"]["audio"]["plugin"], "encoder.small_audio")
        self.assertEqual(runs.list_runs(FOLDER / "runs-stereo")[-1].path, run.path)

    def test_weights_are_those_of_the_file(self):
        weights = self.run_folder.weights()
        self.assertIn("audio.stem.weight", weights)
        self.assertEqual(weights["audio.stem.weight"].shape, (32, 2, 7, 1, 7))
        with self.assertRaisesRegex(KeyError, "no checkpoint of step 99"):
            self.run_folder.weights(99)

    def test_columns_have_gaps_where_a_step_has_none(self):
        table = runs.columns([{"step": 1, "terms": {"a": 2.0}}, {"step": 2, "name": "x"}])
        np.testing.assert_array_equal(table["terms/a"], [2.0, np.nan])
        self.assertEqual(sorted(table), ["step", "terms/a"])


if __name__ == "__main__":
    unittest.main()
