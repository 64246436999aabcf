"""Reference log-mel spectrograms by torchaudio: Tests/MediaTests/Fixtures/mel.json. Run: python3 Tests/Oracle/mel.py

The sound is made by the same formula on both sides: uniform noise (oracle.pattern) that fades by 40 dB, plus two tones.
"""
import json
import math
import os

import numpy as np
import torch
import torchaudio
from oracle import ROOT, pattern

SAMPLES = 6000
CASES = {
    "v1": dict(),
    "v2": dict(hop=501, isCentred=True, decibel=True),
    "v2 mono": dict(hop=501, isCentred=True, decibel=True, isMono=True),
    "slaney": dict(scale="slaney", isAreaNormalised=True, lowest=20.0, highest=20000.0, mels=80),
    "slaney, equal height": dict(scale="slaney", fftSize=2048, hop=700, mels=64),
    "htk, equal area": dict(isAreaNormalised=True, hop=960, fftSize=1200, sampleRate=22050, highest=11025.0, mels=40),
}
DEFAULTS = dict(
    sampleRate=48000, fftSize=1024, hop=512, isCentred=False, mels=96, lowest=0.0, highest=24000.0, scale="htk",
    isAreaNormalised=False, decibel=False, isMono=False)


def sound():
    time = np.arange(SAMPLES) / 48000
    noise = pattern("mel", (2, SAMPLES)).astype(np.float64) * 10 ** (-2 * np.arange(SAMPLES) / SAMPLES)
    tones = 0.1 * np.sin(2 * math.pi * 440 * time) + 0.01 * np.sin(2 * math.pi * 9000 * time)
    return torch.from_numpy((0.3 * noise + tones).astype(np.float32))


def log_mel(wave, s):
    mel = torchaudio.transforms.MelSpectrogram(
        s["sampleRate"], n_fft=s["fftSize"], hop_length=s["hop"], f_min=s["lowest"], f_max=s["highest"],
        n_mels=s["mels"], center=s["isCentred"], pad_mode="reflect", norm="slaney" if s["isAreaNormalised"] else None,
        mel_scale=s["scale"]).to(torch.float64)
    wave = wave.to(torch.float64)
    power = mel(wave.mean(0, keepdim=True) if s["isMono"] else wave)
    level = torchaudio.functional.amplitude_to_DB(power, 10, 1e-10, 0) if s["decibel"] else torch.log(power + 1e-6)
    return level.permute(2, 1, 0)  # [time, mel, channels]


cases = []
for name, changes in CASES.items():
    settings = DEFAULTS | changes
    values = log_mel(sound(), settings)
    cases.append(dict(
        name=name, settings=settings, shape=list(values.shape), values=[round(float(v), 5) for v in values.flatten()]))
path = os.path.join(ROOT, "Tests/MediaTests/Fixtures/mel.json")
with open(path, "w") as file:
    json.dump(cases, file, separators=(",", ":"))
print(path, os.path.getsize(path), [c["shape"] for c in cases])
