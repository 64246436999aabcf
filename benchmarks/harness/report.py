"""Writes the results as a page."""
from harness.machine import words

HEAD = """# Benchmarks

Written by `make bench`; [benchmarks/README.md](../benchmarks/README.md) says what is compared and how. A ratio is the peer's
time divided by the kit's, so it is above 1 where the kit is faster. *Best* is the fastest form of the peer that was tried,
and *as installed* is the form that a user gets without changing anything. *Of the limit* is the kit's rate of arithmetic
or memory traffic, divided by that of a large matrix product or of STREAM triad on this machine in the same run.
"""


def time(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def limit(figures):
    for key, name in (("fraction_of_sgemm", "of sgemm"), ("fraction_of_triad", "of triad")):
        if key in figures:
            return f"{figures[key]:.0%} {name}"
    return ""


def line(row, figures):
    best, first = figures["best"], figures["out_of_the_box"]
    ratio = f"**{best['ratio']:.2f}x**" if best["ratio"] >= row.target else f"{best['ratio']:.2f}x (at least {row.target}x)"
    cells = [row.title, time(best["kit_seconds"]), f"{time(best['seconds'])}, {best['name']}", ratio,
             f"{time(first['seconds'])}, {first['ratio']:.2f}x", limit(figures)]
    return "| " + " | ".join(cells) + " |"


def table(rows, results):
    yield "| work | kit | best peer | ratio | as installed | of the limit |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        if row.name in results:
            yield line(row, results[row.name])


def memory_table(rows, results):
    yield "| work | kit, MiB | best peer, MiB | kit / best | kit / as installed |"
    yield "|---|---|---|---|---|"
    for row in rows:
        if row.shows_memory and row.name in results:
            best, first = results[row.name]["best"], results[row.name]["out_of_the_box"]
            yield (f"| {row.title} | {best['kit_peak_rss_mib']:.0f} | {best['peak_rss_mib']:.0f} | {best['memory_ratio']:.2f} "
                   f"| {first['memory_ratio']:.2f} |")


def details(rows, results):
    for row in rows:
        if row.name not in results:
            continue
        figures = results[row.name]
        tried = "; ".join(f"{form['name']} {time(form['seconds']) if 'seconds' in form else 'failed'}" for form in figures["forms"])
        yield f"- `{row.name}`, {figures['date']}: {words(figures['limits'])}. Forms, each alone: {tried}."


def page(rows, results):
    machines = sorted({figures["machine"] for figures in results.values()})
    dates = sorted({figures["date"] for figures in results.values()})
    lines = [HEAD, f"Machine: {'; '.join(machines)}. Measured {' to '.join(sorted({dates[0], dates[-1]}))}.", "",
             "## Time", "", *table(rows, results), "",
             "## Memory", "", "The largest resident set of the whole process, including its libraries.", "",
             *memory_table(rows, results), "",
             "## What bounds a row", "", *(f"- **{row.title}**: {row.note}" for row in rows if row.note), "",
             "## Each row's run", "", *details(rows, results)]
    return "\n".join(lines) + "\n"
