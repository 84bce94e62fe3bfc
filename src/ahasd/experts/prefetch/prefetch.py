"""What to fetch for later layers while this one is at work."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.errors import UnknownNameError
from ahasd.experts.layer_schedule.assignment import times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import LayerSchedule, without_contention

#: A layer that many rows ahead, and an expert of it.
Ahead = tuple[int, int]


@dataclass(frozen=True, slots=True)
class View:
    """What is known when the router of a layer has chosen.

    Attributes
    ----------
    foreseen
        By rows ahead (1, 2, 3), what the gates there choose from this layer's hidden state; as far as the trace says
        and there are layers.
    resident
        Whether an expert, so many rows ahead, is in fast memory.
    favourites
        Experts of the next layer with the highest smoothed scores, missing or not; none where nothing is smoothed.
    schedule, costs
        How the layers' experts are shared out, for those who simulate it.
    """

    foreseen: Sequence[Sequence[int]]
    resident: Callable[[int, int], bool]
    favourites: Sequence[int]
    schedule: LayerSchedule
    costs: LayerCosts


class Prefetch(ABC):
    """Proposes experts to fetch, the most wanted first; none of them is in fast memory."""

    @abstractmethod
    def propose(self, view: View) -> list[Ahead]:
        """What to fetch."""


class NoPrefetch(Prefetch):
    """Nothing."""

    def propose(self, view: View) -> list[Ahead]:
        """Nothing."""
        return []


class NextGates(Prefetch):
    """All that the gates of the next layers choose, the nearest layer first.

    Parameters
    ----------
    depth
        How many layers.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def propose(self, view: View) -> list[Ahead]:
        """Take what is missing."""
        rows = enumerate(view.foreseen[: self._depth], start=1)
        return [(d, expert) for d, row in rows for expert in row if not view.resident(d, expert)]


class AdaptiveDepth(Prefetch):
    """The next layer's, and only where all of those are resident those of the layer behind (AdapMoE, 2408.10284)."""

    def propose(self, view: View) -> list[Ahead]:
        """Take what is missing of the first layer that misses something."""
        for d, row in enumerate(view.foreseen, start=1):
            missing = [(d, expert) for expert in row if not view.resident(d, expert)]
            if missing:
                return missing
        return []


class SmoothedScores(Prefetch):
    """As many of the next layer's experts as a token takes, by smoothed score: what HybriMoE's public code does."""

    def propose(self, view: View) -> list[Ahead]:
        """Take what is missing."""
        return [(1, expert) for expert in view.favourites if not view.resident(1, expert)]


class Impact(Prefetch):
    """What shortens the coming layers most, found by simulating them with each expert (HybriMoE, 2504.05897)."""

    def propose(self, view: View) -> list[Ahead]:
        """Order what is missing by seconds gained; what gains nothing is left out."""
        costs, gains = without_contention(view.costs), []
        for d, row in enumerate(view.foreseen, start=1):
            works = [ExpertWork(expert, 1, view.resident(d, expert)) for expert in row]
            before = self._end(view.schedule, works, costs)
            for place, work in enumerate(works):
                if not work.resident:
                    changed = [*works[:place], ExpertWork(work.expert, 1, True), *works[place + 1 :]]
                    gains.append((before - self._end(view.schedule, changed, costs), d, work.expert))
        return [
            (d, expert) for gain, d, expert in sorted(gains, key=lambda one: (-one[0], one[1])) if gain > 0
        ]

    @staticmethod
    def _end(schedule: LayerSchedule, works: Sequence[ExpertWork], costs: LayerCosts) -> float:
        return times(schedule.assign(works, costs), costs).end if works else 0.0


_KINDS: dict[str, Any] = {
    "none": NoPrefetch,
    "next-gate": lambda: NextGates(1),
    "two-gates": lambda: NextGates(2),
    "three-gates": lambda: NextGates(3),
    "adaptive": AdaptiveDepth,
    "smoothed-scores": SmoothedScores,
    "impact": Impact,
}


def prefetch_named(name: str) -> Prefetch:
    """Return a way to prefetch by its name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    if name not in _KINDS:
        raise UnknownNameError("prefetching", name, _KINDS)
    found: Prefetch = _KINDS[name]()
    return found
