"""Prints the polynomial coefficients of Sources/CKernels/kernels/math.inc and their errors.

Each polynomial is a least-squares fit in the Chebyshev basis (near minimax) of a function that the kernels need, on one
interval, weighted for relative error and then checked in float32 arithmetic. Run: python3 scripts/dev/fit_functions.py
"""
import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy import special


def fit(name, low, high, degree, function):
    """Coefficients, highest power first, of a polynomial in x on [low, high]; reports the largest relative error."""
    nodes = np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)
    middle, half = (high + low) / 2, (high - low) / 2
    values = function(middle + half * nodes)
    series = chebyshev.Chebyshev.fit(middle + half * nodes, values, degree, domain=[low, high], w=1 / np.abs(values))
    powers = series.convert(kind=polynomial.Polynomial, domain=[-1, 1], window=[-1, 1]).coef[::-1]
    error = np.max(np.abs(series(middle + half * nodes) / values - 1))
    print(f"{name}: degree {degree} on [{low}, {high}], relative error {error:.1e}")
    print("    " + ", ".join(f"{np.float32(c):.9g}f" for c in powers))
    return powers.astype(np.float32)


def horner(coefficients, x):
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result = (result * x + coefficient).astype(np.float32)
    return result


def report(name, given, exact):
    print(f"    {name} in float32: relative error {np.max(np.abs(given.astype(np.float64) / exact - 1)):.1e}")


f32 = np.float32

# ln m = f + f^2 P(f) on [sqrt 1/2, sqrt 2], f = m - 1.
p = fit("log", -0.2929, 0.4143, 8, lambda f: np.where(np.abs(f) < 1e-9, -0.5, (np.log1p(f) - f) / (f * f + 1e-300)))
f = np.linspace(-0.2929, 0.4143, 100001).astype(np.float32)
f = f[np.abs(f) > 1e-6]
report("log", f + f * f * horner(p, f), np.log1p(f.astype(np.float64)))

# tanh x = x + x^3 P(x^2) for |x| < 0.625.
p = fit("tanh", 0, 0.4, 4, lambda s: np.where(s < 1e-12, -1 / 3, (np.tanh(np.sqrt(s)) / np.sqrt(s + 1e-300) - 1) / (s + 1e-300)))
x = np.linspace(1e-3, 0.625, 100001).astype(np.float32)
report("tanh", x + x * (x * x) * horner(p, x * x), np.tanh(x.astype(np.float64)))

# The normal distribution's upper tail is exp(-t^2 / 2) / (1 + sqrt2 t) P(q), q = (t - 4) / (t + 4), t >= 0.
def tail(q):
    t = 4 * (1 + q) / (1 - q)
    return 0.5 * special.erfcx(t / np.sqrt(2)) * (1 + np.sqrt(2) * t)


p = fit("normal tail", -1, 0.6, 9, tail)
t = np.linspace(0, 14, 100001).astype(np.float32)
q = (t - f32(4)) / (t + f32(4))
given = horner(p, q) / (f32(1) + f32(np.sqrt(2)) * t)
report("normal tail without the exponential", given, 0.5 * special.erfcx(t.astype(np.float64) / np.sqrt(2)))

# sin r = r + r^3 P(r^2) for |r| <= pi / 2.
p = fit("sine", 0, 2.4675, 4, lambda s: np.where(s < 1e-3, -1 / 6 + s / 120, (np.sin(np.sqrt(s)) / np.sqrt(s + 1e-300) - 1) / (s + 1e-300)))
x = np.linspace(1e-3, np.pi / 2, 100001).astype(np.float32)
report("sine", x + x * (x * x) * horner(p, x * x), np.sin(x.astype(np.float64)))
