"""Reference for metrics: scikit-learn on random scores, with ties, with one label for each item and with several.

Writes Tests/EvaluationTests/Fixtures/metrics.json. Scores are small integers over 64, exact in any float format.
"""
import json
import pathlib

import numpy as np
from scipy.stats import norm
from sklearn import metrics

rng = np.random.default_rng(11)


def classwise(scores, truth):
    """Macro averages over the classes that some items have and some do not."""
    usable = [c for c in range(truth.shape[1]) if 0 < truth[:, c].sum() < len(truth)]
    s, t = scores[:, usable], truth[:, usable]
    areas = np.atleast_1d(metrics.roc_auc_score(t, s, average=None))
    return {
        "mean_average_precision": metrics.average_precision_score(t, s, average="macro"),
        "roc_auc": metrics.roc_auc_score(t, s, average="macro"),
        "d_prime": float(np.mean(np.sqrt(2) * norm.ppf(areas))),
        "d_prime_area": float(np.sqrt(2) * norm.ppf(areas.mean())),
    }


def case(items, classes, levels, multi):
    scores = rng.integers(0, levels, size=(items, classes)) / 64
    if multi:
        truth = (rng.random((items, classes)) < rng.uniform(0.02, 0.5, classes)).astype(int)
        truth[:, -1] = 0  # a class without items does not count
        labels = [np.flatnonzero(row).tolist() for row in truth]
        expected = {}
    else:
        one = rng.integers(0, classes - 1, size=items)  # the last class has no items
        truth = np.eye(classes, dtype=int)[one]
        labels = one.tolist()
        guess = scores.argmax(axis=1)
        expected = {
            "top1": metrics.accuracy_score(one, guess),
            "top_k": float(np.mean((np.argsort(-scores, axis=1, kind="stable")[:, :5] == one[:, None]).any(1))),
            "top_2": float(np.mean((np.argsort(-scores, axis=1, kind="stable")[:, :2] == one[:, None]).any(1))),
            "balanced_accuracy": metrics.recall_score(one, guess, labels=np.unique(one), average="macro"),
        }
    expected |= classwise(scores, truth)
    return {
        "classes": classes, "scores": scores.ravel().tolist(), "labels": labels,
        "expected": {name: float(value) for name, value in expected.items()},
    }


shapes = [(12, 3, 65), (60, 5, 65), (60, 5, 4), (40, 4, 2), (9, 3, 1)]
cases = [case(*shape, multi) for shape in shapes for multi in (False, True)]
quantiles = [1e-12, 1e-6, 0.01, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9]
path = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures/metrics.json"
path.write_text(json.dumps({"cases": cases, "quantiles": [[p, float(norm.ppf(p))] for p in quantiles]}))
