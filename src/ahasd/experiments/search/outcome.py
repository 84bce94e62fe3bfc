"""What a search found: the points that nothing beats, and why others are out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.search.constraint import Exclusion, blame
from ahasd.experiments.search.definition import Search
from ahasd.experiments.search.evaluate import Evaluated, nearest
from ahasd.experiments.sweep.objective import Objective


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a search.

    Attributes
    ----------
    tried
        Distinct points, in the order in which they were tried.
    trials
        Proposals, of which some are of points that were tried before.
    """

    search: Search
    tried: Sequence[Evaluated]
    trials: int

    @property
    def feasible(self) -> list[Evaluated]:
        """Those that run and keep all constraints."""
        return [point for point in self.tried if point.feasible(self.search)]

    @property
    def pareto(self) -> list[Evaluated]:
        """Those that no other equals in everything and beats in something; the best by the first objective first."""
        first = self.search.objectives[0]
        front = pareto_set(self.feasible, self.search.objectives)
        return sorted(front, key=lambda point: point.figures[first.figure], reverse=first.largest)

    @property
    def exclusions(self) -> list[Exclusion]:
        """What each constraint excludes of the points that ran, and what could not run."""
        ran = [point for point in self.tried if point.reason is None]
        found = []
        for place, constraint in enumerate(self.search.constraints):
            out = [point for point in ran if point.excesses(self.search)[place] > 0]
            if out:
                value = nearest(constraint, ran) if len(out) == len(ran) else None
                found.append(Exclusion(constraint.text, len(out), value))
        reasons = Counter(point.reason for point in self.tried if point.reason is not None)
        return [*found, *(Exclusion(str(reason), count) for reason, count in reasons.most_common())]

    @property
    def why_none(self) -> str:
        """Which conditions leave no point."""
        ran = sum(point.reason is None for point in self.tried)
        if not ran:
            reasons = Counter(point.reason for point in self.tried)
            most, count = reasons.most_common(1)[0]
            return f"none can run; of {count} the reason is: {most}"
        bounds = [
            one for one in self.exclusions if one.condition in {c.text for c in self.search.constraints}
        ]
        return blame(bounds, ran)


def pareto_set(points: Sequence[Evaluated], objectives: Sequence[Objective]) -> list[Evaluated]:
    """The points that are not dominated; of those with equal figures the first."""
    costs = {tuple(_cost(point, objective) for objective in objectives): point for point in reversed(points)}
    found: list[tuple[float, ...]] = []
    # In this order nobody is dominated by one who comes later.
    for cost in sorted(costs):
        if not any(all(a <= b for a, b in zip(other, cost, strict=True)) for other in found):
            found.append(cost)
    return [costs[cost] for cost in found]


def _cost(point: Evaluated, objective: Objective) -> float:
    value = point.figures[objective.figure]
    return -value if objective.largest else value
