"""Millionaires' comparison: whether two shares carry beyond their width, as a shared bit.

Digits of 4 bits are compared by transfers of 16, of which each gives "less" and "equal"; a tree joins them: less =
less of the high part, or equal there and less in the low one (CrypTFlow2). A node of the tree is a transfer of 8 of
two bits, on the lowest path, where "equal" is not needed, a transfer of 4 of one bit.
"""

from dataclasses import dataclass

from ahasd.private_inference.protocols.oblivious_transfer import ObliviousTransfer, OfMany, of_many
from ahasd.private_inference.protocols.transfer import Traffic

DIGIT_BITS = 4


def digit_widths(bits: int) -> tuple[int, ...]:
    """Bits of each digit, the lowest first; the highest may be shorter."""
    whole, rest = divmod(bits, DIGIT_BITS)
    return (DIGIT_BITS,) * whole + ((rest,) if rest else ())


@dataclass(frozen=True, slots=True)
class Carry:
    """The carry of two shares out of their lowest bits.

    Attributes
    ----------
    elements
        Values compared.
    bits
        That are compared.
    """

    elements: int
    bits: int

    def leaves(self) -> list[OfMany]:
        """The transfers of the digits: the lowest gives one bit, the others two."""
        return [
            OfMany(self.elements, width, 1 if place == 0 else 2)
            for place, width in enumerate(digit_widths(self.bits))
        ]

    def levels(self) -> list[list[OfMany]]:
        """The transfers of each level of the tree; the lowest pair is the first."""
        levels, parts = [], len(digit_widths(self.bits))
        while parts > 1:
            pairs = parts // 2
            nodes = [OfMany(self.elements, 2, 1)]
            if pairs > 1:
                nodes.append(OfMany(self.elements * (pairs - 1), 3, 2))
            levels.append(nodes)
            parts -= pairs
        return levels

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what; nothing where no bit is compared."""
        if self.bits == 0 or self.elements == 0:
            return ()
        stages = [self.leaves(), *self.levels()]
        return tuple(transfer for stage in stages for transfer in of_many(kind, stage))
