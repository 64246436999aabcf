"""Kills jobs with SIGKILL at random moments and repeats the same command: the results must have the same bits.

Run: python3 scripts/dev/trials/kills.py [--count 200] [--job NAME] [--seed 1] [--minutes M]

The jobs are those of jobs.py. Either the process alone is killed or its whole group, and the command is repeated at once.
After one to three kills (up to twelve for a study), the job runs to its end, which must be 0, and its results are compared.
Exits with 1 if any differ.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import time

from jobs import chosen, make_inputs, whole
from measure import TRIALS, Process, keep, run


def trial(job, out, expected, seconds, draw, most):
    """Kills one job up to `most` times. Returns the number of kills that found it running, and the problem if there is one."""
    shutil.rmtree(out, ignore_errors=True)
    job.prepare(out)
    kills = 0
    for _ in range(most):
        process = Process(job.words(out))
        time.sleep(draw.uniform(0, min(seconds, job.limit or seconds)))
        process.kill(signal.SIGKILL, group=draw.random() < 0.5)
        ended = process.wait()
        if ended.status == 0:
            break
        if ended.status != -signal.SIGKILL:
            return kills, f"exit {ended.status}: {ended.errors[-300:]}"
        kills += 1
        harm = job.harmed(out, expected)
        if harm:
            return kills, harm
    ended = run(job.words(out))
    if ended.status != 0:
        return kills, f"resumed: exit {ended.status}: {ended.errors[-300:]}"
    results = job.results(out)
    wrong = sorted(name for name in {*results, *expected} if results.get(name) != expected.get(name))
    return kills, f"resumed, these differ: {wrong}" if wrong else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200, help="kills of each job")
    parser.add_argument("--job", default="", help="only the jobs whose names contain this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="maximum for each job")
    options = parser.parse_args()
    make_inputs()
    failures = 0
    for job in chosen(options.job):
        folder = os.path.join(TRIALS, "kills", job.name.replace(" ", "-"))
        out = os.path.join(folder, "out")
        expected, seconds = whole(job, out)
        draw, kills, trials, wrong, began = random.Random(f"{options.seed} {job.name}"), 0, 0, 0, time.monotonic()
        while kills < options.count and time.monotonic() - began < 60 * options.minutes:
            most = min(options.count - kills, 12 if job.limit else draw.randint(1, 3))
            met, problem = trial(job, out, expected, seconds, draw, most)
            kills, trials = kills + met, trials + 1
            if job.limit:
                print(f"{job.name}: {kills} kills, {trials} jobs", file=sys.stderr, flush=True)
            if problem:
                wrong += 1
                kept = os.path.join(folder, f"kept-{trials}")
                keep(out, kept)
                print(f"{job.name}, {kept}: {problem}", flush=True)
        failures += wrong
        print(f"{job.name}: {kills} kills in {trials} jobs of {seconds:.1f} s, seed {options.seed}: "
              f"{trials - wrong} of {trials} ended with the same bits", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
