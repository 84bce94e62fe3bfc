"""Bit widths of a layer, and of a network."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError

#: Widths that may be asked for: of 1 bit a signed weight would have no size but its sign's; beyond 32 no ring of a
#: product fits a word.
LEAST_BITS, MOST_BITS = 2, 32


@dataclass(frozen=True, slots=True, order=True)
class Widths:
    """Of a layer's weights, and of the activations that it reads (their size; they have a sign beside it)."""

    weights: int
    activations: int

    def __post_init__(self) -> None:
        for what, bits in (("weights", self.weights), ("activations", self.activations)):
            if not LEAST_BITS <= bits <= MOST_BITS:
                raise AhasdError(f"{what} of {bits} bits: widths go from {LEAST_BITS} to {MOST_BITS}")

    def __str__(self) -> str:
        return f"W{self.weights}A{self.activations}"


def read_widths(text: str, layers: int) -> tuple[Widths, ...]:
    """Read ``w4a6``, for all layers, or one for each, separated by commas.

    Raises
    ------
    AhasdError
        It is written otherwise, out of range, or for another number of layers.
    """
    found = [_read(part.strip().lower()) for part in text.split(",")]
    if len(found) == 1:
        return tuple(found * layers)
    if len(found) != layers:
        raise AhasdError(f"--widths gives {len(found)} layers; the network has {layers}, or give one for all")
    return tuple(found)


def shortened(widths: Sequence[Widths]) -> str:
    """Write them as `read_widths` reads them."""
    return str(widths[0]) if len(set(widths)) == 1 else ",".join(map(str, widths))


def _read(text: str) -> Widths:
    weights, letter, activations = text.removeprefix("w").partition("a")
    if not (text.startswith("w") and letter and weights.isascii() and weights.isdecimal()) or not (
        activations.isascii() and activations.isdecimal()
    ):
        raise AhasdError(f"widths '{text}' are not written as w4a6: bits of weights and of activations")
    if max(len(weights), len(activations)) > 3:
        raise AhasdError(f"widths '{text[:12]}…' go from {LEAST_BITS} to {MOST_BITS} bits")
    return Widths(int(weights), int(activations))
