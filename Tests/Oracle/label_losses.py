"""Reference values of the losses with labels: Tests/ModelTests/Fixtures/label_losses.safetensors.

Needs torch.
"""
import torch
import torch.nn.functional as F
from oracle import Fixture


def classes(shape):
    """A class of each row."""
    return [(7 * row * row + 3 * row + 5) % shape[1] for row in range(shape[0])]


def weights_of(count):
    """Uneven weights of classes, exact in float32; one is 0."""
    return [0.0 if place == 1 and count > 2 else 0.25 * (1 + place % 5) for place in range(count)]


def transcripts(rows, longest, symbols):
    """Symbols with repeats, of different lengths; symbol 0 is left out, which is the blank."""
    return [[1 + (row * 5 + place // 2) % symbols for place in range(longest - row % longest)] for row in range(rows)]


def ctc(scores, labels, frames, blank):
    """PyTorch's loss of the logarithms of the softmax; its axes are [time, batch, classes]."""
    logarithms = F.log_softmax(scores.double(), 2).transpose(0, 1)
    moved = [[symbol if symbol > blank else symbol - 1 for symbol in row] for row in labels]
    flat = torch.tensor([symbol for row in moved for symbol in row], dtype=torch.long)
    return F.ctc_loss(logarithms, flat, torch.tensor(frames), torch.tensor([len(row) for row in labels]), blank,
                      zero_infinity=True)


with Fixture("ModelTests", "label_losses") as fixture:
    for shape in [(1, 2), (6, 5), (33, 20), (130, 64)]:
        truth, uneven = classes(shape), weights_of(shape[1])
        if sum(uneven[label] for label in truth) == 0:
            uneven = [1.0] * shape[1]
        for smoothing in (0.0, 0.1):
            for weights in ([], uneven):
                given = torch.tensor(weights, dtype=torch.float64) if weights else None
                fixture.case(
                    "cross_entropy",
                    lambda scores: F.cross_entropy(scores, torch.tensor(truth), given, label_smoothing=smoothing),
                    {"scores": (shape, -6.0, 6.0)}, labels=truth, label_smoothing=smoothing, class_weights=weights)
                fixture.case(
                    "cross_entropy_shares",
                    lambda scores, shares: F.cross_entropy(
                        scores, shares / shares.sum(1, keepdim=True), given, label_smoothing=smoothing),
                    {"scores": (shape, -6.0, 6.0), "shares": (shape, 0.1, 1.0)}, constants=("shares",),
                    label_smoothing=smoothing, class_weights=weights)
        for positive in ([1.0], [2.5], uneven):
            for weights in ([], uneven):
                fixture.case(
                    "binary_cross_entropy",
                    lambda scores, targets: F.binary_cross_entropy_with_logits(
                        scores, targets, torch.tensor(weights or [1.0], dtype=torch.float64),
                        pos_weight=torch.tensor(positive, dtype=torch.float64)),
                    {"scores": (shape, -30.0, 30.0), "targets": (shape, 0.0, 1.0)}, constants=("targets",),
                    positive_weight=positive, class_weights=weights)
    for batch, time, classes_count, longest in [(1, 1, 2, 1), (3, 9, 4, 3), (5, 40, 12, 9), (4, 150, 30, 60)]:
        labels = transcripts(batch, longest, classes_count - 1)
        for blank in (0, classes_count - 1):
            frames = [time - row % 3 for row in range(batch)]
            # One row is too short for its symbols, and one has none.
            frames[-1] = time if batch == 1 else len(labels[-1]) - 1 if blank else frames[-1]
            given = [[] if row == 1 and blank else symbols for row, symbols in enumerate(labels)]
            fixture.case("ctc", lambda scores: ctc(scores, given, frames, blank),
                         {"scores": ((batch, time, classes_count), -4.0, 4.0)}, frames=frames, blank=blank,
                         **{f"row{row}": [s if s > blank else s - 1 for s in symbols]
                            for row, symbols in enumerate(given)})
