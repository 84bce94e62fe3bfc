"""How a quantised matrix is kept: bits of an element, and the scales that some of them share."""

from dataclasses import dataclass

from ahasd.workload.number_format import WORD_BITS


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to keep matrices.

    Parameters
    ----------
    name
        As people say it.
    bits
        Of an element.
    scale_bits
        Of a scale and, where there is one, its zero point.
    inputs, outputs
        Elements along each axis that share a scale; None is all of them.
    held_bits
        Of an element for a unit that knows no code book, where that is not `bits`.
    input_bits
        Further bits for each input of a matrix, such as the order in which GPTQ took them.
    """

    name: str
    bits: int
    scale_bits: float
    inputs: int | None = None
    outputs: int | None = 1
    held_bits: int = 0
    input_bits: int = 0

    def bytes_of(self, outputs: int, inputs: int) -> int:
        """Bytes of a matrix with its scales, rounded up."""
        return self._bytes(self.bits, outputs, inputs)

    def word_bytes_of(self, outputs: int, inputs: int) -> int:
        """Bytes of it in words of 4, 8 or 16 bits, with its scales beside it."""
        held = self.held_bits or self.bits
        return self._bytes(next(width for width in WORD_BITS if width >= held), outputs, inputs)

    def _bytes(self, bits: int, outputs: int, inputs: int) -> int:
        scales = _parts(inputs, self.inputs) * _parts(outputs, self.outputs)
        return -int(-(outputs * inputs * bits + scales * self.scale_bits + inputs * self.input_bits) // 8)


def _parts(length: int, share: int | None) -> int:
    return 1 if share is None else -(-length // share)
