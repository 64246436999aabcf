"""Writes the results as a page."""
from harness import machine, noise
from harness.row import FLOAT32

HEAD = f"""# Benchmarks

Written by `make bench`; [benchmarks/README.md](../benchmarks/README.md) says what is compared and how. A ratio is the peer's
time divided by the kit's, so it is above 1 where the kit is faster. *Best* is the fastest form of the peer that was tried in
any precision, *best in float32* the fastest of those that compute in float32, and *as installed* is the form that a user
gets without changing anything. The kit and the peers compute in float32 where nothing else is said. *Of the limit* is the
kit's rate of arithmetic or memory traffic, divided by what loops that do nothing else reach on the same machine:
multiplications and additions in registers (*the peak*), and STREAM triad. A result is *noisy* if the distance between the
quartiles of its ratios is more than {noise.BOUND:.0%} of their median in two attempts.
"""


def time(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def ratio(result, to=""):
    """The ratio, to what, and whether it is noisy."""
    noisy = f", noisy (spread {result['spread']:.0%})" if noise.is_noisy(result) else ""
    return f"{result['ratio']:.2f}x{to}{noisy}"


def against_target(row, result):
    """The ratio, in bold if it reaches the row's target. A noisy one claims nothing."""
    if result["ratio"] < row.target:
        return ratio(result, f" (at least {row.target}x)")
    return ratio(result) if noise.is_noisy(result) else f"**{ratio(result)}**"


def kit_time(figures):
    """The kit's time, and its precision if it is another one than float32."""
    precision = "" if figures["precision"] == FLOAT32 else f" in {figures['precision']}"
    return time(figures["best"]["kit_seconds"]) + precision


def limit(row, figures, limits):
    """The kit's rate of work as a fraction of what the machine can do; empty if one of them was not measured."""
    threads, seconds = "one_thread" if row.threads == 1 else "all_threads", figures["best"]["kit_seconds"]
    peak = limits.get(f"{figures['precision']} peak")
    for work, rate, name in (("flops", peak, "the peak"), ("bytes", limits.get("triad"), "triad")):
        if work in figures and rate:
            return f"{figures[work] / seconds * 1e-9 / rate[threads]:.0%} of {name}"
    return ""


def best_float32(figures):
    """The best form in float32 and the ratio to it, if it is another one than the best."""
    result = figures["best_float32"]
    if not result or result["name"] == figures["best"]["name"]:
        return ""
    return f"{time(result['seconds'])}, {ratio(result)}, {result['name']}"


def limits_of(own):
    """The limits of a machine by all of its rows' runs."""
    return machine.highest(figures["limits"] for figures in own.values())


def cell(row, figures, limits):
    """A row in the table of all machines."""
    parts = [against_target(row, figures["best"]), kit_time(figures), limit(row, figures, limits)]
    if best_float32(figures):
        parts.insert(1, ratio(figures["best_float32"], " in float32"))
    return ", ".join(filter(None, parts))


def overview(rows, results):
    """One line for each row, one column for each machine."""
    yield "| work | " + " | ".join(results) + " |"
    yield "|---" * (1 + len(results)) + "|"
    limits = {name: limits_of(own) for name, own in results.items()}
    for row in rows:
        if any(row.name in own for own in results.values()):
            cells = [cell(row, own[row.name], limits[name]) if row.name in own else "" for name, own in results.items()]
            yield "| " + " | ".join([row.title, *cells]) + " |"


def line(row, figures, limits):
    best, first = figures["best"], figures["out_of_the_box"]
    cells = [row.title, kit_time(figures), f"{time(best['seconds'])}, {best['name']}", against_target(row, best),
             best_float32(figures), f"{time(first['seconds'])}, {ratio(first)}", limit(row, figures, limits)]
    return "| " + " | ".join(cells) + " |"


def table(rows, own):
    yield "| work | kit | best peer | ratio | best in float32 | as installed | of the limit |"
    yield "|---" * 7 + "|"
    limits = limits_of(own)
    for row in rows:
        if row.name in own:
            yield line(row, own[row.name], limits)


def memory_table(rows, own):
    yield "| work | kit, MiB | best peer, MiB | kit / best | kit / as installed |"
    yield "|---" * 5 + "|"
    for row in rows:
        if row.shows_memory and row.name in own:
            best, first = own[row.name]["best"], own[row.name]["out_of_the_box"]
            yield (f"| {row.title} | {best['kit_peak_rss_mib']:.0f} | {best['peak_rss_mib']:.0f} | {best['memory_ratio']:.2f} "
                   f"| {first['memory_ratio']:.2f} |")


def tried(form):
    return f"{form['name']} {time(form['seconds']) if 'seconds' in form else 'left out (' + form['failure'] + ')'}"


def details(rows, own):
    for row in rows:
        if row.name in own:
            figures = own[row.name]
            forms = "; ".join(map(tried, figures["forms"]))
            yield f"- `{row.name}`, {figures['date']}: {forms}."


def section(rows, name, own):
    """All results of one machine."""
    memory = list(memory_table(rows, own))
    dates = sorted({figures["date"] for figures in own.values()})
    systems = "; ".join(sorted({figures["system"] for figures in own.values()}))
    measured = f"Measured {' to '.join(sorted({dates[0], dates[-1]}))}: {systems}."
    return [f"## {name}", "", measured, "",
            f"Rates of the machine, the highest of all runs: {machine.words(limits_of(own))}.", "", *table(rows, own), "",
            *(["The largest resident set of each process, including its libraries:", "", *memory, ""] if len(memory) > 2 else []),
            "Each form of the peers alone:", "", *details(rows, own), ""]


def page(rows, results):
    """The page for results by machine, each with its rows."""
    results = {name: own for name, own in results.items() if own}
    lines = [HEAD, "## All machines", "", "The ratio to the best form, the kit's time, and how near it comes to the limit.", "",
             *overview(rows, results), "",
             *(line for name, own in results.items() for line in section(rows, name, own)),
             "## What bounds a row", "", *(f"- **{row.title}**: {row.note}" for row in rows if row.note)]
    return "\n".join(lines) + "\n"
