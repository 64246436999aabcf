"""Writes sounds of several rates, lengths, channels and sample formats: make_sounds.py FOLDER."""

import pathlib
import sys

import numpy as np
import soundfile

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(3)
for rate, seconds, channels, form, ending in [
    (8_000, 4.0, 1, "PCM_16", "wav"),
    (16_000, 7.7, 1, "FLOAT", "wav"),
    (22_050, 3.0, 2, "PCM_24", "wav"),
    (44_100, 5.3, 2, "PCM_16", "wav"),
    (48_000, 3.2, 2, "PCM_16", "flac"),
    (96_000, 1.4, 2, "PCM_16", "wav"),
]:
    time = np.arange(int(rate * seconds)) / rate
    sound = np.zeros((len(time), channels))
    for channel in range(channels):
        for _ in range(6):
            pitch, loudness = random.uniform(80, rate / 2.5), random.uniform(0.02, 0.12)
            sound[:, channel] += loudness * np.sin(2 * np.pi * pitch * time + random.uniform(0, 6))
        sound[:, channel] += 0.02 * random.standard_normal(len(time)) * (1 + np.sin(2 * np.pi * 1.5 * time))
    soundfile.write(folder / f"sound-{rate}.{ending}", sound, rate, subtype=form)
