"""From one ring to another: bits to numbers, extension, truncation; and opening a result."""

from dataclasses import dataclass
from enum import StrEnum

from ahasd.private_inference.protocols.comparison import Carry
from ahasd.private_inference.protocols.oblivious_transfer import ObliviousTransfer, correlated
from ahasd.private_inference.protocols.transfer import Party, Traffic, Transfer, packed


class Sign(StrEnum):
    """What is known of the values of a ring."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    NON_NEGATIVE = "non-negative"


@dataclass(frozen=True, slots=True)
class BitToNumber:
    """A bit shared by exclusive or becomes a number shared by addition (B2A): one correlated transfer."""

    elements: int
    bits: int

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what."""
        return correlated(kind, Party.CLIENT, self.elements, [(self.elements, self.bits)])


@dataclass(frozen=True, slots=True)
class Extension:
    """The same values in a wider ring.

    The shares of a value add up to it or to it plus the size of the ring, and the wider ring must know which: the
    *wrap*. A comparison finds it. Where values are known not to be negative it is whether either share has its top
    bit set, and a correlated transfer is enough (SiRNN: Rathee et al., IEEE S&P 2021).

    Attributes
    ----------
    elements
        Values.
    from_bits, to_bits
        Of the rings.
    sign
        Signed values are shifted to unsigned ones and back.
    """

    elements: int
    from_bits: int
    to_bits: int
    sign: Sign

    @property
    def added_bits(self) -> int:
        """Bits by which the ring grows; none where it is wide enough."""
        return max(0, self.to_bits - self.from_bits)

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what; a ring that is wide enough is cut without a message."""
        if self.added_bits == 0:
            return ()
        wrap = BitToNumber(self.elements, self.added_bits).traffic(kind)
        if self.sign is Sign.NON_NEGATIVE:
            return wrap  # a transfer of the same size, for the product of the top bits
        return Carry(self.elements, self.from_bits).traffic(kind) + wrap


@dataclass(frozen=True, slots=True)
class Truncation:
    """Divide by a power of two, downwards, and reduce the ring: the carry of the lost bits is added.

    Attributes
    ----------
    elements
        Values.
    from_bits
        Of their ring.
    shift
        Bits that are lost.
    to_bits
        Of the ring of the quotient, at most ``from_bits - shift``.
    """

    elements: int
    from_bits: int
    shift: int
    to_bits: int

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what."""
        if self.shift == 0:
            return ()
        carry = Carry(self.elements, self.shift).traffic(kind)
        return carry + BitToNumber(self.elements, self.to_bits).traffic(kind)


@dataclass(frozen=True, slots=True)
class Opening:
    """The server sends its shares of the result: the client, and only it, learns the output."""

    elements: int
    bits: int

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what."""
        return (Transfer(Party.SERVER, packed(self.elements, self.bits)),)
