"""Fills the disk under the run folder of a training with several ranks: all must end with 74 and one message, and the
run must then resume to the same bits.

Run: python3 scripts/dev/trials/full_disk.py [--count 20] [--seed 1]

The run folder is on a small tmpfs, so this needs root, and is skipped without. After the first checkpoint, a file takes all
but a random number of the free bytes, so that another operation fails each time. Then the file is deleted, and the run is
continued on another number of ranks. Exits with 1 if a promise is broken. Needs Open MPI's mpirun.
"""
import argparse
import glob
import os
import random
import shutil
import subprocess
import sys
import time

from jobs import FILMS, RECIPE, Training, make_inputs, recipe
from measure import TRIALS, Process, run
from ranks import AS_ROOT

FOLDER = os.path.join(TRIALS, "full-disk")
DISK = os.path.join(FOLDER, "disk")
STEPS = 60


def words(out, ranks):
    training = [*recipe(RECIPE, data=FILMS, steps=STEPS, batch=6, checkpoint_every=1), "--runs", out, "--resume", "auto", "--shards",
                "4"]
    return training if ranks == 1 else ["mpirun", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *training]


def fill(left):
    """Takes all but `left` bytes of the disk."""
    with open(os.path.join(DISK, "filler"), "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - left))


def attempt(draw):
    """Fills the disk once while ranks train. Returns whether they were still training, and the problem if there is one."""
    out = os.path.join(DISK, "out")
    shutil.rmtree(out, ignore_errors=True)
    ranks = draw.choice([2, 4])
    process = Process(words(out, ranks), AS_ROOT)
    while process.isRunning() and not glob.glob(os.path.join(out, "small/*/latest/state.json")):
        time.sleep(0.01)
    time.sleep(draw.uniform(0, 0.5))
    fill(int(2 ** draw.uniform(0, 18)))
    ended = process.wait(120)
    os.unlink(os.path.join(DISK, "filler"))
    if ended.status == 0:
        return False, ""
    messages = [line for line in ended.errors.splitlines() if line.startswith("dubkit: ")]
    if ended.status != 74 or len(messages) != 1 or "No space left on device" not in messages[0]:
        return True, f"{ranks} ranks: exit {ended.status}: {ended.errors[-800:]}"
    again = draw.choice([1, 2, 4])
    resumed = run(words(out, again), AS_ROOT, 120)
    if resumed.status != 0 or "resumed after step" not in resumed.errors + resumed.output:
        return True, f"resumed on {again} ranks: exit {resumed.status}: {resumed.errors[-800:]}"
    return True, ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20, help="times to fill the disk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make_inputs()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(DISK)
    # Room for four checkpoints of 14.6 MB.
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "dubkit-trial", DISK], capture_output=True,
                             text=True)
    if mounted.returncode != 0:
        print(f"skipped: no tmpfs can be mounted here: {mounted.stderr.strip()}")
        return
    try:
        whole = run(words(os.path.join(FOLDER, "whole"), 1), AS_ROOT)
        assert whole.status == 0, whole.errors
        expected = Training().results(os.path.join(FOLDER, "whole"))
        draw, met, wrong = random.Random(options.seed), 0, 0
        for _ in range(4 * options.count):
            if met == options.count:
                break
            training, problem = attempt(draw)
            met += training
            if training and not problem:
                results = Training().results(os.path.join(DISK, "out"))
                differing = sorted(name for name in {*results, *expected} if results.get(name) != expected.get(name))
                problem = f"resumed, these differ: {differing}" if differing else ""
            if problem:
                wrong += 1
                print(problem, flush=True)
    finally:
        subprocess.run(["umount", DISK], check=True)
    print(f"the disk was full {met} times; seed {options.seed}: {met - wrong} of {met} runs ended with 74 and one message, and "
          "resumed to the same bits")
    sys.exit(1 if wrong or met == 0 else 0)


if __name__ == "__main__":
    main()
