"""Reference for probes: scikit-learn on features from the formula that the Swift tests share.

Writes Tests/EvaluationTests/Fixtures/probes.json: for each task the decision values of logistic regression on test items for
several strengths, and the votes of nearest neighbours; and as files numpy's own .npy and .npz for the reader's test.
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from oracle import pattern

TRAIN, TEST, FEATURES = 120, 40, 6
STRENGTHS = [1.0, 0.01, 1e-4]
NEIGHBOURS = [1, 5, 12]


def task(name, classes, multi):
    """Features whose class centres overlap, so that no strength separates the classes."""
    count = TRAIN + TEST
    noise = pattern(f"probes/{name}/noise", (count, FEATURES)).astype(np.float64)
    centres = pattern(f"probes/{name}/centres", (classes, FEATURES)).astype(np.float64)
    draws = pattern(f"probes/{name}/labels", (count, classes)).astype(np.float64)
    if multi:
        truth = (draws > 0.2).astype(int)
        x = noise + 0.5 * truth @ centres
    else:
        truth = draws.argmax(axis=1)
        x = noise + 0.7 * centres[truth]
    x = (x * [1, 3, 0.2, 1, 1, 10] + 2).astype(np.float32).astype(np.float64)  # scales that standardising must undo
    train, test = slice(0, TRAIN), slice(TRAIN, count)
    scale = StandardScaler().fit(x[train])
    fits = {}
    for l2 in STRENGTHS:
        def fit(y):
            model = LogisticRegression(C=1 / (l2 * TRAIN), tol=1e-10, max_iter=10_000)
            return model.fit(scale.transform(x[train]), y).decision_function(scale.transform(x[test]))
        if multi:
            scores = np.stack([fit(truth[train, c]) for c in range(classes)], axis=1)
        else:
            scores = fit(truth[train])
            if classes == 2:
                scores = np.stack([-scores, scores], axis=1)
        fits[str(l2)] = scores.ravel().tolist()
    votes = {}
    for k in NEIGHBOURS:
        model = KNeighborsClassifier(k, metric="cosine", algorithm="brute").fit(x[train], truth[train])
        shares = model.predict_proba(x[test])
        if multi:  # A class that no neighbour or every neighbour has keeps its column here, since training has both.
            shares = np.stack([each[:, 1] for each in shares], axis=1)
        votes[str(k)] = shares.ravel().tolist()
    return {
        "name": name, "classes": classes, "multi": multi, "features": x.astype(np.float32).ravel().tolist(),
        "labels": [np.flatnonzero(row).tolist() for row in truth] if multi else [[int(c)] for c in truth],
        "linear": fits, "knn": votes,
    }


folder = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures"
tasks = [task("three", 3, False), task("two", 2, False), task("several", 4, True)]
(folder / "probes.json").write_text(json.dumps({"train": TRAIN, "test": TEST, "tasks": tasks}))
np.save(folder / "single.npy", pattern("npy", (5, 3)))
np.save(folder / "double.npy", pattern("npy", (5, 3)).astype(np.float64))
np.save(folder / "integers.npy", np.arange(6))
np.save(folder / "fortran.npy", np.asfortranarray(pattern("npy", (5, 3))))
