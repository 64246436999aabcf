"""Makes the k-th file operation of a job fail, for every k: the job must end with 74, and the same command must then end
with the same bits.

Run: python3 scripts/dev/trials/faults.py [--job NAME] [--every N] [--first K] [--minutes M] (needs clang)

The jobs are those of jobs.py; the preloaded library is that of the tests. Odd operations fail with an I/O error, even ones
with a full disk. A job may end with 0 only if the operation that failed closed a file after everything was written, opened
one, or created a folder that already existed. A study passes the fault on to each of its processes. Exits with 1 if
anything else happens.
"""
import argparse
import collections
import errno
import os
import shutil
import subprocess
import sys
import time

from jobs import chosen, make_inputs, whole
from measure import ROOT, TRIALS, run


def library():
    path = os.path.join(TRIALS, "faults.so")
    source = os.path.join(ROOT, "Tests/CommandTests/Fixtures/faults.c")
    subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-Wno-varargs", source, "-o", path, "-ldl"], check=True)
    return path


def trial(job, out, expected, preload, k):
    """Runs one job with one fault. Returns the operation that failed, None if there are fewer, and the problem."""
    shutil.rmtree(out, ignore_errors=True)
    job.prepare(out)
    report = os.path.join(TRIALS, "faults/operation")
    if os.path.exists(report):
        os.unlink(report)
    reason = errno.EIO if k % 2 else errno.ENOSPC
    ended = run(job.words(out), {"LD_PRELOAD": preload, "FAULTS_FOLDER": out, "FAULTS_AT": str(k),
                                 "FAULTS_ERRNO": str(reason), "FAULTS_REPORT": report})
    operation = open(report).read() if os.path.exists(report) else None
    if operation is None:
        return None, "" if ended.status == 0 else f"exit {ended.status}: {ended.errors[-300:]}"
    problems = []
    if ended.status == 0:
        if operation not in ("close", "open", "mkdir"):
            problems.append("the failure was ignored: exit 0")
    elif ended.status != 74:
        problems.append(f"exit {ended.status}: {ended.errors[-300:]}")
    elif os.strerror(reason) not in ended.errors:
        problems.append(f"does not say '{os.strerror(reason)}': {ended.errors[-300:]}")
    harm = job.harmed(out, expected)
    if harm:
        problems.append(harm)
    again = run(job.words(out))
    if again.status != 0:
        problems.append(f"again: exit {again.status}: {again.errors[-300:]}")
    else:
        results = job.results(out)
        wrong = sorted(name for name in {*results, *expected} if results.get(name) != expected.get(name))
        if wrong:
            problems.append(f"again, these differ: {wrong}")
    return operation, "; ".join(problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", default="", help="only the jobs whose names contain this")
    parser.add_argument("--every", type=int, default=1, help="only every N-th operation")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="maximum for each job")
    options = parser.parse_args()
    make_inputs()
    os.makedirs(os.path.join(TRIALS, "faults"), exist_ok=True)
    preload, failures = library(), 0
    for job in chosen(options.job):
        out = os.path.join(TRIALS, "faults", job.name.replace(" ", "-"))
        expected, _ = whole(job, out)
        tried, wrong, k, began, isComplete = collections.Counter(), 0, options.first, time.monotonic(), False
        while time.monotonic() - began < 60 * options.minutes:
            operation, problem = trial(job, out, expected, preload, k)
            if problem:
                wrong += 1
                print(f"{job.name}, operation {k}, {operation}: {problem}", flush=True)
            if operation is None:
                isComplete = True
                break
            tried[operation] += 1
            k += options.every
        failures += wrong
        kinds = ", ".join(f"{count} {name}" for name, count in tried.most_common())
        print(f"{job.name}: {sum(tried.values())} operations made to fail, {options.first} to {k - options.every} in steps of "
              f"{options.every}{'' if isComplete else ' (there are more)'}: {kinds}; {wrong} wrong", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
