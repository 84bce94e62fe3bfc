"""What the AAU's lanes look up, and the AAU's arithmetic in integers: the reference that the hardware must equal.

Three functions of one argument, each as 32 straight pieces whose ends lie on the function, moved by half of the
largest error of the piece: 2^-f on [0, 1) for softmax; and v·Φ(-v) on [0, 4) and v·σ(-v) on [0, 8), the parts by
which GELU and SiLU lie below max(x, 0). Those are even, so one table serves both signs, and they vanish beyond the
range.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import erf, exp, isqrt, sqrt

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

PIECES = 32

#: Fraction of a table's values.
VALUE_BITS = 15

#: Of the place within a piece.
OFFSET_BITS = 7

#: Fraction of the argument of a function.
ARGUMENT_BITS = 12

#: Fraction of the input's scale, which is below 1.
SCALE_BITS = 16

#: Fraction of the mean, of a normalised value and of the output's scale.
GAIN_BITS = 8

#: Fraction of the norm's factor before its exponent.
RATIO_BITS = 22


class Operation(IntEnum):
    """What the lanes do with a beat of the vector."""

    REDUCE = 0
    EXPONENT = 1
    SOFTMAX = 2
    GELU = 3
    SILU = 4
    NORM = 5


@dataclass(frozen=True, slots=True)
class PieceTable:
    """Straight pieces: value at the start and rise to the end, in units of 2^-15; range as a power of two."""

    starts: tuple[int, ...]
    rises: tuple[int, ...]
    range_bits: int


def _pieces(function: Callable[[float], float], range_bits: int) -> PieceTable:
    width = 2.0**range_bits / PIECES
    starts, rises = [], []
    for piece in range(PIECES):
        left, right = function(piece * width), function((piece + 1) * width)
        inner = (i / 64 for i in range(65))
        errors = [function((piece + t) * width) - (left + t * (right - left)) for t in inner]
        start = left + (max(errors) + min(errors)) / 2
        starts.append(max(0, round(start * 2**VALUE_BITS)))
        rises.append(round((right - left) * 2**VALUE_BITS))
    return PieceTable(tuple(starts), tuple(rises), range_bits)


TABLES: dict[Operation, PieceTable] = {
    Operation.EXPONENT: _pieces(lambda f: 2.0**-f, 0),
    Operation.GELU: _pieces(lambda v: v * (1 - erf(v / sqrt(2))) / 2, 2),
    Operation.SILU: _pieces(lambda v: v / (1 + exp(v)), 3),
}


def look_up(table: PieceTable, argument: Integers) -> Integers:
    """Values at arguments of 12 fraction bits inside the range."""
    place_bits = ARGUMENT_BITS + table.range_bits - OFFSET_BITS
    piece = argument >> (place_bits + OFFSET_BITS - 5)
    offset = (argument >> (place_bits - 5)) & ((1 << OFFSET_BITS) - 1)
    starts, rises = np.array(table.starts), np.array(table.rises)
    found: Integers = starts[piece] + ((rises[piece] * offset) >> OFFSET_BITS)
    return found


def scaled(magnitude: Integers, scale: int) -> Integers:
    """Product with the input's scale, 12 fraction bits."""
    return (magnitude * scale) >> (SCALE_BITS - ARGUMENT_BITS)


def exponent(distance: Integers, scale: int) -> Integers:
    """2^-(distance · scale), 15 fraction bits; 0 below 2^-15."""
    argument = scaled(distance, scale)
    whole, fraction = argument >> ARGUMENT_BITS, argument & ((1 << ARGUMENT_BITS) - 1)
    value = look_up(TABLES[Operation.EXPONENT], fraction)
    return np.where(whole > VALUE_BITS, 0, value >> np.minimum(whole, VALUE_BITS))


def activation(operation: Operation, values: Integers, scale: int) -> Integers:
    """GELU or SiLU of values · scale, 12 fraction bits, at most 16 - 2^-12."""
    table = TABLES[operation]
    argument = scaled(np.abs(values), scale)
    outside = argument >= 1 << (ARGUMENT_BITS + table.range_bits)
    below = np.where(
        outside, 0, look_up(table, np.where(outside, 0, argument)) >> (VALUE_BITS - ARGUMENT_BITS)
    )
    positive = np.where(values > 0, np.minimum(argument, (1 << 16) - 1), 0)
    found: Integers = positive - below
    return found


def multiplied(operand: Integers, factor: int, shift: int) -> Integers:
    """Product over 2^shift, to the nearest, in 16 bits with sign."""
    product = operand * factor
    found: Integers = np.clip((product + (1 << shift >> 1)) >> shift, -(1 << 15), (1 << 15) - 1)
    return found


@dataclass(frozen=True, slots=True)
class Factor:
    """A 16-bit factor and how far its product is shifted to the right."""

    value: int
    shift: int


def reciprocal(total: int, length_bits: int, output_shift: int = 0) -> Factor:
    """Factor that makes 1/256ths of a softmax's exponents; 2^length_bits is the longest vector."""
    top = length_bits + VALUE_BITS
    places = top + 1 - total.bit_length()
    value = min((1 << (top + 16)) // (total << places), (1 << 16) - 1)
    return Factor(value, top + 16 - 8 - places - output_shift)


def norm_factor(
    length: int, total: int, squares: int, length_bits: int, subtract_mean: bool
) -> tuple[int, Factor]:
    """Mean, 8 fraction bits, and the factor that divides by the standard deviation (or the root mean square)."""
    magnitude = (abs(total) << GAIN_BITS) // length if subtract_mean else 0
    mean = -magnitude if total < 0 else magnitude
    root = isqrt(length * squares - (total * total if subtract_mean else 0))
    if root == 0:
        return mean, Factor(0, RATIO_BITS)
    length_places = length_bits + 1 - length.bit_length()
    root_places = length_bits + 8 - root.bit_length()
    value = (length << (length_places + RATIO_BITS)) // (root << root_places)
    return mean, Factor(value, max(RATIO_BITS + length_places - root_places, 1))


def softmax(values: Integers, scale: int, length_bits: int, output_shift: int = 0) -> Integers:
    """Softmax of signed 8-bit values; the result in 1/256 over 2^output_shift, unsigned 8 bits."""
    exponents = exponent(values.max() - values, scale)
    factor = reciprocal(int(exponents.sum()), length_bits, output_shift)
    return np.clip(multiplied(exponents, factor.value, factor.shift), 0, 255)


def activate(operation: Operation, values: Integers, scale: int, output_scale: int) -> Integers:
    """GELU or SiLU of signed 8-bit values; the result times output_scale (8 fraction bits), signed 8 bits."""
    shift = ARGUMENT_BITS + GAIN_BITS
    return np.clip(multiplied(activation(operation, values, scale), output_scale, shift), -128, 127)


def normalise(
    values: Integers,
    gains: Integers,
    biases: Integers,
    gain_shift: int,
    length_bits: int,
    subtract_mean: bool = True,
) -> Integers:
    """Layer norm (or RMS norm) of signed 8-bit values with signed 8-bit gains and biases, signed 8 bits."""
    total, squares = int(values.sum()), int((values * values).sum())
    mean, factor = norm_factor(len(values), total, squares, length_bits, subtract_mean)
    normal = multiplied((values << GAIN_BITS) - mean, factor.value, factor.shift)
    found: Integers = np.clip(((normal * gains + (1 << gain_shift >> 1)) >> gain_shift) + biases, -128, 127)
    return found
