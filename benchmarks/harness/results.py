"""The stored results: rows by machine.

    {MACHINE: {ROW: {"date", "system", "limits", "precision", "forms", "best", "best_float32", "out_of_the_box", ...}}}
"""
import json

from harness.workers import ROOT

FILE = ROOT / "docs" / "benchmarks.json"


def stored(rows):
    """The results of all machines, without rows that no longer exist."""
    known = {row.name for row in rows}
    results = json.loads(FILE.read_text()) if FILE.exists() else {}
    return {machine: {name: figures for name, figures in own.items() if name in known} for machine, own in results.items()}


def put(results, machine, name, figures):
    """Replaces one row of one machine; the machine gets its place if it is new."""
    results.setdefault(machine, {})[name] = figures


def store(results):
    FILE.write_text(json.dumps(results, indent=1) + "\n")
