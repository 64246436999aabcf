"""Runs the benchmarks side by side with their peers; writes docs/benchmarks.json and docs/benchmarks.md. See README.md.

    python3 benchmarks/run.py [--repetitions N] [ROW ...]     rows by name or by the beginning of names; all by default
"""
import argparse
import json
import tempfile

from harness import machine, report, row, workers
from harness.measure import measured

RESULTS = workers.ROOT / "docs" / "benchmarks.json"
PAGE = workers.ROOT / "docs" / "benchmarks.md"


def chosen(rows, names):
    for name in names:
        if not any(each.name.startswith(name) for each in rows):
            raise SystemExit(f"run.py: unknown row '{name}' (available: {', '.join(each.name for each in rows)})")
    return [each for each in rows if not names or any(each.name.startswith(name) for name in names)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", nargs="*")
    arguments.add_argument("--repetitions", type=int, default=5)
    arguments.add_argument("--report", action="store_true", help="only rewrite the page from the stored results")
    arguments = arguments.parse_args()
    rows = row.all_rows()
    known = {each.name for each in rows}
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = {name: figures for name, figures in results.items() if name in known}  # Drops old rows.
    if not arguments.report:
        workers.require_peers()
        for each in chosen(rows, arguments.rows):
            facts = machine.facts()
            print(f"{each.name}: {machine.words(facts['limits'])}", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    figures = measured(each, arguments.repetitions, folder, facts["limits"])
                except workers.Failure as failure:
                    print(f"  FAILED: {failure}", flush=True)
                    continue
            print(f"  kit {figures['best']['kit_seconds']:.4g} s, {figures['best']['ratio']:.2f}x the best", flush=True)
            results[each.name] = {**facts, **figures}
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(report.page(rows, results))


main()
