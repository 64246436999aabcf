"""Which forms compete in turns, and how much a ratio can be trusted: functions of numbers alone."""
import math
import statistics

# A form that takes more than this times the fastest form's time, each alone, does not compete.
MARGIN = 1.3
# At most this many forms compete.
MOST = 3
# Times or ratios with a larger spread than this are noisy.
BOUND = 0.1


def spread(values):
    """The distance between the quartiles, divided by the median."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def is_noisy(figures):
    """Whether the times or ratios behind some figures spread too far. Without a spread they count as quiet: results from
    before spreads were stored, and forms that failed."""
    return figures.get("spread", 0) > BOUND


def quicker(one, other):
    """The shorter of two attempts to time a form; a failed one counts as endless."""
    return min(one, other, key=lambda tried: tried.get("seconds", math.inf))


def contenders(forms, among, room):
    """The forms that compete in turns, by their indices: the fastest alone, and the next ones within the margin.

    forms    the screened forms: dictionaries with "seconds" and "peak_rss_mib", or without if a form failed
    among    the indices to choose from
    room     the memory that the forms may take together, in MiB; the fastest form is chosen in any case
    """
    working = sorted((index for index in among if "seconds" in forms[index]), key=lambda index: forms[index]["seconds"])
    chosen, taken = [], 0
    for index in working:
        close = forms[index]["seconds"] <= MARGIN * forms[working[0]]["seconds"]
        taken += forms[index]["peak_rss_mib"]
        if chosen and (not close or len(chosen) == MOST or taken > room):
            break
        chosen.append(index)
    return chosen


def fastest(results):
    """The result of the form that is the fastest in turns: its ratios to the kit are the lowest."""
    return min(results, key=lambda figures: figures["ratio"])


def settled(measure):
    """The results of `measure()`, by index. If those of the fastest form are noisy, all are measured once more, and the
    attempt with the smaller spread stands."""
    attempts = [measure()]
    if is_noisy(fastest(attempts[0].values())):
        attempts.append(measure())
    steadiest = min(attempts, key=lambda results: fastest(results.values())["spread"])
    return {index: {**figures, "attempts": len(attempts)} for index, figures in steadiest.items()}
