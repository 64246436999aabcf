"""Augmentations as torchvision, torchaudio and audiomentations compute them with the same parameters.

Writes Tests/DataTests/Fixtures/augmentations.safetensors. Needs: torch, torchvision, torchaudio, audiomentations, numpy.
"""
import math
from unittest import mock

import audiomentations
import numpy as np
import torch
import torchaudio.functional as audio
from oracle import Fixture
from torchvision_import import torchvision

pictures = torchvision.transforms.functional
CLIP = {"x": ((3, 5, 7, 3), 0.0, 1.0)}


def on_pictures(change):
    """Turns a function of [time, channels, height, width] into one of [time, height, width, channels]."""
    return lambda x: change(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def masked(x, axis, limit, draws):
    """mask_along_axis with its two random numbers given; x is [time, mel, channels]."""
    numbers = iter(draws)
    with mock.patch("torch.rand", lambda _: torch.tensor([next(numbers)], dtype=torch.float64)):
        spectrogram = x.permute(2, 1, 0)
        return audio.mask_along_axis(spectrogram, limit, 0.0, 2 if axis == "time" else 1).permute(2, 1, 0)


def shifted(x, part, rollover):
    """audiomentations' Shift by a given part of the length; x is [channels, time]."""
    change = audiomentations.Shift(part, part, rollover=rollover, fade_duration=0, p=1.0)
    return torch.from_numpy(change(x.numpy().astype(np.float32), 8000).astype(np.float64))


def with_noise(x, noise, ratio):
    """audiomentations' AddBackgroundNoise with given noise and a given signal-to-noise ratio; both are [time]."""
    change = audiomentations.AddBackgroundNoise.__new__(audiomentations.AddBackgroundNoise)
    change.noise_transform, change.noise_rms = None, "relative"
    change.parameters = {"noise_file_path": "", "offset": 0, "duration": None, "snr_db": ratio}
    module = "audiomentations.augmentations.add_background_noise.load_sound_file"
    with mock.patch(module, lambda *_, **__: (noise.numpy(), 8000)):
        return torch.from_numpy(change.apply(x.numpy(), 8000))


def in_room(x, impulse):
    """audiomentations' ApplyImpulseResponse with a given response; both are [channels, time]."""
    change = audiomentations.ApplyImpulseResponse.__new__(audiomentations.ApplyImpulseResponse)
    change.parameters, change.leave_length_unchanged = {"ir_file_path": ""}, True
    change._ApplyImpulseResponse__load_ir = lambda *_, **__: (impulse.numpy(), 8000)
    return torch.from_numpy(change.apply(x.numpy(), 8000))


def louder(x, decibels):
    """audiomentations' Gain."""
    change = audiomentations.Gain(decibels, decibels, p=1.0)
    return torch.from_numpy(change(x.numpy().astype(np.float32), 8000).astype(np.float64))


def higher(x, semitones, fft_size):
    """torchaudio's pitch_shift of noise at 8 kHz.

    Not of a chord: the phases of bins that hold next to nothing are chance, and where its partials turn by half a circle a
    frame, rounding the input to float32 alone moves torchaudio's own answer by up to 3 %.
    """
    window = torch.hann_window(fft_size, dtype=torch.float64)
    return audio.pitch_shift(x, 8000, semitones, n_fft=fft_size, window=window)


with Fixture("DataTests", "augmentations") as fixture:
    for factor in (0.0, 0.6, 1.0, 1.4):
        for name, change in (("brightness", pictures.adjust_brightness), ("contrast", pictures.adjust_contrast),
                             ("saturation", pictures.adjust_saturation)):
            fixture.case(name, on_pictures(lambda x: change(x, factor)), CLIP, constants=("x",), factor=factor)
    for turn in (-0.5, -0.1, 0.0, 0.07, 0.3, 0.5):
        fixture.case("hue", on_pictures(lambda x: pictures.adjust_hue(x, turn)), CLIP, constants=("x",), turn=turn)
    fixture.case("greyscale", on_pictures(lambda x: pictures.rgb_to_grayscale(x, 3)), CLIP, constants=("x",))
    fixture.case("horizontal_flip", on_pictures(pictures.hflip), CLIP, constants=("x",))
    fixture.case("normalise", on_pictures(
        lambda x: pictures.normalize(x, [0.45, 0.4, 0.5], [0.225, 0.2, 0.25])), CLIP, constants=("x",))
    for axis in ("time", "mel"):
        for limit, draws in ((5, (0.7, 0.3)), (9, (0.999, 0.999)), (4, (0.1, 0.5)), (8, (0.5, 0.0))):
            fixture.case("spec_augment", lambda x: masked(x, axis, limit, draws), {"x": (11, 9, 2)}, constants=("x",),
                         axis=axis, limit=limit, width_draw=draws[0], start_draw=draws[1])
    # Random crops are compared by their distribution: means and deviations of the area and of ln(width / height).
    torch.manual_seed(0)
    for width, height, area, ratio in ((320, 180, (0.2, 1.0), (3 / 4, 4 / 3)), (100, 130, (0.5, 1.0), (0.9, 1.1))):
        picture = torch.empty(3, height, width)
        crops = [torchvision.transforms.RandomResizedCrop.get_params(picture, area, ratio) for _ in range(20000)]
        values = torch.tensor([[h * w / (width * height), math.log(w / h), x / width, y / height]
                               for y, x, h, w in crops], dtype=torch.float64)
        name = fixture.case("random_resized_crop", lambda x: x, {"x": (1,)}, constants=("x",), width=width, height=height,
                            min_area=area[0], max_area=area[1], min_ratio=ratio[0], max_ratio=ratio[1])
        fixture.value(name, "mean", values.mean(0))
        fixture.value(name, "deviation", values.std(0))
    for area, ratio in (((0.02, 0.33), (0.3, 3.3)), ((0.3, 0.9), (0.9, 1.1))):
        picture = torch.empty(3, 40, 56)
        drawn = [torchvision.transforms.RandomErasing.get_params(picture, area, ratio, [0.0]) for _ in range(20000)]
        values = torch.tensor([[h * w / (40 * 56), math.log(w / h), x / 56, y / 40]
                               for y, x, h, w, _ in drawn if (h, w) != (40, 56)], dtype=torch.float64)
        name = fixture.case("random_erasing", lambda x: x, {"x": (1,)}, constants=("x",), min_area=area[0],
                            max_area=area[1], min_ratio=ratio[0], max_ratio=ratio[1])
        fixture.value(name, "mean", values.mean(0))
        fixture.value(name, "deviation", values.std(0))
    for y, x, height, width in ((0, 0, 5, 7), (1, 2, 3, 4), (4, 6, 1, 1)):
        fixture.case("fill", on_pictures(lambda clip: pictures.erase(clip, y, x, height, width, torch.tensor(0.3))), CLIP,
                     constants=("x",), region=[x, y, width, height])
    for side, sigma in ((3, 0.1), (3, 2.0), (5, 0.8), (9, 1.7)):
        fixture.case("gaussian_blur", on_pictures(lambda x: pictures.gaussian_blur(x, [side, side], [sigma, sigma])),
                     {"x": ((2, 6, 8, 3), 0.0, 1.0)}, constants=("x",), side=side, sigma=sigma)
    for part in (-1.0, -0.31, 0.0, 0.07, 0.5, 1.0):
        for rollover in (True, False):
            fixture.case("time_shift", lambda x: shifted(x, part, rollover), {"x": (2, 25)}, constants=("x",), part=part,
                         rollover=rollover)
    for length in (7, 30, 41):
        for ratio in (-5.0, 3.0, 30.0):
            fixture.case("background_noise", lambda x, noise: with_noise(x, noise[:30], ratio),
                         {"x": (30,), "noise": ((length,), -0.2, 0.3)}, constants=("x", "noise"), ratio=ratio)
    for length, impulse in ((40, 1), (40, 13), (40, 97), (1000, 333)):
        fixture.case("convolved", lambda x, h: audio.fftconvolve(x, h)[:, :length],
                     {"x": (2, length), "impulse": (2, impulse)}, constants=("x", "impulse"))
    for length, impulse, channels in ((40, 1, 2), (40, 13, 2), (300, 97, 1), (40, 97, 1)):
        fixture.case("room_reverb", in_room, {"x": (2, length), "impulse": (channels, impulse)}, constants=("x", "impulse"))
    for decibels in (-17.5, 0.0, 6.0):
        fixture.case("gain", lambda x: louder(x, decibels), {"x": (2, 12)}, constants=("x",), decibels=decibels)
    for before, after in ((8000, 8000), (16000, 8000), (8000, 12000), (10079, 8000), (5039, 8000), (44100, 48000)):
        fixture.case("resample", lambda x: audio.resample(x, before, after), {"x": (2, 300)}, constants=("x",),
                     **{"from": before, "to": after})
    for semitones in (-12, -3, 1, 4, 12):
        for fft_size in (256, 512):
            fixture.case("pitch_shift", lambda x: higher(x, semitones, fft_size), {"x": (4000,)}, constants=("x",), semitones=semitones, fft_size=fft_size)
