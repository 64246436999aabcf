"""Compares rows by processor time, on a machine on which others work at the same time.

    python3 benchmarks/processor_time.py [--rounds N] ROW ...

The kit and the peer's eager forms with tuned malloc take turns. Of each, the least processor time of a run counts (all threads of
the process, user and system), after one that does not count, and the largest resident set. Threads that wait by spinning count,
and other programs slow caches and memory down, so that the figures do not replace docs/benchmarks.md. Nothing is stored. Set
DUBKIT_PEERS_PYTHON as for run.py, and build dubkit-bench first.
"""
import argparse
import contextlib
import os
import tempfile

from harness import row, workers
from harness.measure import check


def processor_time(worker):
    with open(f"/proc/{worker.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def one_run(worker):
    start = processor_time(worker)
    worker.ask("run")
    return processor_time(worker) - start


def compared(each, rounds, folder):
    spec = {**each.spec, **each.prepare(each, folder).get("spec", {})}
    forms = [form for form in each.forms if form.environment and not form.options.get("compile")]
    with contextlib.ExitStack() as stack:
        sides = [stack.enter_context(workers.kit(each, spec))] + [stack.enter_context(workers.peer(each, spec, form)) for form in forms]
        values = [side.ask("check")["values"] for side in sides]
        for form, theirs in zip(forms, values[1:]):
            check(each, values[0], theirs, form)
        times = [[one_run(side) for side in sides] for _ in range(rounds + 1)][1:]
        least = [min(own) for own in zip(*times)]
        memory = [side.ask("memory")["peak_rss_mib"] for side in sides]
    print(f"{each.name}: kit {least[0]:.2f} s, {memory[0]:.0f} MiB", flush=True)
    for form, seconds, peak in zip(forms, least[1:], memory[1:]):
        print(f"  {form.name}: {seconds:.2f} s, {peak:.0f} MiB; ratio {seconds / least[0]:.2f}, memory {memory[0] / peak:.2f}", flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", nargs="+")
    arguments.add_argument("--rounds", type=int, default=4)
    arguments = arguments.parse_args()
    workers.require_peers()
    rows = {each.name: each for each in row.all_rows()}
    for name in arguments.rows:
        if name not in rows:
            raise SystemExit(f"processor_time.py: unknown row '{name}' (available: {', '.join(rows)})")
        with tempfile.TemporaryDirectory() as folder:
            try:
                compared(rows[name], arguments.rounds, folder)
            except workers.Failure as failure:
                print(f"{name}: FAILED: {failure}", flush=True)


if __name__ == "__main__":
    main()
