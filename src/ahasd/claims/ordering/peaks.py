"""Peaks of live bytes against prior art."""

from dataclasses import dataclass
from functools import cache
from statistics import geometric_mean

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.claims.ordering.condition import BASELINE_AXIS, NETWORK_AXIS, OrderingCondition
from ahasd.claims.verdict import around
from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.problem import ordering_problem
from ahasd.workload.networks.catalogue import build_network

GROUP = "Memory-aware ordering of graphs"
_SOURCE = "memory-aware scheduling with iterative graph optimisation (arXiv 2308.13898, ICCAD 2023), abstract"

#: 13.4 % less.
_PUBLISHED = 1 - 0.134


@cache
def _peak(network: str, method: Method) -> int:
    return find_order(ordering_problem(build_network(network)), method).peak_bytes


@dataclass(frozen=True, slots=True)
class PeakRatio:
    """The least peak over that of a baseline: the geometric mean over networks."""

    def configurations(self, condition: OrderingCondition) -> list[Asked]:
        """None: nothing is simulated."""
        return []

    def draws(self, known_runs: KnownRuns, condition: OrderingCondition) -> Draws:
        """See `Measurement`; neither tokens nor seeds matter."""
        ratios = [_peak(name, Method.AUTO) / _peak(name, condition.against) for name in condition.networks]
        return drawn((geometric_mean(ratios),))


def claims() -> list[Claim[OrderingCondition]]:
    """The peak, and the scalability."""
    base = OrderingCondition()
    return [
        Claim(
            "ordering-peak",
            GROUP,
            _SOURCE,
            "change of the peak memory against prior art",
            "-13.4 %",
            around(_PUBLISHED),
            PeakRatio(),
            unrefutable="its networks and what it is compared with are not named in what is public of it",
            base=base,
            alternatives=combinations(base, BASELINE_AXIS, NETWORK_AXIS),
            capped=False,
            style="change",
        ),
        Claim(
            "ordering-scalability",
            GROUP,
            _SOURCE,
            "scalability for networks with complex wiring",
            "better",
            untestable="no figure of it is public; `benchmarks/ordering_speed.py` has ours by size of the graph",
        ),
    ]
