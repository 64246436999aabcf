"""Reference values of the encoders: Tests/ModelTests/Fixtures/encoders.safetensors and encoder_states.json.

PyTorch's models get the same weights and inputs as this kit's, both made from `oracle.pattern`, at small input sizes.
Stored are outputs in evaluation and training, running statistics, and gradients of some parameters in both modes; as
options, how far PyTorch's own float32 is from its float64 in each. encoder_states.json has a digest of every state dict's names and
shapes. Needs torch, torchvision, pytorchvideo.
"""
import copy
import json
import pathlib

import torch
import torch.nn as nn
import torchvision_shim  # noqa: F401
from formula import filled
from oracle import Fixture, _hash, pattern
from pytorchvideo.models.resnet import create_acoustic_resnet
from pytorchvideo.models.x3d import create_x3d
from torchvision.models import resnet18, resnet50
from torchvision.models.video import r2plus1d_18

STATES = pathlib.Path(__file__).parents[2] / "Tests/ModelTests/Fixtures/encoder_states.json"
DEPTH = {"xs": 2.2, "s": 2.2, "m": 2.2, "l": 5.0}


class X3D(nn.Module):
    """pytorchvideo's X3D for clips of any size; input as this kit's, [batch, time, height, width, channels]."""
    def __init__(self, variant, features):
        super().__init__()
        self.net = create_x3d(depth_factor=DEPTH[variant], input_clip_length=1, input_crop_size=32, dropout_rate=0.0,
                              model_num_class=features or 1, head_activation=None)
        self.net.blocks[5].pool.pool = nn.AdaptiveAvgPool3d(1)
        if features is None:
            self.net.blocks[5].proj = nn.Identity()

    def forward(self, x):
        return self.net(x.permute(0, 4, 1, 2, 3)).flatten(1)


class Acoustic(nn.Module):
    """pytorchvideo's acoustic ResNet with a global pool; input [batch, time, mel, channels]."""
    def __init__(self, features, channels=2):
        super().__init__()
        self.net = create_acoustic_resnet(input_channel=channels, dropout_rate=0.0, model_num_class=features or 1)
        self.net.blocks[5].pool = nn.AdaptiveAvgPool3d(1)
        if features is None:
            self.net.blocks[5].proj = nn.Identity()

    def forward(self, x):
        return self.net(x.permute(0, 3, 1, 2).unsqueeze(3)).flatten(1)


class ResNet(nn.Module):
    """torchvision's ResNet on a spectrogram [batch, time, mel, channels], seen as [batch, channels, mel, time], or on every
    frame of a video [batch, time, height, width, 3]."""
    def __init__(self, make, features, channels=2, input="spectrogram"):
        super().__init__()
        self.input = input
        self.net = make(weights=None)
        if input == "spectrogram":
            self.net.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
        self.net.fc = nn.Identity() if features is None else nn.Linear(self.net.fc.in_features, features)

    def forward(self, x):
        if self.input == "spectrogram":
            return self.net(x.permute(0, 3, 2, 1))
        return self.net(x.flatten(0, 1).permute(0, 3, 1, 2)).unflatten(0, x.shape[:2]).mean(1)


class R2Plus1D(nn.Module):
    """torchvision's R(2+1)D; input [batch, time, height, width, channels]."""
    def __init__(self, features):
        super().__init__()
        self.net = r2plus1d_18(weights=None)
        self.net.fc = nn.Identity() if features is None else nn.Linear(512, features)

    def forward(self, x):
        return self.net(x.permute(0, 4, 1, 2, 3))


class VGGish(nn.Module):
    """The layers that torchvggish builds, with a mean over the map; input [batch, time, mel, channels]."""
    def __init__(self, features, channels=2):
        super().__init__()
        layers, width = [], channels
        for outputs in (64, "M", 128, "M", 256, 256, "M", 512, 512, "M"):
            if outputs == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(width, outputs, 3, padding=1), nn.ReLU()]
                width = outputs
        self.net = nn.Sequential()
        self.net.add_module("features", nn.Sequential(*layers))
        if features is not None:
            self.net.add_module("fc", nn.Linear(512, features))

    def forward(self, x):
        pooled = self.net.features(x.permute(0, 3, 1, 2)).mean((2, 3))
        return self.net.fc(pooled) if hasattr(self.net, "fc") else pooled


def error(given, expected):
    return float((given.double() - expected).norm() / expected.norm())


