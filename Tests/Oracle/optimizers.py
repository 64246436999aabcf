"""Reference values of the optimizers: Tests/ModelTests/Fixtures/optimizers.safetensors. Needs torch, lightly,
lion-pytorch.

Each case takes five steps with given gradients on a matrix and a bias, and gives both at the end. The matrix gets no
gradient in the first step if `late` is set.
"""
import torch
import torchvision_shim  # noqa: F401
from lightly.utils.lars import LARS
from lion_pytorch import Lion
from oracle import Fixture

STEPS = 5
SHAPES = {"weight": (37, 19), "bias": (45,)}
INPUTS = {**SHAPES, **{f"{name}.{step}": (shape, -0.5, 1.0) for step in range(STEPS) for name, shape in SHAPES.items()}}


def run(make, late):
    def function(*values):
        tensors = dict(zip(INPUTS, values))
        weights = {name: tensors[name].clone().requires_grad_() for name in SHAPES}
        optimizer = make(weights)
        for step in range(STEPS):
            for name, weight in weights.items():
                skipped = late and step == 0 and name == "weight"
                weight.grad = None if skipped else tensors[f"{name}.{step}"]
            optimizer.step()
        return tuple(weight.detach() for weight in weights.values())
    return function


def groups(weights, decay, decay_all):
    return [{"params": [weights["weight"]], "weight_decay": decay},
            {"params": [weights["bias"]], "weight_decay": decay if decay_all else 0.0}]


with Fixture("ModelTests", "optimizers") as fixture:
    def case(name, make, late=False, **options):
        fixture.case(name, run(make, late), INPUTS, constants=list(INPUTS), late=late, **options)

    for momentum, nesterov, decay, decay_all in [
        (0.0, False, 0.0, False), (0.9, False, 0.1, False), (0.9, True, 0.1, True), (0.5, True, 0.0, False),
    ]:
        case("sgd", lambda w: torch.optim.SGD(groups(w, decay, decay_all), lr=0.05, momentum=momentum, nesterov=nesterov),
             learning_rate=0.05, momentum=momentum, nesterov=nesterov, weight_decay=decay, decay_all=decay_all)
        # lightly scales parameters whose decay is not 0; this kit scales all but biases and norms.
        if not decay_all and decay > 0:
            for flag in (False, True):
                case("lars", lambda w: LARS(groups(w, decay, False), lr=0.5, momentum=momentum, nesterov=flag,
                                            trust_coefficient=0.02),
                     learning_rate=0.5, momentum=momentum, nesterov=flag, weight_decay=decay, trust=0.02)
    for betas, epsilon, decay, decay_all, late in [
        ((0.9, 0.999), 1e-8, 0.01, True, False), ((0.9, 0.95), 1e-6, 0.3, False, False), ((0.5, 0.9), 1e-3, 0.0, True, True),
    ]:
        case("adamw", lambda w: torch.optim.AdamW(groups(w, decay, decay_all), lr=0.01, betas=betas, eps=epsilon),
             late=late, learning_rate=0.01, beta1=betas[0], beta2=betas[1], epsilon=epsilon, weight_decay=decay,
             decay_all=decay_all)
    for betas, epsilon, decay, decay_all, late in [((0.9, 0.999), 1e-8, 0.0, False, False), ((0.5, 0.9), 1e-3, 0.2, True, True)]:
        case("adam", lambda w: torch.optim.Adam(groups(w, decay, decay_all), lr=0.01, betas=betas, eps=epsilon),
             late=late, learning_rate=0.01, beta1=betas[0], beta2=betas[1], epsilon=epsilon, weight_decay=decay,
             decay_all=decay_all)
    for betas, decay, decay_all in [((0.9, 0.99), 0.0, False), ((0.5, 0.9), 0.3, True)]:
        case("lion", lambda w: Lion(groups(w, decay, decay_all), lr=0.01, betas=betas),
             learning_rate=0.01, beta1=betas[0], beta2=betas[1], weight_decay=decay, decay_all=decay_all)
    # PyTorch iterates in bfloat16; the kit keeps the precision of the weights, as float64 does here.
    torch.Tensor.bfloat16 = lambda self: self.clone()

    class MuonAndAdamW:
        """PyTorch's Muon for the matrix, AdamW for the bias."""

        def __init__(self, weights, other, **options):
            self.optimizers = [torch.optim.Muon([weights["weight"]], **options),
                               torch.optim.AdamW([weights["bias"]], lr=other, betas=(0.9, 0.95), eps=1e-10, weight_decay=0)]

        def step(self):
            for optimizer in self.optimizers:
                optimizer.step()

    for momentum, nesterov, decay, late in [(0.95, True, 0.1, False), (0.5, False, 0.0, True)]:
        case("muon", lambda w: MuonAndAdamW(w, 0.01, lr=0.02, momentum=momentum, nesterov=nesterov, weight_decay=decay),
             late=late, learning_rate=0.02, momentum=momentum, nesterov=nesterov, weight_decay=decay,
             other_learning_rate=0.01)
