"""What is public of the evaluation names neither its networks nor what it is compared with."""

from dataclasses import dataclass

from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import Change, same, saying
from ahasd.graph_ordering.order import Method

#: Networks with complex wiring, the kind that the paper is about; peaks are averaged over them.
WIRED = ("nasnet-a", "amoebanet-a", "pnasnet-5", "darts", "randwire")


@dataclass(frozen=True, slots=True)
class OrderingCondition(Condition):
    """What is varied.

    Attributes
    ----------
    against
        The prior art; reverse post-order unless varied, the one baseline that is nobody's reading of a paper.
    networks
        Over which the ratio of peaks is averaged.
    """

    against: Method = Method.REVERSE_POST_ORDER
    networks: tuple[str, ...] = WIRED


BASELINE_AXIS: tuple[Change[OrderingCondition], ...] = (
    same,
    saying("against our reading of HMCOS", OrderingCondition, against=Method.HIERARCHICAL),
    saying("against the best of inductor's orders", OrderingCondition, against=Method.INDUCTOR),
    saying("against the given order", OrderingCondition, against=Method.GIVEN),
)

NETWORK_AXIS: tuple[Change[OrderingCondition], ...] = (
    same,
    *(saying(f"{name} alone", OrderingCondition, networks=(name,)) for name in WIRED),
)