def passes(model, x, seed):
    """Outputs and gradients by name in evaluation, then in training, which updates the running statistics once."""
    results = []
    for training in (False, True):
        model.train(training)
        model.zero_grad()
        output = model(x)
        (output * seed).sum().backward()
        results += [output.detach(), {name: p.grad.clone() for name, p in model.net.named_parameters()}]
    return results


def case(fixture, operation, model, shape, **options):
    filled(model.net)
    name = f"{operation}/{fixture.counts.get(operation, 0)}"
    x = torch.from_numpy(pattern(f"{name}/input", shape))
    with torch.no_grad():
        width = copy.deepcopy(model).eval()(x).shape[1]
    seed = torch.from_numpy(pattern(f"{name}/seed", (shape[0], width)))
    single = passes(copy.deepcopy(model), x, seed)
    double = copy.deepcopy(model).double()
    exact = passes(double, x.double(), seed.double())
    chosen = sorted(exact[1])[:: max(1, len(exact[1]) // 12)]
    options["gradients"] = chosen
    for mode, at in (("evaluation", 0), ("training", 2)):
        options[f"{mode}_error"] = error(single[at], exact[at])
        options[f"{mode}_gradient_errors"] = [error(single[at + 1][key], exact[at + 1][key]) for key in chosen]
    statistics = [key for key in double.net.state_dict() if key.endswith("running_var")][-1:]
    options["statistics"] = statistics
    fixture.case(operation, lambda input: (exact[0], exact[2]), {"input": shape}, constants=["input"], **options)
    for mode, at in (("evaluation", 1), ("training", 3)):
        for key in chosen:
            fixture.value(name, f"{mode}.{key}", exact[at][key])
    for key in statistics:
        fixture.value(name, "statistics", double.net.state_dict()[key])
    print(name, {key: value for key, value in options.items() if key.endswith("error") or key.endswith("errors")})


def digest(model):
    state = model.net.state_dict()
    lines = [f"{name} {list(tensor.shape)}" for name, tensor in sorted(state.items())]
    return dict(tensors=len(lines), digest=str(_hash("\n".join(lines))),
                parameters=sum(p.numel() for p in model.net.parameters()))


if __name__ == "__main__":
    with Fixture("ModelTests", "encoders") as fixture:
        case(fixture, "x3d", X3D("m", None), (3, 4, 48, 64, 3), variant="m", features=0)
        case(fixture, "x3d", X3D("xs", 5), (2, 3, 33, 47, 3), variant="xs", features=5)
        case(fixture, "acoustic_resnet50", Acoustic(None), (3, 41, 24, 2), features=0)
        case(fixture, "resnet50", ResNet(resnet50, 7), (3, 70, 48, 2), features=7)
        case(fixture, "resnet50", ResNet(resnet50, None, input="frames"), (2, 2, 40, 56, 3), features=0, input="frames")
        case(fixture, "resnet18", ResNet(resnet18, 7), (3, 70, 48, 2), features=7)
        case(fixture, "resnet18", ResNet(resnet18, 5, input="frames"), (2, 3, 40, 56, 3), features=5, input="frames")
        case(fixture, "r2plus1d_18", R2Plus1D(6), (2, 5, 40, 48, 3), features=6)
        case(fixture, "vggish", VGGish(None), (2, 37, 32, 2), features=0)
        case(fixture, "vggish", VGGish(9), (2, 32, 41, 2), features=9)
    states = {
        "x3d": [dict(options=dict(variant=variant, features=features), **digest(X3D(variant, features)))
                for variant in DEPTH for features in (None, 400)],
        "acoustic_resnet50": [dict(options=dict(features=features, channels=channels), **digest(Acoustic(features, channels)))
                              for features in (None, 527) for channels in (1, 2)],
        "r2plus1d_18": [dict(options=dict(features=features), **digest(R2Plus1D(features))) for features in (None, 400)],
        "vggish": [dict(options=dict(features=features, channels=channels), **digest(VGGish(features, channels)))
                   for features in (None, 128) for channels in (1, 2)],
    }
    for make in (resnet18, resnet50):
        states[make.__name__] = [
            dict(options=dict(features=features, channels=channels), **digest(ResNet(make, features, channels)))
            for features in (None, 1000) for channels in (2, 3)
        ] + [dict(options=dict(features=1000, input="frames"), **digest(ResNet(make, 1000, input="frames")))]
    STATES.write_text(json.dumps(states, indent=1) + "\n")
    print(json.dumps({name: [state["parameters"] for state in group] for name, group in states.items()}))
