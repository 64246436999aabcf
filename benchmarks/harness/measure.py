"""Measures one row: each form of the peer on its own, then the kit in turns with the best form and with the first."""
import math
import statistics
import time

from harness.workers import Failure, kit, peer, prepared

# Short work is repeated beyond the requested number of repetitions, up to this many seconds.
PATIENCE = 4.0
# A form that takes longer than this runs only once; checking it has already warmed it up.
LONG = 8.0
# Work that takes less time than this is measured once it is warm: see `turn`.
SHORT = 2.0


def relative_error(given, expected):
    difference = math.sqrt(sum((a - b) ** 2 for a, b in zip(given, expected)))
    return difference / max(math.sqrt(sum(b * b for b in expected)), 1e-30)


def check(row, ours, theirs, form):
    """The relative errors by name. Raises if one is too large."""
    errors = {}
    for name, tolerance in row.tolerances.items():
        if len(ours[name]) != len(theirs[name]):
            raise Failure(f"{row.name}: '{name}' has {len(ours[name])} values, but that of {form.name} has {len(theirs[name])}")
        errors[name] = relative_error(ours[name], theirs[name])
        if not errors[name] <= tolerance:
            raise Failure(f"{row.name}: '{name}' differs by {errors[name]:.1e} from that of {form.name}")
    return errors


def screened(row, spec, ours, form):
    """Seconds of one form on its own: the best of three runs, or the only one if it is long."""
    try:
        with peer(row, spec, form) as worker:
            errors = check(row, ours, worker.ask("check")["values"], form)
            start = time.perf_counter()
            seconds = worker.ask("run")["seconds"]
            if time.perf_counter() - start < LONG:
                seconds = min(seconds, *(worker.ask("run")["seconds"] for _ in range(2)))
    except Failure as failure:
        return {"name": form.name, "failure": str(failure)}
    return {"name": form.name, "seconds": seconds, "errors": errors}


def turn(worker):
    """Seconds of one run, as in a loop of runs. The other side's turn leaves caches cold and processors asleep, so the first
    run of short work is up to two thirds slower, on both sides, and is not counted."""
    seconds = worker.ask("run")["seconds"]
    return worker.ask("run")["seconds"] if seconds < SHORT else seconds


def in_turns(row, spec, form, repetitions):
    """The kit and one form of the peer in turns. Each pair has its own processes, so each peak memory is its own."""
    with kit(row, spec) as one, peer(row, spec, form) as other:
        errors = check(row, one.ask("check")["values"], other.ask("check")["values"], form)
        start = time.perf_counter()
        pairs = [(turn(one), turn(other))]
        if time.perf_counter() - start < LONG:
            pairs = []  # The first turn was a warm-up.
        start = time.perf_counter()
        while len(pairs) < repetitions or (time.perf_counter() - start < PATIENCE and len(pairs) < 10 * repetitions):
            pairs.append((turn(one), turn(other)))
        memory = one.ask("memory")["peak_rss_mib"], other.ask("memory")["peak_rss_mib"]
    return {
        "name": form.name, "turns": len(pairs), "kit_seconds": statistics.median(pair[0] for pair in pairs),
        "seconds": statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(pair[1] / pair[0] for pair in pairs), "kit_peak_rss_mib": memory[0],
        "peak_rss_mib": memory[1], "memory_ratio": memory[0] / memory[1], "errors": errors,
    }


def measured(row, repetitions, folder, limits):
    """The row's results; `folder` takes files that both sides read."""
    spec, work = dict(row.spec), {}
    if row.prepare:
        made = row.prepare(row, folder)
        spec.update(made.get("spec", {}))
        work = {key: value for key, value in made.items() if key != "spec"}
    with kit(row, spec) as worker:
        ours = worker.ask("check")["values"]
    forms = []
    for form in row.forms:
        forms.append(screened(row, spec, ours, form))
        print(f"  {form.name}: {forms[-1].get('failure') or '%.4g s' % forms[-1]['seconds']}", flush=True)
    working = [(tried["seconds"], index) for index, tried in enumerate(forms) if "seconds" in tried]
    if not working:
        raise Failure(f"{row.name}: every form of the peer failed")
    best = in_turns(row, spec, row.forms[min(working)[1]], repetitions)
    first = best
    if min(working)[1] != 0 and "seconds" in forms[0]:
        first = in_turns(row, spec, row.forms[0], repetitions)
    return {"forms": forms, "best": best, "out_of_the_box": first, **fractions(row, best["kit_seconds"], work, limits)}


def fractions(row, seconds, work, limits):
    """The work done per second, as a fraction of what the machine can do."""
    suffix = "_one_thread" if row.threads == 1 else ""
    result = dict(work)
    if "flops" in work:
        result["fraction_of_sgemm"] = work["flops"] / seconds * 1e-9 / limits["sgemm_gflops" + suffix]
    if "bytes" in work:
        result["fraction_of_triad"] = work["bytes"] / seconds * 1e-9 / limits["triad_gbytes" + suffix]
    return result


def by_peer(row, folder):
    """The `prepare` of rows whose peer creates the files that both sides read, such as weights."""
    return prepared(row.family, row.spec, folder)
