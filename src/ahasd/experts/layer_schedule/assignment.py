"""An assignment of a layer's experts, and when it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experts.layer_schedule.contention import share
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who computes what.

    Attributes
    ----------
    resident
        On the processor, from fast memory.
    copied
        On the processor, each once it has been copied, in this order.
    host
        On the host.
    """

    resident: tuple[ExpertWork, ...]
    copied: tuple[ExpertWork, ...]
    host: tuple[ExpertWork, ...]


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """Seconds from the router's choice on.

    Attributes
    ----------
    end
        When all experts are computed.
    arrivals
        When each copy has arrived, those asked for first; of a copy that has not when the layer ends, when it would.
    host_busy, copy_busy, processor_busy
        Seconds at work; copies that go on behind the end are not counted beyond it.
    """

    end: float
    arrivals: tuple[float, ...]
    processor_busy: float
    host_busy: float
    copy_busy: float


def times(assignment: Assignment, costs: LayerCosts, ahead: int = 0, begun: float = 0.0) -> LayerTimes:
    """When an assignment is done.

    Copies go one after the other, and while the host computes both are slowed as the costs say. The processor takes
    what is resident first, then what arrives.

    Parameters
    ----------
    ahead
        Copies for later layers, behind those of this one; nothing waits for them.
    begun
        Seconds of the first copy that lie behind it already.
    """
    host_work = _host_work(assignment.host, costs)
    copies = len(assignment.copied) + ahead
    moves = [max(0.0, costs.copy - begun), *[costs.copy] * (copies - 1)] if copies else []
    arrivals, host_end = share(host_work, moves, costs.host_together, costs.copy_together)
    now = len(assignment.resident) * costs.processor
    for arrival in arrivals[: len(assignment.copied)]:
        now = max(now, arrival) + costs.processor
    end = max(now, host_end)
    computed = len(assignment.resident) + len(assignment.copied)
    busy = min(end, arrivals[-1]) if arrivals else 0.0
    return LayerTimes(end, tuple(arrivals), computed * costs.processor, host_end, busy)


def _host_work(works: Sequence[ExpertWork], costs: LayerCosts) -> float:
    if not works:
        return 0.0
    assert costs.host is not None, "nothing is given to a host that does not compute"
    return costs.host_first + costs.host * sum(work.tokens for work in works)
