"""Reference for retrieval: recall and median rank from sorting each query's candidates, with ties in every order.

Writes Tests/EvaluationTests/Fixtures/retrieval.json. Similarities are small integers over 64, exact in any float format; the
embeddings of the last entry come from the formula that the Swift tests share.
"""
import itertools
import json
import pathlib
import statistics

import numpy as np

from oracle import pattern

CUTOFFS = [1, 5, 10]


def ranks_of(row, right):
    """The ranks (from 1) that candidate `right` takes over all orders of the candidates that tie with it."""
    tied = [c for c in range(len(row)) if row[c] == row[right]]
    better = [c for c in range(len(row)) if row[c] > row[right]]
    worse = [c for c in range(len(row)) if row[c] < row[right]]
    if len(tied) <= 5:
        orders = [better + list(order) + worse for order in itertools.permutations(tied)]
        return [order.index(right) + 1 for order in orders]
    return [len(better) + place for place in range(1, len(tied) + 1)]


def case(similarities, films=None, same=True):
    """With films, the right candidate competes only with those of the query's own film, or only with those of others."""
    n = len(similarities)
    ranks = []
    for q in range(n):
        kept = [c for c in range(n) if films is None or c == q or (films[c] == films[q]) == same]
        if films is None or len(kept) > 1:
            ranks.append(ranks_of([similarities[q][c] for c in kept], kept.index(q)))
    return {
        "count": n,
        "similarities": [float(v) for row in similarities for v in row],
        "recall": [float(np.mean([np.mean([r <= k for r in per]) for per in ranks])) for k in CUTOFFS],
        "median_rank": float(statistics.median([np.mean(per) for per in ranks])),
    }


rng = np.random.default_rng(7)
cases = []
for n, levels, pull in [(1, 65, 0), (2, 65, 0), (7, 65, 0), (16, 9, 0), (31, 65, 24), (31, 5, 0), (12, 1, 0)]:
    s = rng.integers(0, levels, size=(n, n))
    s[np.arange(n), np.arange(n)] = np.minimum(s[np.arange(n), np.arange(n)] + pull, 64)
    cases.append(case(s / 64.0))

video, noise = pattern("retrieval/video", (23, 8)), pattern("retrieval/noise", (23, 8))
views = {"audio": (video + noise).astype(np.float64), "video": video.astype(np.float64)}
unit = {name: view / np.linalg.norm(view, axis=1, keepdims=True) for name, view in views.items()}
pairs = {f"{a}_to_{b}": case(unit[a] @ unit[b].T) for a in unit for b in unit if a != b}
families = []
for n, films in [(12, [0] * 5 + [1] * 4 + [2] * 3), (9, [0, 0, 1, 2, 2, 2, 3, 4, 4]), (6, list(range(6)))]:
    s = rng.integers(0, 9, size=(n, n)) / 64.0
    for same in (True, False):
        if same and len(set(films)) == n:
            continue
        families.append({"films": [f"film {f}" for f in films], "same": same} | case(s, films, same))
embedded = {name: {key: pair[key] for key in ("recall", "median_rank")} for name, pair in pairs.items()}

path = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures/retrieval.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps({"ranked": cases, "families": families, "embedded": embedded}))
