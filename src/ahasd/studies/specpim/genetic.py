"""The genetic search: five mutations and a crossover, as the artefact of SpecPIM's first author names them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from ahasd.errors import AhasdError
from ahasd.studies.specpim.dataflow import Gene
from ahasd.studies.specpim.evaluator import Evaluator
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.space import Point, Space, pick


@dataclass(frozen=True, slots=True)
class Effort:
    """How long it goes on; the artefact's defaults.

    Attributes
    ----------
    population
        Points of a generation.
    kept
        The best of them, which live on and are the parents of the others.
    """

    population: int = 100
    generations: int = 10
    kept: int = 50

    def __post_init__(self) -> None:
        """Check.

        Raises
        ------
        AhasdError
            A number is no whole one above 0, or no room is left for children.
        """
        for name in ("population", "generations", "kept"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise AhasdError(
                    f"{name} of the search is {value!r}; it must be a whole number of at least 1"
                )
        if not len(MUTATIONS) <= self.kept < self.population:
            raise AhasdError(
                f"of a population of {self.population}, {self.kept} are to be kept: keep at least "
                f"{len(MUTATIONS)}, and fewer than there are"
            )

    @property
    def evaluations(self) -> int:
        """Points that are asked for."""
        return self.population + self.generations * (self.population - self.kept)


Mutation = Callable[[Space, Point, np.random.Generator], Point]


def new_device(space: Space, point: Point, rng: np.random.Generator) -> Point:
    """A machine within the budgets that differs in one field; where there is none, any machine."""
    groups = _neighbours(space.machines, point.machine)
    return point._replace(machine=pick(pick(groups, rng) if groups else space.machines, rng))


@lru_cache(maxsize=4096)
def _neighbours(machines: tuple[Machine, ...], own: Machine) -> tuple[tuple[Machine, ...], ...]:
    """Machines that differ in one field, for each field by which there are any."""
    names = [field.name for field in fields(Machine)]
    found: dict[str, list[Machine]] = {}
    for machine in machines:
        differing = [name for name in names if getattr(machine, name) != getattr(own, name)]
        if len(differing) == 1:
            found.setdefault(differing[0], []).append(machine)
    return tuple(tuple(found[name]) for name in names if name in found)


def new_access_groups(space: Space, point: Point, rng: np.random.Generator) -> Point:
    """Other plain channels for a group of units."""
    return _changed(point, rng, lambda gene, group: gene._replace(host_window=space.window(rng)))


def new_channels(space: Space, point: Point, rng: np.random.Generator) -> Point:
    """Other computing channels for a group of units."""
    return _changed(point, rng, lambda gene, group: gene._replace(pim_window=space.window(rng)))


def new_strata(space: Space, point: Point, rng: np.random.Generator) -> Point:
    """A group that ran beside the one before it runs behind it, or the other way round."""
    able = [group for group in range(len(space.groups)) if space.may_join(group)]
    if not able or len(space.joins) < 2:
        return point
    group = pick(able, rng)
    return _with_gene(point, group, point.genes[group]._replace(joined=not point.genes[group].joined))


def new_operator_mapping(space: Space, point: Point, rng: np.random.Generator) -> Point:
    """Another kind of channel for a group of units, or another division."""
    return _changed(
        point,
        rng,
        lambda gene, group: (
            gene._replace(division=pick(space.divisions, rng))
            if len(space.divisions) > 1 and rng.integers(3) == 0
            else gene._replace(side=pick(space.sides(group), rng))
        ),
    )


#: Each as likely as the others (ours).
MUTATIONS: tuple[Mutation, ...] = (
    new_device,
    new_access_groups,
    new_channels,
    new_strata,
    new_operator_mapping,
)


def crossover(first: Point, second: Point, rng: np.random.Generator) -> Point:
    """The front groups of one and the back groups of the other, on the machine of either."""
    cut = int(rng.integers(len(first.genes) + 1))
    machine = (first, second)[int(rng.integers(2))].machine
    return Point(machine, first.genes[:cut] + second.genes[cut:])


def genetic_search(evaluator: Evaluator, effort: Effort, seed: int, starts: Sequence[Point] = ()) -> None:
    """Search; what was found the evaluator knows.

    Parameters
    ----------
    starts
        Points to begin with, beside the space's own, such as what a coarser search found.

    Notes
    -----
    Every child is a crossover of two parents, then mutated: once, and with a half as likely as each time before it
    again (ours; the artefact mutates always).
    """
    space, rng = evaluator.space, np.random.default_rng(seed)
    population = [*space.starts(), *starts][: effort.population]
    # Half begin with whole kinds of channel (ours): few of those drawn evenly fit.
    left = effort.population - len(population)
    population += [space.plain(rng) if place % 2 else space.random(rng) for place in range(left)]
    for _ in range(effort.generations):
        parents = _best(evaluator, population, effort.kept)
        children = [_child(space, parents, rng) for _ in range(effort.population - len(parents))]
        population = [*parents, *children]
    _best(evaluator, population, effort.kept)


def _best(evaluator: Evaluator, population: list[Point], kept: int) -> list[Point]:
    """The best distinct ones."""
    distinct = list(dict.fromkeys(population))
    return sorted(distinct, key=evaluator.value)[:kept]


def _child(space: Space, parents: list[Point], rng: np.random.Generator) -> Point:
    child = crossover(pick(parents, rng), pick(parents, rng), rng)
    while True:
        child = pick(MUTATIONS, rng)(space, child, rng)
        if rng.integers(2):
            return child


def _changed(point: Point, rng: np.random.Generator, change: Callable[[Gene, int], Gene]) -> Point:
    group = int(rng.integers(len(point.genes)))
    return _with_gene(point, group, change(point.genes[group], group))


def _with_gene(point: Point, group: int, gene: Gene) -> Point:
    genes = list(point.genes)
    genes[group] = gene
    return point._replace(genes=tuple(genes))
