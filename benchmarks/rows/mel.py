"""Spectrograms, on one core."""
import math

from harness.row import TUNED, Form, Row

ORDER = 6
CLIPS, RATE, HOP, MELS = 8, 48000, 512, 96
NOTE = ("by `perf`, at n_fft 1024, 32 % of the samples are in FFTW, 22 % in the window, 18 % in the sums of the bands, 4 % in the "
        "logarithm. FFTW takes 1.1 us for a real frame of 1024 and 0.37 us for half of a complex one, which the kit uses.")


def mel(fft_size):
    frames = 2 * ((3 * RATE - fft_size) // HOP + 1)
    forms = [
        Form("torchaudio", {"library": "torchaudio"}), Form("torchaudio, tuned malloc", {"library": "torchaudio"}, TUNED),
        Form("torchaudio, 8 clips at once, tuned malloc", {"library": "torchaudio", "together": True}, TUNED),
        Form("librosa", {"library": "librosa"}),
    ]
    # A real transform of n takes about 2.5 n log2 n; window, power and bands take 8 more a bin.
    work = frames * (2.5 * fft_size * math.log2(fft_size) + 8 * fft_size)
    return Row(
        f"log-mel-{fft_size}", f"log-mel of 3 s of stereo at 48 kHz, n_fft {fft_size}, one core", "mel",
        {"shape": [CLIPS, 2, 3 * RATE], "fft_size": fft_size, "hop": HOP, "mels": MELS, "sample_rate": RATE}, forms,
        {"mel": 1e-4}, 2.7, threads=1, prepare=lambda row, folder: {"flops": work}, note=NOTE)


ROWS = [mel(1024), mel(2048)]
