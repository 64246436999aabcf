"""The five jobs that the trials interrupt: training, embedding, speech removal, study and report.

Each writes into one folder, continues with the same command, and lists the results that must have the same bits.
"""
import glob
import hashlib
import json
import os
import shutil
import subprocess

from measure import PROGRAM, ROOT, TRIALS, run

INPUTS = os.path.join(TRIALS, "inputs")
FILMS = os.path.join(INPUTS, "films")
RUN = os.path.join(INPUTS, "runs/small")
RECIPE = os.path.join(ROOT, "scripts/dev/trials/small_training.lua")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files(folder):
    """The digests of all files of a folder except hidden ones, such as locks."""
    return {os.path.relpath(path, folder): digest(path)
            for path in glob.glob(os.path.join(folder, "**"), recursive=True) if os.path.isfile(path)}


def recipe(path, **keys):
    return [PROGRAM, "run", path, "--progress", "none", *(word for k, v in keys.items() for word in ("--set", f"{k}={v}"))]


def make_inputs():
    """Creates three films with two languages each, and a run of the small training."""
    os.makedirs(FILMS, exist_ok=True)
    for number, ending in enumerate(["mp4", "mkv", "mp4"]):
        path = os.path.join(FILMS, f"{number}.{ending}")
        if not os.path.exists(path):
            sounds = [word for seed in (1, 2) for word in
                      ("-f", "lavfi", "-i", f"anoisesrc=d=3:r=48000:a=0.3:seed={10 * number + seed}")]
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=12.5:d=3",
                            *sounds, "-map", "0", "-map", "1", "-map", "2", "-ac", "2", "-c:v", "libx264", "-pix_fmt",
                            "yuv420p", "-c:a", "aac", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1",
                            "language=spa", path], check=True)
    if not os.path.exists(RUN):
        ended = run([*recipe(RECIPE, data=FILMS), "--runs", os.path.dirname(RUN)])
        assert ended.status == 0, ended.errors


class Job:
    """Work that is run in a folder. `limit` is the maximum number of seconds until a kill, for work that takes long."""

    limit = None

    def prepare(self, out):
        os.makedirs(out)

    def results(self, out):
        return files(out)

    def harmed(self, out, expected):
        """What an interruption has lost, in words; "" if the same command can restore everything."""
        return ""


class Training(Job):
    name = "training"

    def words(self, out):
        return [*recipe(RECIPE, data=FILMS), "--runs", out, "--resume", "auto"]

    def results(self, out):
        """The weights and the optimizer of the last checkpoint, and the metrics without their times."""
        newest = sorted(os.listdir(os.path.join(out, "small")))[-1]
        folder = os.path.join(out, "small", newest)
        last = files(os.path.join(folder, "latest"))
        lines = []
        for line in open(os.path.join(folder, "metrics.jsonl")):
            fields = json.loads(line)
            lines.append({key: fields[key] for key in fields if key not in ("clips_per_second", "data_wait")})
        return {**{name: last[name] for name in last if name.endswith(".safetensors")}, "metrics": lines,
                "model.json": digest(os.path.join(folder, "model.json"))}


class Embedding(Job):
    name = "embedding"

    def words(self, out):
        return [PROGRAM, "embed", FILMS, "--run", RUN, "--out", out, "--batch", "1", "--rows", "clip", "--progress", "none"]


class Removal(Job):
    name = "speech removal"

    def prepare(self, out):
        """Works on the films in place, where most could be lost."""
        shutil.copytree(FILMS, out)

    def words(self, out):
        return recipe("scripts/separate/remove_speech.lua", data=out, language="en")

    def harmed(self, out, expected):
        now, old = files(out), files(FILMS)
        lost = [name for name in old if now.get(name) not in (old[name], expected[name])]
        return f"neither old nor new: {lost}" if lost else ""


class Study(Job):
    name = "study"
    limit = 4

    def words(self, out):
        return recipe("scripts/study/paper.lua", out=out, films=4, seconds=6, probes=20, swaps=3, steps=2, batch=4, k=2,
                      seeds=1, separator_steps=1, only="majority,random,av,aa_dub")

    def results(self, out):
        """All figures, and the page made from them, without their times."""
        cells = {os.path.basename(path): json.load(open(path))["figures"]
                 for path in glob.glob(os.path.join(out, "cells/*.json"))}
        page = open(os.path.join(out, "results/main.md")).read().split(" cells in ")[0]
        return {**cells, "main.md": page}


class Report(Job):
    name = "report"

    def words(self, out):
        return [PROGRAM, "report", RUN, "--out", out, "--data", FILMS, "--clips", "8", "--examples", "1", "--progress", "none"]


JOBS = [Training(), Embedding(), Removal(), Report(), Study()]


def chosen(name):
    return [job for job in JOBS if not name or name in job.name]


def whole(job, out):
    """The results of an undisturbed run, and the seconds that it takes."""
    shutil.rmtree(out, ignore_errors=True)
    job.prepare(out)
    ended = run(job.words(out))
    assert ended.status == 0, ended.errors
    return job.results(out), ended.seconds
