"""HEAR's shallow network in its own evaluation kit, on features from the formula that the Swift tests share.

Writes Tests/EvaluationTests/Fixtures/hear_probe.json: the mean test score of several seeds. Needs what heareval_import.py
names. heareval's network, loss, grid and scores are used as they are; of PyTorch Lightning, what its trainer did with the
grid's settings is written out below: measure every third epoch, keep the best, stop after `patience` measurements without gain.
"""
import json
import pathlib

import numpy as np
import torch
from heareval_import import PARAM_GRID, FullyConnectedPrediction, ParameterGrid, available_scores
from oracle import pattern

TRAIN, VALID, TEST, FEATURES, CLASSES = 2000, 500, 2000, 12, 5
SETTINGS = {"hidden_dim": 64, "batch_size": 256, "max_epochs": 30, "patience": 5}
POINTS = [(1, 1e-3, "uniform"), (2, 3.2e-3, "normal")]
SEEDS = range(24)


def data(name, multi):
    """Features of classes that overlap and are not linearly separable."""
    count = TRAIN + VALID + TEST
    x = pattern(f"hear/{name}/features", (count, FEATURES)).astype(np.float64)
    planes = pattern(f"hear/{name}/planes", (2, FEATURES, CLASSES)).astype(np.float64)
    noise = pattern(f"hear/{name}/noise", (count, CLASSES)).astype(np.float64)
    height = x @ planes[0] + (x * x - 1 / 3) @ planes[1] + 0.3 * noise
    truth = (height > 1.0).astype(int) if multi else np.eye(CLASSES, dtype=int)[height.argmax(axis=1)]
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(truth.astype(np.float32))


def fit(model, x, y, conf, measure):
    """Trains as Lightning's trainer did. Returns the best validation score; the model then has the weights of that score."""
    optimizer = conf["optim"](model.parameters(), lr=conf["lr"])
    best, kept, waited = -1.0, None, 0
    for epoch in range(1, conf["max_epochs"] + 1):
        model.train()
        for start in range(0, TRAIN, conf["batch_size"]):  # never shuffled, since the names of splits are lists
            rows = slice(start, min(start + conf["batch_size"], TRAIN))
            optimizer.zero_grad()
            model.logit_loss(model.forward_logit(x[rows]), y[rows]).backward()
            optimizer.step()
        if epoch % conf["check_val_every_n_epoch"] == 0:
            model.eval()
            score = measure(model, slice(TRAIN, TRAIN + VALID))
            waited += 1
            if score > best:
                best, waited = score, 0
                kept = {key: value.clone() for key, value in model.state_dict().items()}
            if waited >= conf["patience"]:
                break
    model.load_state_dict(kept)
    model.eval()
    return best


def score(name, multi, point, seed):
    """The test score of one point of the grid."""
    torch.manual_seed(seed)
    layers, rate, start = point
    grid = {**PARAM_GRID, **{key: [value] for key, value in SETTINGS.items()}}
    conf = next(conf for conf in ParameterGrid(grid) if conf["hidden_layers"] == layers and conf["lr"] == rate
                and start in conf["initialization"].__name__)
    x, y = data(name, multi)
    metric = available_scores["mAP" if multi else "top1_acc"](label_to_idx={})

    def measure(model, rows):
        with torch.no_grad():
            return metric(model(x[rows]).numpy(), y[rows].numpy())

    model = FullyConnectedPrediction(FEATURES, CLASSES, "multilabel" if multi else "multiclass", conf)
    fit(model, x, y, conf, measure)
    return float(measure(model, slice(TRAIN + VALID, None)))


tasks = []
for name, multi in (("one", False), ("several", True)):
    fits = []
    for point in POINTS:
        scores = [score(name, multi, point, seed) for seed in SEEDS]
        print(name, point, np.mean(scores), np.std(scores))
        fits.append({"layers": point[0], "rate": point[1], "start": f"xavier_{point[2]}", "score": np.mean(scores)})
    labels = [np.flatnonzero(row).tolist() for row in data(name, multi)[1].numpy()]
    tasks.append({"name": name, "multi": multi, "labels": labels, "fits": fits})
folder = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures"
description = {"train": TRAIN, "valid": VALID, "test": TEST, "features": FEATURES, "classes": CLASSES, "tasks": tasks}
(folder / "hear_probe.json").write_text(json.dumps(description, separators=(",", ":")))
