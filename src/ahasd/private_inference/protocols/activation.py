"""ReLU and the maximum over windows."""

from dataclasses import dataclass

from ahasd.private_inference.protocols.comparison import Carry
from ahasd.private_inference.protocols.oblivious_transfer import ObliviousTransfer, correlated
from ahasd.private_inference.protocols.transfer import Party, Traffic


@dataclass(frozen=True, slots=True)
class Relu:
    """The sign by a comparison of all bits but the top one, then the value times the sign: two transfers.

    Attributes
    ----------
    elements
        Values.
    bits
        Of their ring; they are signed.
    """

    elements: int
    bits: int

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what."""
        value = [(self.elements, self.bits)]
        return (
            Carry(self.elements, self.bits - 1).traffic(kind)
            + correlated(kind, Party.CLIENT, self.elements, value)
            + correlated(kind, Party.SERVER, self.elements, value)
        )


def pairings(window: int) -> tuple[int, ...]:
    """Pairs that meet in each stage of a knock-out among the elements of a window."""
    stages = []
    while window > 1:
        stages.append(window // 2)
        window -= window // 2
    return tuple(stages)


@dataclass(frozen=True, slots=True)
class MaximumPool:
    """Maximum over windows as a knock-out: max(a, b) = b + ReLU(a - b).

    The values are not negative in their signed ring, so that a difference does not leave it.

    Attributes
    ----------
    outputs
        Windows.
    window
        Values in each.
    bits
        Of the ring.
    """

    outputs: int
    window: int
    bits: int

    def stages(self) -> tuple[Relu, ...]:
        """The ReLUs, one after the other."""
        return tuple(Relu(self.outputs * pairs, self.bits) for pairs in pairings(self.window))

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what."""
        return tuple(transfer for stage in self.stages() for transfer in stage.traffic(kind))
