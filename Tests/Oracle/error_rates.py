"""Reference for word and phone error rates: jiwer on random texts, and rapidfuzz's distance of each.

Writes Tests/EvaluationTests/Fixtures/error_rates.json. Needs jiwer.
"""
import json
import pathlib
import random

import jiwer
from rapidfuzz.distance import Levenshtein

rng = random.Random(3)


def text(longest, vocabulary):
    return [rng.choice(vocabulary) for _ in range(rng.randint(0, longest))]


def case(items, longest, letters):
    spoken = [text(longest, letters) for _ in range(items)]
    spoken[0] = list(letters)
    # Some are changed a little, others are unrelated.
    recognised = [[unit for unit in line if rng.random() < 0.8] + text(2, letters) if index % 2 else text(longest, letters)
                  for index, line in enumerate(spoken)]
    edits = [Levenshtein.distance(read, said) for read, said in zip(recognised, spoken)]
    # jiwer refuses items of which nothing is spoken: all their words are insertions.
    pairs = [(" ".join(read), " ".join(said)) for read, said in zip(recognised, spoken) if said]
    counts = jiwer.process_words([said for _, said in pairs], [read for read, _ in pairs])
    total = counts.substitutions + counts.deletions + counts.insertions
    total += sum(len(read) for read, said in zip(recognised, spoken) if not said)
    assert total == sum(edits)
    return {"recognised": [" ".join(line) for line in recognised], "spoken": [" ".join(line) for line in spoken],
            "edits": edits, "rate": total / sum(map(len, spoken))}


cases = [case(*shape) for shape in [(1, 4, "ab"), (5, 6, "abc"), (9, 12, "abcdef"), (3, 40, "ab"), (12, 3, "ab"),
                                    (4, 25, "abcdefghij")]]
path = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures/error_rates.json"
path.write_text(json.dumps({"cases": cases}))
