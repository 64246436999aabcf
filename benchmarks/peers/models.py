"""The encoders as a PyTorch user would assemble them today."""
import torch
import torchvision_operators  # noqa: F401
from torch import nn


def x3d(variant="m"):
    """pytorchvideo's X3D without its classifier: 2048 pooled features of clips of any size."""
    from pytorchvideo.models.x3d import create_x3d

    depth = {"xs": 2.2, "s": 2.2, "m": 2.2, "l": 5.0}[variant]
    model = create_x3d(input_clip_length=1, input_crop_size=32, depth_factor=depth, dropout_rate=0.0)
    head = model.blocks[-1]
    head.pool.pool, head.proj, head.activation = nn.AdaptiveAvgPool3d(1), nn.Identity(), None
    return model


def resnet(depth):
    """torchvision's ResNet for two channels, without its classifier."""
    import torchvision

    model = getattr(torchvision.models, f"resnet{depth}")(weights=None)
    model.conv1 = nn.Conv2d(2, 64, 7, 2, 3, bias=False)
    model.fc = nn.Identity()
    return model


class Acoustic(nn.Module):
    """pytorchvideo's acoustic ResNet-50 with a pool over the whole map; [batch, channels, mel, time]."""
    def __init__(self):
        from pytorchvideo.models.resnet import create_acoustic_resnet

        super().__init__()
        self.net = create_acoustic_resnet(input_channel=2, dropout_rate=0.0)
        self.net.blocks[5].pool, self.net.blocks[5].proj = nn.AdaptiveAvgPool3d(1), nn.Identity()

    def forward(self, x):
        return self.net(x.transpose(2, 3).unsqueeze(3)).flatten(1)

    def state_dict(self, *arguments, **options):
        return self.net.state_dict(*arguments, **options)

    def load_state_dict(self, state, **options):
        return self.net.load_state_dict(state, **options)


class Head(nn.Module):
    """A projection head, as the kit's `mlp` without batch norm."""
    def __init__(self, widths):
        super().__init__()
        layers = [layer for pair in zip(widths, widths[1:]) for layer in (nn.Linear(*pair), nn.ReLU())]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.layers(x)


def mvitv2(**options):
    from mvit import MViTv2

    return MViTv2(**options)


ENCODERS = {"x3d": x3d, "resnet18": lambda: resnet(18), "resnet50": lambda: resnet(50), "acoustic_resnet50": Acoustic,
            "mvitv2": mvitv2}


def make(module):
    """The model for a spec's {name, options}, with weights from one seed. Norms get random weights, too: a norm that starts
    at zero would hide faults in the layers before it."""
    torch.manual_seed(0)
    name, options = module["name"], module.get("options", {})
    model = Head(options["widths"]) if name == "mlp" else ENCODERS[name](**options)
    for part in model.modules():
        if isinstance(part, (nn.BatchNorm2d, nn.BatchNorm3d)) and part.affine:
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.2, 0.2)
    return model


def in_layout(model, layout):
    """The model with its weights in one of PyTorch's layouts."""
    if layout == "channels_last":
        for memory in (torch.channels_last, torch.channels_last_3d):
            weights = 4 if memory == torch.channels_last else 5
            for parameter in model.parameters():
                if parameter.dim() == weights:
                    parameter.data = parameter.data.contiguous(memory_format=memory)
    return model


def arithmetic(spec):
    """The context in which a form computes: autocast to bfloat16 if it is one of those."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=spec["arithmetic"] == "autocast")


def flops(work):
    """The flops of all products and convolutions in a call of `work`."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


def training_flops(forward):
    """The flops of a forward and a backward pass: the backward pass has two products of the same size for each product.
    (PyTorch's own count treats the backward pass of a grouped convolution as dense, which is far too high for X3D.)"""
    return 3 * flops(forward)
