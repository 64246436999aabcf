"""Measures what several processes cost on this machine; writes docs/ranks.json and the tables of docs/scale.md.

    python3 benchmarks/ranks/run.py [--rounds N] [--page] [WORK ...]         all works by default

Each work runs in one process with all threads, in as many processes with one thread each, and in two processes on two
hosts, over links of several rates and delays (see hosts.py; needs root). The ways take turns, one run each, in several
rounds. A run's figure is the median time of its steps, without the first two. The ratio of a way is the median over the
rounds of the first way's time divided by its own. x3d_s also runs as PyTorch's DistributedDataParallel over Gloo.
"""
import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import hosts
import model
from harness import machine
from harness.row import TUNED
from harness.workers import BUILD, PYTHON, ROOT

DUBKIT = str(BUILD / "dubkit")
RESULTS = ROOT / "docs" / "ranks.json"
PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- written by benchmarks/ranks/run.py -->", "<!-- end -->"
RANKS = 2
# The recipe of each work with its settings, and the clips in a batch.
WORKS = {
    "x3d_s": (["benchmarks/ranks/x3d_s.lua"], {"steps": 8, "batch": 8}),
    "demo": (["scripts/pretrain/simclr_dub.lua"], {"steps": 24, "batch": 24, "held_out": 0}),
    "small": (["scripts/dev/trials/small_training.lua"], {"steps": 300, "batch": 6, "checkpoint_every": 300}),
}
# Rates in bits per second and round-trip times in seconds.
LINKS = {"10 Gbit/s, 0.1 ms": (1e10, 1e-4), "1 Gbit/s, 1 ms": (1e9, 1e-3)}
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
SENT = re.compile(r"rank 0 sent ([\d.]+) (\w+) a step in (\d+) exchanges, and waited (\d+)%")
SIZES = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}


def kit(launcher, work, threads, shards):
    """One run of a work: the median seconds of a step, and what its last lines say of other ranks."""
    recipe, settings = WORKS[work]
    with tempfile.TemporaryDirectory() as folder:
        words = [DUBKIT, "run", *recipe, *(f"--set={key}={value}" for key, value in settings.items()), "--runs", folder,
                 "--progress", "none", "--shards", str(shards)]
        run = subprocess.run(launcher(words), cwd=ROOT, capture_output=True, text=True,
                             env={**os.environ, **AS_ROOT, "DUBKIT_THREADS": str(threads)})
        if run.returncode:
            raise SystemExit(f"run.py: {work} ended with {run.returncode}: {run.stderr[-2000:]}")
        metrics = next(pathlib.Path(folder).rglob("metrics.jsonl")).read_text().splitlines()
    speeds = [json.loads(line)["clips_per_second"] for line in metrics if "clips_per_second" in line][2:]
    figures = {"seconds": statistics.median(settings["batch"] / speed for speed in speeds)}
    if sent := SENT.search(run.stdout + run.stderr):
        figures |= {"bytes": float(sent[1]) * SIZES[sent[2]], "exchanges": int(sent[3]), "waited": int(sent[4]) / 100}
    return figures


def ddp(layout, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = [PYTHON, str(pathlib.Path(__file__).with_name("ddp.py")), layout, str(settings["batch"]), str(settings["steps"])]
    ranks = [subprocess.Popen([*words, str(rank), str(RANKS), port], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, **TUNED, "OMP_NUM_THREADS": "1"}) for rank in range(RANKS)]
    lines = ranks[0].communicate()[0].splitlines()
    if any(rank.wait() for rank in ranks):
        raise SystemExit("run.py: ddp.py failed")
    return {"seconds": statistics.median(float(line) for line in lines[2:])}


def on_one_host(words, options=()):
    return ["mpirun", "-n", str(RANKS), "--oversubscribe", "--bind-to", "none", *options, *words]


def over_tcp(words):
    return on_one_host(words, ["--mca", "btl", "tcp,self"])


def over(link, work):
    with hosts.joined(*LINKS[link]) as launcher:
        return kit(launcher, work, 1, RANKS)


def ways(work):
    """The ways to do a work, by name; the first is the one that others are compared with."""
    yield "one process, 2 threads", lambda: kit(lambda words: words, work, RANKS, 1)
    yield "one process, 2 threads, 2 shards", lambda: kit(lambda words: words, work, RANKS, RANKS)
    yield "2 processes, shared memory", lambda: kit(on_one_host, work, 1, RANKS)
    yield "2 processes, TCP", lambda: kit(over_tcp, work, 1, RANKS)
    for link in LINKS:
        yield f"2 hosts, {link}", lambda link=link: over(link, work)
    if work == "x3d_s":
        # The contiguous layout took the same time.
        yield "PyTorch DDP, 2 processes, Gloo, channels last, tuned malloc", lambda: ddp("channels_last", WORKS[work][1])


def measured(work, rounds):
    runs = {}
    for _ in range(rounds):
        for name, run in ways(work):
            runs.setdefault(name, []).append(run())
            print(f"{work}: {name}: {runs[name][-1]}", flush=True)
    first = [run["seconds"] for run in next(iter(runs.values()))]
    return {name: {key: statistics.median(run[key] for run in own) for key in own[0]}
            | {"ratio": statistics.median(a / b["seconds"] for a, b in zip(first, own))} for name, own in runs.items()}


def time(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def tables(results):
    """The measured ways of each work, and what the model predicts for two hosts."""
    for work, figures in results.items():
        yield f"`{work}`, {figures['batch']} clips a step, {figures['date']}, {figures['rounds']} rounds, {figures['machine']}:"
        yield ""
        yield "| way | step | speed | sent a step | exchanges | waited | model |"
        yield "|---|---|---|---|---|---|---|"
        local = figures["ways"]["2 processes, shared memory"]
        for name, way in figures["ways"].items():
            cells = [name, time(way["seconds"]), f"{way['ratio']:.2f}"]
            if "bytes" in way:
                cells += [f"{way['bytes'] / 1e6:.1f} MB", f"{way['exchanges']:.0f}", f"{way['waited']:.0%}"]
            else:
                cells += ["", "", ""]
            link = figures["links"].get(name.removeprefix("2 hosts, "))
            if link:
                expected = model.step_seconds(local["seconds"], way["bytes"], way["exchanges"], **link)
                cells.append(f"{time(expected)}, {expected / way['seconds'] - 1:+.0%}")
            else:
                cells.append("")
            yield "| " + " | ".join(cells) + " |"
        yield ""
    links = next(iter(results.values()))["links"]
    for name, link in links.items():
        yield (f"The link of {name}, measured: {link['bits_per_second'] / 1e9:.2f} Gbit/s, {1e3 * link['round_trip']:.2f} ms for a "
               "byte and its answer.")


def write_page(results):
    """Replaces the part of the page between its two marks."""
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(tables(results)) + f"\n\n{END}{rest.split(END)[1]}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("works", nargs="*", choices=[[], *WORKS])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--page", action="store_true", help="only rewrite the page from the stored results")
    arguments = arguments.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if arguments.page:
        return write_page(results)
    links = {}
    for name, (rate, round_trip) in LINKS.items():
        with hosts.joined(rate, round_trip):
            links[name] = dict(zip(("round_trip", "bits_per_second"), hosts.link()))
    for work in arguments.works or WORKS:
        results[work] = {**machine.facts(), "batch": WORKS[work][1]["batch"], "rounds": arguments.rounds, "links": links,
                         "ways": measured(work, arguments.rounds)}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    write_page(results)


main()
