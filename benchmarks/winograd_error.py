"""The loss of accuracy from Winograd's minimal filtering, by tile size: see docs/decisions/0009-winograd-tiles.md.

    python3 benchmarks/winograd_error.py       needs numpy

Compares convolutions of rectified normal numbers with 3 x 3 taps in float32 with the same in float64. Prints the root mean
square error divided by the root mean square of the result, for tiles of 2 x 2 and 4 x 4 outputs and several choices of
points (Lavin and Gray 2016, arXiv 1509.09308; for the points other than infinity: Barabasz et al. 2020, arXiv 1803.10986).
"""
from fractions import Fraction

import numpy as np

HALF = Fraction(1, 2)
TILES = {
    "2 x 2, points 0 1 -1": (2, [0, 1, -1]),
    "4 x 4, points 0 1 -1 2 -2": (4, [0, 1, -1, 2, -2]),
    "4 x 4, points 0 1 -1 1/2 -2": (4, [0, 1, -1, HALF, -2]),
    "4 x 4, points 0 3/4 -3/4 3/2 -3/2": (4, [0, Fraction(3, 4), Fraction(-3, 4), Fraction(3, 2), Fraction(-3, 2)]),
}


def matrices(outputs, points):
    """The transforms of Toom and Cook's method, as float32: outputs from products, taps to points, inputs to points."""
    points = [Fraction(point) for point in points]
    size = outputs + 2

    def product_of_roots(roots):
        coefficients = [Fraction(1)]
        for root in roots:
            raised = [Fraction(0)] + coefficients
            coefficients = [high - root * low for high, low in zip(raised, coefficients + [Fraction(0)])]
        return coefficients + [Fraction(0)] * (size - len(coefficients))

    others = [[other for other in points if other != point] for point in points]
    to_outputs = [[point**power for point in points] + [power == outputs - 1] for power in range(outputs)]
    scales = [np.prod([point - other for other in rest]) for point, rest in zip(points, others)]
    of_taps = [[point**power / scale for power in range(3)] for point, scale in zip(points, scales)] + [[0, 0, 1]]
    of_inputs = [product_of_roots(rest) for rest in others] + [product_of_roots(points)]
    return [np.array(matrix, dtype=np.float64).astype(np.float32) for matrix in (to_outputs, of_taps, of_inputs)]


def errors(outputs, points, channels, tiles=200, filters=32):
    """The relative error with these points, and the relative error of plain sums."""
    draw = np.random.default_rng(0)
    size = outputs + 2
    inputs = np.maximum(draw.standard_normal((tiles, channels, size, size)), 0).astype(np.float32)
    taps = (draw.standard_normal((filters, channels, 3, 3)) / np.sqrt(9 * channels)).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(inputs, (3, 3), axis=(2, 3))
    exact = np.einsum("tcyxij,kcij->yxtk", windows.astype(np.float64), taps.astype(np.float64))
    rows = windows.transpose(2, 3, 0, 1, 4, 5).reshape(outputs, outputs, tiles, -1)
    plain = rows @ taps.reshape(filters, -1).T
    to_outputs, of_taps, of_inputs = matrices(outputs, points)
    left = np.einsum("ij,tcjl,ml->imtc", of_inputs, inputs, of_inputs)
    right = np.einsum("ij,kcjl,ml->imck", of_taps, taps, of_taps)
    found = np.einsum("ij,jltk,ml->imtk", to_outputs, left @ right, to_outputs)

    def relative(values):
        return np.sqrt(np.mean((values - exact) ** 2) / np.mean(exact**2))

    return relative(found), relative(plain)


for name, (outputs, points) in TILES.items():
    for channels in (64, 256):
        found, plain = errors(outputs, points, channels)
        print(f"{name}, {channels} channels: {found:.1e}, plain sums {plain:.1e}")
