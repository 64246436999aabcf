"""Reference values of LSTM and Open-Unmix: Tests/ModelTests/Fixtures/separators.safetensors.

PyTorch's LSTM and pip openunmix get the same weights (`formula.filled`) and inputs (`oracle.pattern`) as this kit's, at small
sizes. Outputs are float64; those of whole separations are float32, as openunmix computes them. Needs torch, openunmix.

    python separators.py FOLDER

compares at the size of the public models instead: writes into FOLDER random weights, a sound, and what openunmix makes of it,
for scripts/dev/compare_open_unmix.lua.
"""
import os
import sys

import torch
from formula import filled
from openunmix.model import OpenUnmix, Separator
from openunmix.utils import bandwidth_to_max_bin
from oracle import Fixture, pattern


def lstm(fixture):
    layer = filled(torch.nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)).double()
    name = fixture.case("lstm", lambda x: layer(x)[0], {"x": (3, 7, 6)})
    for key, parameter in layer.named_parameters():
        fixture.value(name, f"parameter.{key}", parameter.grad)


def network(fixture):
    """Magnitudes are [batch, frames, bins, channels] here but [batch, channels, bins, frames] in openunmix."""
    model = filled(OpenUnmix(nb_bins=65, nb_channels=2, hidden_size=16, nb_layers=2, max_bin=40)).double().eval()
    name = fixture.case(
        "open_unmix", lambda x: model(x.permute(0, 3, 2, 1)).permute(0, 3, 2, 1), {"x": ((2, 9, 65, 2), 0.0, 2.0)},
        constants=["x"])
    for key in ["fc1.weight", "lstm.weight_hh_l0_reverse", "bn3.weight", "output_scale", "input_mean"]:
        fixture.value(name, f"parameter.{key}", dict(model.named_parameters())[key].grad)


def separation(fixture, channels, residual):
    model = OpenUnmix(nb_bins=129, nb_channels=channels, hidden_size=16, nb_layers=2,
                      max_bin=bandwidth_to_max_bin(8000.0, 256, 3000.0))
    separator = Separator({"target": filled(model)}, niter=0, residual=residual, sample_rate=8000.0, n_fft=256, n_hop=64,
                          nb_channels=channels).eval()

    def run(sound):
        with torch.no_grad():
            return separator(sound.float().T[None])[0, -1].T
    fixture.case("separation", run, {"sound": (3001, 2)}, constants=["sound"], channels=channels, residual=residual)


def full_size(folder):
    from safetensors.torch import save_file
    torch.manual_seed(1)
    model = OpenUnmix(nb_bins=2049, nb_channels=2, hidden_size=512, max_bin=bandwidth_to_max_bin(44100.0, 4096, 16000.0))
    # Statistics other than the identity.
    for name, tensor in model.state_dict().items():
        if name.endswith("running_mean"):
            tensor.uniform_(-0.1, 0.1)
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
    separator = Separator({"target": model}, niter=0, n_fft=4096, n_hop=1024).eval()
    sound = torch.from_numpy(pattern("sound", (2, 10 * 44100), -0.5, 0.5))
    with torch.no_grad():
        estimate = separator(sound[None])[0, 0]
    os.makedirs(folder, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, f"{folder}/weights.safetensors")
    import soundfile
    soundfile.write(f"{folder}/sound.wav", sound.numpy().T, 44100, subtype="FLOAT")
    soundfile.write(f"{folder}/openunmix.wav", estimate.numpy().T, 44100, subtype="FLOAT")
    print(f"maximum of the estimate: {estimate.abs().max():.4f}")


if len(sys.argv) > 1:
    full_size(sys.argv[1])
else:
    with Fixture("ModelTests", "separators") as fixture:
        lstm(fixture)
        network(fixture)
        separation(fixture, 2, False)
        separation(fixture, 1, True)
