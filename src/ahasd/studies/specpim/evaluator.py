"""Evaluating points: each once, and what has been found so far."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.hardware.mapping.best_mapping import Side
from ahasd.studies.specpim.costs import Costs, Figures, HostModel
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.scenario import Scenario
from ahasd.studies.specpim.space import Point, Space

#: What a search minimises, of the figures of a dataflow that fits.
Objective = Callable[[Figures], float]


def by_speed(figures: Figures) -> float:
    """Seconds per token."""
    return figures.seconds_per_token


def by_energy(figures: Figures) -> float:
    """Joules per token."""
    return figures.joules_per_token


def by_product(figures: Figures) -> float:
    """Seconds times joules: half as slow and half as hungry is the same."""
    return figures.seconds_per_token * figures.joules_per_token


#: By name.
OBJECTIVES: dict[str, Objective] = {"speed": by_speed, "energy": by_energy, "product": by_product}

#: Above every value of a point that fits, so that less excess is better.
_MISFIT = 1e9


@dataclass(frozen=True, slots=True)
class Tried:
    """A point with its figures."""

    point: Point
    figures: Figures


class Bench:
    """Costs of a scenario on every machine that is asked for; kept, and shared by all searches of the scenario."""

    def __init__(self, scenario: Scenario, host: HostModel = "measured") -> None:
        self.scenario, self._host = scenario, host
        self._costs: dict[Machine, Costs] = {}

    def costs(self, machine: Machine) -> Costs:
        """Costs on a machine."""
        found = self._costs.get(machine)
        if found is None:
            found = self._costs[machine] = Costs(machine.hardware, self.scenario, self._host)
        return found


class Evaluator:
    """What a search asks: a point's value, the less the better. Life cycle: one for a search.

    Parameters
    ----------
    space
        Whose points are asked for.
    bench
        Of the scenario.
    objective
        What is minimised. What does not fit is worse than all that does, the more the worse.
    """

    def __init__(self, space: Space, bench: Bench, objective: Objective) -> None:
        self.space, self._bench, self._objective = space, bench, objective
        self.tried: dict[Point, Figures] = {}
        self.asked = 0

    def value(self, point: Point) -> float:
        """The objective."""
        self.asked += 1
        figures = self.tried.get(point)
        if figures is None:
            figures = self._bench.costs(point.machine).figures(self.space.expanded(point))
            self.tried[point] = figures
        return self._objective(figures) if figures.fits else _MISFIT + figures.excess_bytes

    def best(self, objective: Objective | None = None) -> Tried | None:
        """The best that fits, the first of equals, by its objective or by another; None where nothing does."""
        value = objective or self._objective
        fitting = [Tried(point, figures) for point, figures in self.tried.items() if figures.fits]
        return min(fitting, key=lambda one: value(one.figures), default=None)

    def front(self) -> list[Tried]:
        """Points that no other is at least as good as in speed and energy and better in one; the fastest first."""
        fitting = [Tried(point, figures) for point, figures in self.tried.items() if figures.fits]
        fitting.sort(key=lambda one: (one.figures.seconds_per_token, one.figures.joules_per_token))
        found: list[Tried] = []
        for one in fitting:
            if not found or one.figures.joules_per_token < found[-1].figures.joules_per_token:
                found.append(one)
        return found


def in_memory(space: Space, point: Point, model: str) -> list[str]:
    """Names of a model's units that compute in memory."""
    genes = space.expanded(point)
    return [
        unit.name
        for unit, gene in zip(space.units, genes, strict=True)
        if unit.model == model and gene.side is Side.PIM
    ]
