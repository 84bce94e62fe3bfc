"""The functions that the AAU stands for, in floats."""

from collections.abc import Callable
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def gelu(x: Floats) -> Floats:
    """With the error function, not its tanh form."""
    found: Floats = np.vectorize(lambda value: value * (1 + erf(value / sqrt(2))) / 2, otypes=[float])(x)
    return found


def silu(x: Floats) -> Floats:
    """Return x over 1 + e^-x."""
    found: Floats = x / (1 + np.exp(-x))
    return found


def softmax(rows: Floats) -> Floats:
    """Of each row."""
    exponents = np.exp(rows - rows.max(axis=-1, keepdims=True))
    found: Floats = exponents / exponents.sum(axis=-1, keepdims=True)
    return found


def layer_norm(rows: Floats) -> Floats:
    """Of each row, without gain and bias."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    return rms_norm(centred, np.ones(1))


def rms_norm(rows: Floats, gain: Floats) -> Floats:
    """Of each row."""
    found: Floats = rows / np.sqrt((rows**2).mean(axis=-1, keepdims=True)) * gain
    return found


def rounded_to_8_bits(function: Callable[..., Floats]) -> Callable[..., Floats]:
    """Return the function with its argument and its result rounded to 8 bits, one scale each."""

    def rounded(x: Floats, *others: Floats) -> Floats:
        return _rounded(function(_rounded(x), *others))

    return rounded


def _rounded(x: Floats) -> Floats:
    step = float(np.abs(x[np.isfinite(x)]).max()) / 127
    found: Floats = np.rint(x / step) * step
    return found


def relative_error(found: Floats, exact: Floats) -> float:
    """Root mean square of the difference over that of the exact values."""
    return float(np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean()))
