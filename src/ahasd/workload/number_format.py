"""Formats of numbers in which weights and caches are kept, scales included."""

from dataclasses import dataclass

#: Widths of the words that units multiply, and that memory which computes holds.
WORD_BITS = (4, 8, 16)

#: Bits per element, scales included, up to which kernels unpack a format as they do 4-bit ones, and as 8-bit ones:
#: Q6_K (6.6) counts with the former, Q8_0 (8.5) with the latter, as published runs of both are read (ours).
FOUR_BIT_KERNELS, EIGHT_BIT_KERNELS = 6.9, 12.0


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are kept in blocks that share what scales them.

    Parameters
    ----------
    name
        As its makers spell it, in small letters.
    block
        Elements of a block.
    block_bytes
        What a block takes with its scales and minima.
    scale_bytes
        Of these, scales and minima.
    element_bits
        Bits of an element for a unit that knows no code book: 8 where an element is a number in one.

    Examples
    --------
    >>> q6_k = NumberFormat("q6_k", 256, 210, 18, 6)
    >>> q6_k.bits, q6_k.word_bits, q6_k.in_words.bits
    (6.5625, 4, 8.5625)
    """

    name: str
    block: int
    block_bytes: int
    scale_bytes: int
    element_bits: int

    @property
    def bits(self) -> float:
        """Bits per element, scales included."""
        return 8 * self.block_bytes / self.block

    @property
    def word_bits(self) -> int:
        """Width as which arithmetic counts it: that of the kernels that take it."""
        return word_bits(self.bits)

    @property
    def holding_bits(self) -> int:
        """Width of the narrowest word that holds an element; 16 also for wider ones, which are rounded to FP16."""
        return next((bits for bits in WORD_BITS if bits >= self.element_bits), WORD_BITS[-1])

    @property
    def in_words(self) -> "NumberFormat":
        """The same numbers with every element in a word of 4, 8 or 16 bits, and the scales beside them."""
        held = self.block * self.holding_bits // 8 + self.scale_bytes
        if held == self.block_bytes:
            return self
        name = f"{self.name} in words of {self.holding_bits} bits"
        return NumberFormat(name, self.block, held, self.scale_bytes, self.holding_bits)

    def bytes_of(self, elements: int) -> int:
        """Bytes of so many elements, rounded up to a whole byte."""
        return -(-elements * self.block_bytes // self.block)


def word_bits(bits: float) -> int:
    """Width as which arithmetic counts numbers of so many bits, scales included."""
    return 4 if bits <= FOUR_BIT_KERNELS else 8 if bits <= EIGHT_BIT_KERNELS else 16


def grouped(name: str, element_bits: int, group: int, scale_bits: int, held_bits: int = 0) -> NumberFormat:
    """Elements of which `group` share scales and zero points of `scale_bits` together.

    Parameters
    ----------
    held_bits
        Bits of an element for a unit that knows no code book, where that is not `element_bits`.
    """
    # Eight groups make whole bytes of whatever a group's bits are.
    bits = group * element_bits + scale_bits
    return NumberFormat(name, 8 * group, bits, scale_bits, held_bits or element_bits)
