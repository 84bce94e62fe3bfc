"""The AAU between floats: scales are chosen, values rounded to 8 bits, and its integers give the result."""

from math import floor, log2

import numpy as np

from ahasd.rtl.aau import functions
from ahasd.rtl.aau.exact_functions import Floats, rms_norm, silu
from ahasd.rtl.aau.functions import SCALE_BITS, Operation

#: Of the default longest vector.
LENGTH_BITS = 15

LOG2_E = 1.4426950408889634


def exponent_units(scale: float) -> int:
    """Word that makes powers of two of steps of a score; the largest one for scores of more than ±88."""
    units: int = min(round(scale * LOG2_E * (1 << SCALE_BITS)), (1 << SCALE_BITS) - 1)
    return units


def output_shift(largest: float) -> int:
    """Shift with which a softmax whose largest probability is given fills 8 bits."""
    return max(0, min(15, floor(-log2(largest))))


def aau_softmax(rows: Floats) -> Floats:
    """Softmax of each row, one scale per row in and one power of two out; infinite entries are masked."""
    return np.stack([_row_softmax(row) for row in rows])


def _row_softmax(row: Floats) -> Floats:
    seen = row[np.isfinite(row)]
    scale = max(float(np.abs(seen).max()), 1e-6) / 127
    values = np.rint(seen / scale).astype(np.int64)
    units = exponent_units(scale)
    exponents = functions.exponent(values.max() - values, units)
    shift = output_shift(float(exponents.max() / exponents.sum()))
    found = functions.softmax(values, units, LENGTH_BITS, shift) / 2.0 ** (8 + shift)
    filled = np.zeros(len(row))
    filled[np.isfinite(row)] = found
    return filled


def aau_silu(x: Floats) -> Floats:
    """SiLU, one scale for all."""
    scale = float(np.abs(x).max()) / 127
    step = float(np.abs(silu(x)).max()) / 127
    values = np.rint(x / scale).astype(np.int64)
    output_scale = min(round(256 / step), 2**16 - 1)
    found = functions.activate(Operation.SILU, values.ravel(), round(scale * 2**SCALE_BITS), output_scale)
    unscaled: Floats = found.reshape(x.shape).astype(np.float64) * (256 / output_scale)
    return unscaled


def aau_rms_norm(rows: Floats, gain: Floats) -> Floats:
    """RMS norm of each row; one scale per row in, one for all out."""
    step = float(np.abs(rms_norm(rows, gain)).max()) / 127
    shift = floor(log2(127 * 256 * step / float(np.abs(gain).max())))
    gains = np.rint(gain * 2.0**shift / (256 * step)).astype(np.int64)
    zeros = np.zeros(rows.shape[1], dtype=np.int64)
    found = []
    for row in rows:
        values = np.rint(row / (np.abs(row).max() / 127)).astype(np.int64)
        normal = functions.normalise(values, gains, zeros, shift, LENGTH_BITS, subtract_mean=False)
        found.append(normal * step)
    return np.stack(found)
