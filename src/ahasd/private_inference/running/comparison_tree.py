"""Digits and nodes of a comparison's tree, as both parties lay them out."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.protocols.comparison import digit_widths
from ahasd.private_inference.protocols.oblivious_transfer import OfMany
from ahasd.private_inference.running.ring import Bits, Words

_BIT = np.uint8(1)


def digits_of(values: Words, bits: int) -> list[npt.NDArray[np.uint8]]:
    """Digits of each value, the lowest first."""
    found, place = [], 0
    for width in digit_widths(bits):
        found.append((values >> np.uint64(place) & np.uint64((1 << width) - 1)).astype(np.uint8))
        place += width
    return found


def node_groups(pairs: int) -> list[range]:
    """The lowest pair, and the others: numbers of pairs."""
    return [range(1), range(1, pairs)] if pairs > 1 else [range(1)]


def operands(less: list[Bits], equal: list[Bits], nodes: range) -> tuple[Bits, Bits, Bits, Bits]:
    """Low and high "less", low and high "equal" of these pairs."""
    low_less, high_less, low_equal, high_equal = (
        np.concatenate([kind[2 * node + half] for node in nodes]) for kind in (less, equal) for half in (0, 1)
    )
    return low_less, high_less, low_equal, high_equal


def less_and_equal(messages: Sequence[Bits], parts: Sequence[OfMany]) -> tuple[list[Bits], list[Bits]]:
    """Part messages into "less" and "equal"."""
    two = [part.message_bits == 2 for part in parts]
    less = [bits >> _BIT if both else bits for bits, both in zip(messages, two, strict=True)]
    equal = [bits & _BIT if both else np.zeros_like(bits) for bits, both in zip(messages, two, strict=True)]
    return less, equal
