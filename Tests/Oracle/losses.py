"""Reference values of the losses: Tests/ModelTests/Fixtures/losses.safetensors.

Needs torch, lightly, pytorch-metric-learning.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision_shim  # noqa: F401
from lightly.loss import BarlowTwinsLoss, DCLLoss, DCLWLoss, NegativeCosineSimilarity, NTXentLoss, VICRegLoss
from oracle import Fixture
from pytorch_metric_learning.losses import SupConLoss

SHAPES = [(2, 3), (5, 16), (33, 20), (130, 64), (600, 24)]


def cross_only(a, b, temperature, symmetric):
    """Each anchor against all rows of the other batch, as in CLIP."""
    logits = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature
    target = torch.arange(len(a))
    first = F.cross_entropy(logits, target)
    return (first + F.cross_entropy(logits.T, target)) / 2 if symmetric else first


def first_anchors(a, b, temperature):
    """SimCLR's candidates, but only rows of the first batch are anchors."""
    z = F.normalize(torch.cat([a, b]), dim=1)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(logits[: len(a)], torch.arange(len(a)) + len(a))


def supervised(views, labels, temperature):
    """The views of one row share its label; without labels, every row is its own class."""
    rows = torch.tensor(labels if labels else range(len(views[0])))
    return SupConLoss(temperature)(torch.cat(views), rows.repeat(len(views)))


def within_batch(a, b, margin, mined):
    """Triplets whose negatives are other rows of b."""
    rows = torch.arange(len(a))
    if mined == "hardest":
        distances = torch.cdist(a, b).masked_fill(torch.eye(len(a), dtype=torch.bool), float("inf"))
        return nn.TripletMarginLoss(margin)(a, b, b[distances.argmin(1)])
    anchor, negative = (index.flatten() for index in torch.meshgrid(rows, rows, indexing="ij"))
    anchor, negative = anchor[anchor != negative], negative[anchor != negative]
    return nn.TripletMarginLoss(margin)(a[anchor], b[anchor], b[negative])


def with_queue(a, b, keys, temperature, bank):
    """The third of three calls, with the content of the queue at that time."""
    loss = NTXentLoss(temperature, memory_bank_size=tuple(keys.shape))
    loss.memory_bank.bank = F.normalize(keys, dim=1)
    for _ in range(3):
        result = loss(a, b)
    bank.append(loss.memory_bank.bank)
    return result


def clip(a, b, logit_scale):
    """Figure 3 of the paper."""
    logits = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T * logit_scale.exp()
    rows = torch.arange(len(a))
    return (F.cross_entropy(logits, rows) + F.cross_entropy(logits.T, rows)) / 2


with Fixture("ModelTests", "losses") as fixture:
    for shape in SHAPES:
        for temperature in (0.01, 0.1, 1.0):
            inputs = {"a": shape, "b": (shape, -0.3, 0.7)}
            both = {"temperature": temperature, "symmetric": True}
            one = {"temperature": temperature, "symmetric": False}
            fixture.case("nt_xent", lambda a, b: NTXentLoss(temperature)(a, b), inputs, negatives="all", **both)
            fixture.case("nt_xent", lambda a, b: first_anchors(a, b, temperature), inputs, negatives="all", **one)
            for options in (both, one):
                fixture.case("nt_xent", lambda a, b: cross_only(a, b, temperature, options["symmetric"]), inputs,
                             negatives="cross", **options)

    for shape in SHAPES[1:4]:
        inputs = {"a": shape, "b": (shape, -0.3, 0.7)}
        wide = {"a": (shape, -4.0, 4.0), "b": (shape, -3.0, 5.0)}
        for temperature in (0.07, 0.5):
            fixture.case("dcl", lambda a, b: DCLLoss(temperature)(a, b), inputs, temperature=temperature)
            for sigma in (0.2, 0.5):
                fixture.case("dcl", lambda a, b: DCLWLoss(temperature, sigma)(a, b), inputs, temperature=temperature,
                             sigma=sigma)
        for weight in (5e-3, 0.5):
            fixture.case("barlow_twins", lambda a, b: BarlowTwinsLoss(weight)(a, b), inputs, **{"lambda": weight})
        for given in (inputs, wide):
            fixture.case("vicreg", lambda a, b: VICRegLoss()(a, b), given)
            fixture.case("vicreg", lambda a, b: VICRegLoss(3.0, 7.0, 2.0)(a, b), given, invariance=3.0, variance=7.0,
                         covariance=2.0)
        fixture.case("negative_cosine_similarity", lambda a, b: NegativeCosineSimilarity()(a, b), inputs)
        for margin in (0.2, 1.0):
            given = {"a": shape, "b": shape, "c": shape}
            fixture.case("triplet_given", lambda a, b, c: nn.TripletMarginLoss(margin)(a, b, c), given, margin=margin)
            for mined in ("all", "hardest"):
                fixture.case("triplet", lambda a, b: within_batch(a, b, margin, mined), {"a": shape, "b": shape},
                             margin=margin, negatives=mined)
        for temperature in (0.07, 0.5):
            for views in (2, 3):
                for classes in (0, 3):
                    given = {name: shape for name in "abc"[:views]}
                    labels = [row * row % classes for row in range(shape[0])] if classes else []
                    fixture.case("supcon", lambda *z: supervised(z, labels, temperature), given,
                                 temperature=temperature, labels=labels)
            queue = {"a": shape, "b": (shape, -0.3, 0.7), "queue": (3 * shape[0], shape[1])}
            bank = []
            name = fixture.case("moco", lambda a, b, keys: with_queue(a, b, keys, temperature, bank), queue,
                                constants=("queue",), temperature=temperature)
            fixture.value(name, "queue", bank[0])
        fixture.case("clip", clip, {"a": shape, "b": shape, "logit_scale": ((), 0.5, 3.0)})
