"""Measures one row: each form of the peer on its own, then the kit in turns with the fastest forms and with the first."""
import contextlib
import dataclasses
import math
import statistics
import time

from harness import machine, noise
from harness.row import FLOAT32
from harness.workers import Failure, kit, peer, prepared

# Short work is repeated beyond the requested number of repetitions, up to this many seconds for each form.
PATIENCE = 4.0
# A form is screened for this many seconds at least, so that it has more than one bad moment's time.
SCREENING = 2.0
# A form that takes longer than this runs only once; checking it has already warmed it up.
LONG = 8.0
# Work that takes less time than this is measured once it is warm: see `turn`.
SHORT = 2.0
# The share of the machine's memory that forms which compete in turns may take together.
ROOM = 0.6


def relative_error(given, expected):
    difference = math.sqrt(sum((a - b) ** 2 for a, b in zip(given, expected)))
    return difference / max(math.sqrt(sum(b * b for b in expected)), 1e-30)


def check(row, ours, theirs, form):
    """The relative errors by name. Raises if one is too large."""
    errors = {}
    for name, tolerance in row.tolerances_for(form).items():
        if len(ours[name]) != len(theirs[name]):
            raise Failure(f"{row.name}: '{name}' has {len(ours[name])} values, but that of {form.name} has {len(theirs[name])}")
        errors[name] = relative_error(ours[name], theirs[name])
        if not errors[name] <= tolerance:
            raise Failure(f"{row.name}: '{name}' differs by {errors[name]:.1e} from that of {form.name}")
    return errors


def timed(row, spec, form):
    """One form on its own: its values, and its shortest run of at least four in at least two seconds, or its only run if it
    is long."""
    tried = {"name": form.name, "precision": form.precision}
    try:
        with peer(row, spec, form) as worker:
            values = worker.ask("check")["values"]
            start = time.perf_counter()
            runs = [worker.ask("run")["seconds"]]
            if time.perf_counter() - start < LONG:
                while len(runs) < 4 or time.perf_counter() - start < SCREENING:
                    runs.append(worker.ask("run")["seconds"])
            memory = worker.ask("memory")["peak_rss_mib"]
    except Failure as failure:
        return {**tried, "failure": str(failure)}
    # The first run warms up.
    spread = noise.spread(runs[1:]) if len(runs) > 1 else 0
    return {**tried, "seconds": min(runs), "spread": spread, "peak_rss_mib": memory, "values": values}


def turn(worker):
    """Seconds of one run, as in a loop of runs. The other sides' turns leave caches cold and processors asleep, so the first
    run of short work is up to two thirds slower, on all sides, and is not counted."""
    seconds = worker.ask("run")["seconds"]
    return worker.ask("run")["seconds"] if seconds < SHORT else seconds


def in_turns(row, spec, forms, repetitions):
    """The kit and some forms of the peer in turns; each has its own process, so each peak memory is its own. Another one
    begins in each round. The results in the order of the forms."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(kit(row, spec))
        workers = [ours, *(stack.enter_context(peer(row, spec, form)) for form in forms)]
        values = ours.ask("check")["values"]
        errors = [check(row, values, worker.ask("check")["values"], form) for worker, form in zip(workers[1:], forms)]

        def one_round(number):
            times = [0.0] * len(workers)
            for place in range(len(workers)):
                index = (number + place) % len(workers)
                times[index] = turn(workers[index])
            return times

        start = time.perf_counter()
        rounds = [one_round(0)]
        if time.perf_counter() - start < LONG * len(forms):
            rounds = []  # The first round was a warm-up.
        start = time.perf_counter()
        while len(rounds) < repetitions or (
                time.perf_counter() - start < PATIENCE * len(forms) and len(rounds) < 10 * repetitions):
            rounds.append(one_round(len(rounds)))
        memory = [worker.ask("memory")["peak_rss_mib"] for worker in workers]
    kit_times, *times = zip(*rounds)
    return [summary(form, kit_times, own, memory[0], peak, differs)
            for form, own, peak, differs in zip(forms, times, memory[1:], errors)]


def summary(form, kit_times, times, kit_memory, memory, errors):
    ratios = [theirs / ours for ours, theirs in zip(kit_times, times)]
    return {
        "name": form.name, "precision": form.precision, "turns": len(ratios), "kit_seconds": statistics.median(kit_times),
        "seconds": statistics.median(times), "ratio": statistics.median(ratios), "spread": noise.spread(ratios),
        "kit_peak_rss_mib": kit_memory, "peak_rss_mib": memory, "memory_ratio": kit_memory / memory, "errors": errors,
    }


@dataclasses.dataclass
class Screening:
    """What rows share that differ only in the kit's precision.

    made     what the row's `prepare` returned
    forms    the forms of the peer, each timed on its own
    """
    made: dict
    forms: list


def screening(row, folder):
    """Prepares a row's work, and times each form of the peer on its own; `folder` takes files that both sides read."""
    made = row.prepare(row, folder) if row.prepare else {}
    spec = {**row.spec, **made.get("spec", {})}

    def screen(form):
        tried = timed(row, spec, form)
        print(f"  {form.name}: {tried.get('failure') or '%.4g s, spread %.0f%%' % (tried['seconds'], 100 * tried['spread'])}",
              flush=True)
        return tried

    forms = [screen(form) for form in row.forms]
    return Screening(made, [noise.quicker(tried, screen(form)) if noise.is_noisy(tried) else tried
                            for tried, form in zip(forms, row.forms)])


def agreeing(row, ours, tried, form):
    """What is known of a form, with its errors in place of its values. Its values may fail the row's check."""
    figures = {key: value for key, value in tried.items() if key != "values"}
    if "values" not in tried:
        return figures
    try:
        return {**figures, "errors": check(row, ours, tried["values"], form)}
    except Failure as failure:
        print(f"  {form.name}: {failure}", flush=True)
        return {"name": form.name, "precision": form.precision, "failure": str(failure)}


def measured(row, repetitions, screened):
    """The row's results; `screened` is the screening of its work."""
    spec = {**row.spec, **screened.made.get("spec", {})}
    work = {key: value for key, value in screened.made.items() if key != "spec"}
    with kit(row, spec) as worker:
        ours = worker.ask("check")["values"]
    forms = [agreeing(row, ours, tried, form) for tried, form in zip(screened.forms, row.forms)]
    working = [index for index, tried in enumerate(forms) if "seconds" in tried]
    if not working:
        raise Failure(f"{row.name}: every form of the peer failed")
    results = {}

    def compete(indices):
        """Adds the results of some forms in turns."""
        chosen = [row.forms[index] for index in indices]
        results.update(noise.settled(lambda: dict(zip(indices, in_turns(row, spec, chosen, repetitions)))))
        for index in indices:
            print(f"  in turns: {row.forms[index].name}: {results[index]['ratio']:.2f}x, spread {results[index]['spread']:.0%}",
                  flush=True)

    def best(among):
        return noise.fastest([results[index] for index in among if index in results])

    room = ROOM * machine.memory()
    plain = [index for index in working if row.forms[index].precision == FLOAT32]
    compete(noise.contenders(forms, working, room))
    if plain and best(working)["precision"] != FLOAT32:
        compete(noise.contenders(forms, plain, room))
    if 0 in working and 0 not in results:
        compete([0])
    return {
        "precision": row.precision, "forms": forms, "best": best(working), "best_float32": best(plain) if plain else None,
        "out_of_the_box": results.get(0) or best(working), **work,
    }


def by_peer(row, folder):
    """The `prepare` of rows whose peer creates the files that both sides read, such as weights."""
    return prepared(row.family, row.spec, folder)
