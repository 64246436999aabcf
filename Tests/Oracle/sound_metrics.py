"""Reference values of SI-SDR and SDR from fast_bss_eval: Tests/EvaluationTests/Fixtures/sound_metrics.json.

Both sides make the sounds by the same formula from `oracle.pattern`. Needs fast_bss_eval.
"""
import json
import os

import fast_bss_eval
import numpy as np
from oracle import ROOT, pattern

SAMPLES = 3000
CASES = [
    dict(gain=0.7, echo=0.0, noise=0.0, spoiled=0.3), dict(gain=-2.0, echo=0.5, noise=0.05, spoiled=0.0),
    dict(gain=1.0, echo=0.9, noise=0.5, spoiled=0.1), dict(gain=0.01, echo=0.0, noise=1.0, spoiled=0.0),
]


def sounds(number, case):
    """A smooth reference, in which neighbouring samples are similar, and an estimate with echo and noise."""
    white = pattern(f"reference {number}", (SAMPLES,)).astype(np.float64)
    reference = white.copy()
    for n in range(1, SAMPLES):
        reference[n] = 0.8 * reference[n - 1] + white[n] + 0.02
    late = np.concatenate([np.zeros(37), reference[:-37]])
    noise = pattern(f"noise {number}", (SAMPLES,)).astype(np.float64)
    estimate = case["gain"] * reference + case["echo"] * late + case["noise"] * noise
    estimate = estimate + case["spoiled"] * reference * reference
    return reference.astype(np.float32).astype(np.float64), estimate.astype(np.float32).astype(np.float64)


cases = []
for number, case in enumerate(CASES):
    reference, estimate = sounds(number, case)
    x, y = reference[None], estimate[None]
    cases.append(case | dict(
        si_sdr=float(fast_bss_eval.si_sdr(x, y)[0]),
        si_sdr_zero_mean=float(fast_bss_eval.si_sdr(x, y, zero_mean=True)[0]),
        sdr=float(fast_bss_eval.sdr(x, y)[0]), sdr_32=float(fast_bss_eval.sdr(x, y, filter_length=32)[0])))
    print(cases[-1])
with open(os.path.join(ROOT, "Tests/EvaluationTests/Fixtures/sound_metrics.json"), "w") as file:
    json.dump(dict(samples=SAMPLES, cases=cases), file, indent=1)
    file.write("\n")
