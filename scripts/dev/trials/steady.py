"""Trains for many small steps: neither memory nor the number of open files may grow.

Run: python3 scripts/dev/trials/steady.py [--steps 20000] (some minutes)

Reads /proc/PID/statm and /proc/PID/fd every second. The slope of the resident memory in the second half of the run, fitted by
least squares and multiplied by the length of the whole run, must stay below 1 MiB. The largest number of descriptors in
the second half must not exceed that in the first. Exits with 1 otherwise.
"""
import argparse
import os
import shutil
import sys
import time

from jobs import FILMS, RECIPE, make_inputs, recipe
from measure import TRIALS, Process

PAGE = os.sysconf("SC_PAGE_SIZE")


def slope(rows):
    """The slope in MiB per second of rows (seconds, bytes)."""
    times, sizes = [row[0] for row in rows], [row[1] / 2**20 for row in rows]
    middle, mean = sum(times) / len(times), sum(sizes) / len(sizes)
    return (sum((t - middle) * (size - mean) for t, size in zip(times, sizes))
            / sum((t - middle) ** 2 for t in times))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20000)
    options = parser.parse_args()
    make_inputs()
    runs = os.path.join(TRIALS, "steady")
    shutil.rmtree(runs, ignore_errors=True)
    words = recipe(RECIPE, data=FILMS, steps=options.steps, checkpoint_every=1000)
    process, rows, began = Process([*words, "--runs", runs]), [], time.monotonic()
    while process.isRunning():
        try:
            resident = int(open(f"/proc/{process.pid}/statm").read().split()[1]) * PAGE
            files = len(os.listdir(f"/proc/{process.pid}/fd"))
        except (OSError, IndexError):
            break
        if resident and files:
            rows.append((time.monotonic() - began, resident, files))
        time.sleep(1)
    ended = process.wait()
    half = rows[len(rows) // 2:]
    growth = slope(half) * ended.seconds
    first, second = (max(row[2] for row in part) for part in (rows[:len(rows) // 2], half))
    print(f"{options.steps} steps in {ended.seconds:.0f} s, exit {ended.status}, {len(rows)} samples: resident memory "
          f"{min(row[1] for row in half) / 2**20:.1f} to {max(row[1] for row in half) / 2**20:.1f} MiB in the second half, "
          f"slope {growth:+.2f} MiB over the run; descriptors at most {first} in the first half, {second} in the second")
    sys.exit(0 if ended.status == 0 and growth < 1 and second <= first else 1)


if __name__ == "__main__":
    main()
