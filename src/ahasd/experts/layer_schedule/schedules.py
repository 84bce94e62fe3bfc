"""The ways to share a layer's experts between processor, host and link."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.layer_schedule.assignment import Assignment, times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts

#: Experts of a layer of which every assignment is tried at most.
MOST_ENUMERATED = 10


class LayerSchedule(ABC):
    """Decides who computes each expert of a layer, knowing what is resident and what things cost."""

    @abstractmethod
    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Give every expert to somebody."""


class CopyMisses(LayerSchedule):
    """The processor computes all; what is missing is copied, the most tokens first."""

    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Copy all that is missing."""
        return Assignment(_here(works), tuple(_falling(_missing(works))), ())


class MissesOnHost(LayerSchedule):
    """The host computes what is missing (kTransformers, llama.cpp); nothing is copied."""

    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Leave all that is missing to the host."""
        _need_host(costs)
        return Assignment(_here(works), (), tuple(_missing(works)))


class HybriMoe(LayerSchedule):
    """HybriMoE's two-ended greedy, as its public code has it (arXiv 2504.05897, `HSS`).

    Experts in a row: resident ones with the most tokens first, then missing ones with the most tokens first. The
    processor would take the first, copying it if need be, the host the last; whoever is done earlier gets it. It
    does not know that copies and host slow each other.
    """

    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Share out from both ends."""
        host_cost = _need_host(costs)
        row = [*_falling([work for work in works if work.resident]), *_falling(_missing(works))]
        resident: list[ExpertWork] = []
        copied: list[ExpertWork] = []
        host: list[ExpertWork] = []
        on_processor = on_link = on_host = 0.0
        while row:
            first, last = row[0], row[-1]
            stall = 0.0 if first.resident else max(0.0, on_link + costs.copy - on_processor)
            begin = 0.0 if host else costs.host_first
            if on_processor + stall + costs.processor <= on_host + begin + host_cost * last.tokens:
                on_processor += stall + costs.processor
                if not first.resident:
                    on_link += costs.copy
                (resident if first.resident else copied).append(row.pop(0))
            else:
                on_host += begin + host_cost * last.tokens
                host.append(row.pop())
        return Assignment(tuple(resident), tuple(copied), tuple(host))


class Balanced(LayerSchedule):
    """Ours: how many missing experts are copied and how many resident ones the host takes, all pairs tried.

    The host takes those with the fewest tokens of either kind, which costs it least; copies and the processor take
    as long for any expert. So the best pair is the best assignment of all, with slowed copies counted.
    """

    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Try all pairs of numbers."""
        here, missing = _falling([work for work in works if work.resident]), _falling(_missing(works))
        if costs.host is None:
            return Assignment(tuple(here), tuple(missing), ())
        options = (
            Assignment(tuple(here[:kept]), tuple(missing[:copied]), (*here[kept:], *missing[copied:]))
            for kept in range(len(here), -1, -1)
            for copied in range(len(missing) + 1)
        )
        return min(options, key=lambda option: times(option, costs).end)


class BestOfAll(LayerSchedule):
    """Every assignment there is, tried; a yardstick for few experts."""

    def assign(self, works: Sequence[ExpertWork], costs: LayerCosts) -> Assignment:
        """Try them all.

        Raises
        ------
        AhasdError
            There are too many experts.
        """
        if len(works) > MOST_ENUMERATED:
            raise AhasdError(
                f"all assignments of {len(works)} experts are too many to try; at most {MOST_ENUMERATED} can be"
            )
        _need_host(costs)
        options = []
        for on_host in product((False, True), repeat=len(works)):
            host = tuple(work for work, there in zip(works, on_host, strict=True) if there)
            others = [work for work, there in zip(works, on_host, strict=True) if not there]
            options.append(Assignment(_here(others), tuple(_falling(_missing(others))), host))
        return min(options, key=lambda option: times(option, costs).end)


SCHEDULES: dict[str, tuple[LayerSchedule, str]] = {
    "copy": (CopyMisses(), "what is missing is copied and computed by the processor"),
    "host": (MissesOnHost(), "the host computes what is missing"),
    "hybrimoe": (HybriMoe(), "HybriMoE's greedy between processor, host and link"),
    "balanced": (Balanced(), "the best number of copies, knowing that they slow the host"),
    "best": (BestOfAll(), f"all assignments tried, of at most {MOST_ENUMERATED} experts"),
}


def layer_schedule(name: str) -> LayerSchedule:
    """Return a schedule by its name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    if name not in SCHEDULES:
        raise UnknownNameError("schedule of a layer", name, SCHEDULES)
    return SCHEDULES[name][0]


def without_contention(costs: LayerCosts) -> LayerCosts:
    """The same costs if copies and host did not slow each other."""
    return replace(costs, host_together=1.0, copy_together=1.0)


def _here(works: Sequence[ExpertWork]) -> tuple[ExpertWork, ...]:
    return tuple(work for work in works if work.resident)


def _missing(works: Sequence[ExpertWork]) -> list[ExpertWork]:
    return [work for work in works if not work.resident]


def _falling(works: Sequence[ExpertWork]) -> list[ExpertWork]:
    return sorted(works, key=lambda work: -work.tokens)


def _need_host(costs: LayerCosts) -> float:
    if costs.host is None:
        raise AhasdError(
            "nothing beside slow memory computes on this machine, so what is missing must be copied"
        )
    return costs.host
