"""Sound events as evaluated by HEAR's evaluation kit and sed_eval: Tests/EvaluationTests/Fixtures/events.json.

Events of random frames under several filters, and figures of random events of several recordings. Needs what
heareval_import.py names.
"""
import json
import pathlib

import numpy as np
import torch
from heareval_import import available_scores, create_events_from_prediction
from oracle import pattern

CLASSES = 4
MEASURES = ["event_onset_200ms_fms", "event_onset_50ms_fms", "event_onset_offset_50ms_20perc_fms", "segment_1s_er"]


def rows(events):
    """[label, start, end] of each event, in the order of their starts and labels."""
    return sorted([[int(e["label"]), float(e["start"]), float(e["end"])] for e in events], key=lambda e: (e[1], e[0], e[2]))


def filtered(frames, hop, median, least):
    scores = pattern(f"events/frames {frames}", (frames, CLASSES), 0, 1)
    given = {float(k * hop): torch.from_numpy(row) for k, row in enumerate(scores)}
    events = create_events_from_prediction(given, {c: c for c in range(CLASSES)}, 0.5, median, least)
    return {"frames": frames, "hop": hop, "median": median, "least": least, "events": rows(events)}


def recording(random, count, step):
    """Events with starts and lengths in multiples of `step` ms, so that many limits are met exactly."""
    starts = random.integers(0, 6000 // step, count) * step
    lengths = random.integers(1, 2000 // step, count) * step
    labels = random.integers(0, CLASSES, count)
    return [{"label": int(c), "start": float(s), "end": float(s + d)} for c, s, d in zip(labels, starts, lengths)]


def measured(seed, reference_count, estimated_count, step):
    random = np.random.default_rng(seed)
    reference = {f"{k}.wav": recording(random, reference_count, step) for k in range(3)}
    estimated = {f"{k}.wav": recording(random, estimated_count, 50) for k in range(3)}
    for k in range(3):  # Some are nearly found, each at a different distance.
        moved = [{**e, "start": e["start"] + int(d), "end": e["end"] + int(d)}
                 for e, d in zip(reference[f"{k}.wav"], random.choice([0, 50, -50, 60, 200, -200], reference_count))]
        estimated[f"{k}.wav"] += [e for e in moved if e["start"] >= 0]
    values = {}
    for name in MEASURES:
        score = available_scores[name](label_to_idx={str(c): c for c in range(CLASSES)})(estimated, reference)
        values[name] = score[0][1]
    return {"reference": [rows(r) for r in reference.values()], "estimated": [rows(e) for e in estimated.values()],
            "values": values}


filters = [filtered(frames, hop, median, least) for frames, hop in ((1, 50), (7, 50), (60, 50), (60, 25))
           for median, least in ((0, 0), (250, 125), (250, 250), (150, 50), (200, 0), (75, 0)) if frames > 1 or not median]
cases = [measured(seed, *counts) for seed, counts in enumerate([(5, 3, 10), (20, 10, 50), (30, 0, 10), (2, 30, 100)])]
folder = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures"
(folder / "events.json").write_text(json.dumps({"classes": CLASSES, "filters": filters, "cases": cases},
                                               separators=(",", ":")))
