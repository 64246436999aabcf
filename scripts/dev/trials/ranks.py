"""Kills ranks of a run under mpirun, asks them to stop, or freezes them, and resumes on another number of ranks.

Run: python3 scripts/dev/trials/ranks.py [--count 200] [--seed 1] [--minutes M]

The run has four shards, and each attempt uses 1, 2 or 4 ranks. After two to five attempts it runs to its end. Its weights,
optimizer and metrics must be those of an undisturbed run. All ranks must end within ten seconds after one was killed, or
after the peers' deadline (3 s) if one was frozen. Exits with 1 if a promise is broken. Needs Open MPI's mpirun.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import time

from jobs import FILMS, RECIPE, Training, make_inputs, recipe
from measure import TRIALS, Process, keep, run

AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "DUBKIT_THREADS": "1"}
WAIT = 3
# The kinds of harm, each with the exit codes that the launcher or process may end with: 0 if the run ended first. After a
# signal before the first step, when there is nothing to keep yet, the rank that got it ends with 138 or 143 and others
# with 130; the launcher passes on the first of these codes.
HARMS = {signal.SIGKILL: {0, 137, -9}, signal.SIGUSR1: {0, 75, 130, 138}, signal.SIGTERM: {0, 75, 130, 143},
         signal.SIGSTOP: {0, 75}}
NAMES = {harm: harm.name for harm in HARMS}


def words(out, ranks):
    training = [*recipe(RECIPE, data=FILMS, steps=30, batch=6, checkpoint_every=1), "--runs", out, "--resume", "auto", "--shards", "4",
                "--peer-timeout", str(WAIT)]
    return training if ranks == 1 else ["mpirun", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *training]


def children(pid):
    """The processes that a process started; they may have ended."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def isThere(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def attempt(out, ranks, harm, draw, seconds):
    """Harms one rank at a random moment. Returns whether it was still running, the seconds until all had ended, and the
    problem if there is one."""
    process = Process(words(out, ranks), AS_ROOT)
    time.sleep(draw.uniform(0.1, 1.2 * seconds))
    victims = [process.pid] if ranks == 1 else children(process.pid)
    if ranks > 1 and len(victims) < ranks:
        process.wait(60)
        return False, 0, ""
    if ranks == 1 and harm == signal.SIGSTOP:
        harm = signal.SIGKILL
    began = time.monotonic()
    try:
        os.kill(draw.choice(victims), harm)
    except ProcessLookupError:
        pass
    ended = process.wait(60)
    took = time.monotonic() - began
    if ended.status not in HARMS[harm]:
        return True, took, f"{NAMES[harm]} on {ranks} ranks: exit {ended.status}: {ended.errors[-500:]}"
    # The launcher may end just before the ranks that it has killed.
    while any(isThere(pid) for pid in victims) and time.monotonic() - began < 10:
        time.sleep(0.01)
    left = [pid for pid in victims if isThere(pid)]
    if left:
        return True, took, f"{NAMES[harm]}: processes {left} are left"
    limit = 10 + (WAIT if harm == signal.SIGSTOP else 0)
    if ended.status != 0 and took > limit:
        return True, took, f"{NAMES[harm]} on {ranks} ranks: {took:.1f} s to the end"
    return ended.status != 0, took, ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200, help="ranks to harm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="at most")
    options = parser.parse_args()
    make_inputs()
    out = os.path.join(TRIALS, "ranks/out")
    shutil.rmtree(out, ignore_errors=True)
    whole = run(words(out, 1), AS_ROOT)
    assert whole.status == 0, whole.errors
    expected = Training().results(out)
    draw, began = random.Random(options.seed), time.monotonic()
    met, trainings, wrong, slowest = {name: 0 for name in NAMES.values()}, 0, 0, 0.0
    while sum(met.values()) < options.count and time.monotonic() - began < 60 * options.minutes:
        shutil.rmtree(out, ignore_errors=True)
        problems = []
        for _ in range(draw.randint(2, 5)):
            harm = draw.choices(list(HARMS), [6, 2, 2, 1])[0]
            alive, took, problem = attempt(out, draw.choice([1, 2, 4]), harm, draw, whole.seconds)
            if alive:
                met[NAMES[harm]] += 1
                slowest = max(slowest, took)
            if problem:
                problems.append(problem)
        ended = run(words(out, draw.choice([1, 2, 4])), AS_ROOT, 120)
        if ended.status != 0:
            problems.append(f"resumed: exit {ended.status}: {ended.errors[-500:]}")
        else:
            results = Training().results(out)
            differing = sorted(name for name in {*results, *expected} if results.get(name) != expected.get(name))
            if differing:
                problems.append(f"resumed, these differ: {differing}")
        trainings += 1
        if problems:
            wrong += 1
            kept = os.path.join(TRIALS, f"ranks/kept-{trainings}")
            keep(out, kept)
            print(f"{kept}: {'; '.join(problems)}", flush=True)
    told = ", ".join(f"{count} {name}" for name, count in met.items())
    print(f"{told}; seed {options.seed}; the slowest end took {slowest:.1f} s: {trainings - wrong} of {trainings} trainings "
          "ended with the same bits")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
