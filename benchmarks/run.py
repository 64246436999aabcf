"""Runs the benchmarks side by side with their peers; writes docs/benchmarks.json and docs/benchmarks.md. See README.md.

    python3 benchmarks/run.py [--repetitions N] [ROW ...]     rows by name or by the beginning of names; all by default
"""
import argparse
import pathlib
import tempfile

from harness import machine, report, results, row, workers
from harness.measure import measured, screening

PAGE = workers.ROOT / "docs" / "benchmarks.md"


def chosen(rows, names):
    for name in names:
        if not any(each.name.startswith(name) for each in rows):
            raise SystemExit(f"run.py: unknown row '{name}' (available: {', '.join(each.name for each in rows)})")
    return [each for each in rows if not names or any(each.name.startswith(name) for name in names)]


def repetitions(text):
    if not text.isdigit() or int(text) < 3:
        raise argparse.ArgumentTypeError(f"'{text}': expected a whole number of at least 3, since quartiles need as many")
    return int(text)


def measure(rows, stored, repetitions, folder):
    """Measures rows and stores each result at once. Rows with the same work for the peer share its screening."""
    screenings = {}
    for each in rows:
        facts = machine.facts()
        print(f"{each.name}: {machine.words(facts['limits'])}", flush=True)
        try:
            if each.peers_work not in screenings:
                files = folder / each.name
                files.mkdir()
                screenings[each.peers_work] = screening(each, files)
            figures = measured(each, repetitions, screenings[each.peers_work])
        except workers.Failure as failure:
            print(f"  FAILED: {failure}", flush=True)
            continue
        print(f"  kit {figures['best']['kit_seconds']:.4g} s, {report.ratio(figures['best'])} the best", flush=True)
        results.put(stored, facts.pop("machine"), each.name, {**facts, **figures})
        results.store(stored)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", nargs="*")
    arguments.add_argument("--repetitions", type=repetitions, default=5)
    arguments.add_argument("--report", action="store_true", help="only rewrite the page from the stored results")
    arguments = arguments.parse_args()
    rows = row.all_rows()
    stored = results.stored(rows)
    if not arguments.report:
        workers.require_peers()
        with tempfile.TemporaryDirectory() as folder:
            measure(chosen(rows, arguments.rows), stored, arguments.repetitions, pathlib.Path(folder))
    PAGE.write_text(report.page(rows, stored))


if __name__ == "__main__":
    main()
