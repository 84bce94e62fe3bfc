"""Spaces of machines and dataflows, under budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal, NamedTuple, TypeVar, cast

import numpy as np

from ahasd.errors import AhasdError
from ahasd.experiments.search.constraint import Constraint, Exclusion, blame
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.studies.specpim.dataflow import ALL, WINDOWS, Gene, Window
from ahasd.studies.specpim.division import Division
from ahasd.studies.specpim.machine import Machine, Memory
from ahasd.studies.specpim.work import Unit

Value = TypeVar("Value")

#: Where products of the target may run, and its cache lie.
Verification = Literal["both", "host", "pim"]


class Point(NamedTuple):
    """A machine, and a gene for each group of units."""

    machine: Machine
    genes: tuple[Gene, ...]


@dataclass(frozen=True, slots=True)
class Architectures:
    """Values of every field of a machine, and the budgets that it keeps."""

    memory: Sequence[str] = ("hbm", "gddr6")
    stacks: Sequence[int] = (2, 4, 6, 8)
    units_per_bank: Sequence[float] = (0.25, 0.5, 1.0, 2.0)
    pim_clock: Sequence[float] = (0.5, 1.0)
    host_share: Sequence[float] = (0.25, 0.5, 1.0)
    host_clock: Sequence[float] = (0.75, 1.0)
    budgets: Sequence[Constraint] = ()

    def machines(self) -> tuple[Machine, ...]:
        """Those that keep the budgets.

        Raises
        ------
        AhasdError
            None does; the message names the budget that excludes all.
        """
        every = [
            Machine(cast(Memory, memory), stacks, units, pim_clock, share, host_clock)
            for memory, stacks, units, pim_clock, share, host_clock in product(
                self.memory,
                self.stacks,
                self.units_per_bank,
                self.pim_clock,
                self.host_share,
                self.host_clock,
            )
        ]
        kept = tuple(
            machine
            for machine in every
            if all(b.excess(machine.figures[b.figure]) <= 0 for b in self.budgets)
        )
        if not kept:
            raise AhasdError(
                f"no machine of the {len(every)} of the space keeps the budgets: {self._why(every)}"
            )
        return kept

    def _why(self, every: Sequence[Machine]) -> str:
        exclusions = []
        for budget in self.budgets:
            figures = [machine.figures[budget.figure] for machine in every]
            out = [value for value in figures if budget.excess(value) > 0]
            if out:
                nearest = min(figures, key=budget.excess) if len(out) == len(every) else None
                exclusions.append(Exclusion(budget.text, len(out), nearest))
        return blame(exclusions, len(every))


@dataclass(frozen=True, slots=True)
class Space:
    """What a search may choose.

    Attributes
    ----------
    units
        Of the scenario's round.
    groups
        Of units that share a gene, by their places.
    verification
        Which kinds of channel may take what is the target's.
    windows, divisions, joins
        Values of the genes' fields; the first window is all channels.
    """

    machines: tuple[Machine, ...]
    units: tuple[Unit, ...]
    groups: tuple[tuple[int, ...], ...]
    verification: Verification = "both"
    windows: tuple[Window, ...] = WINDOWS
    divisions: tuple[Division, ...] = tuple(Division)
    joins: tuple[bool, ...] = (False, True)

    def sides(self, group: int) -> tuple[Side, ...]:
        """The kinds of channel that a group may be on."""
        if self.verification == "both" or self.units[self.groups[group][0]].model == "draft":
            return tuple(Side)
        return (Side.HOST,) if self.verification == "host" else (Side.PIM,)

    def may_join(self, group: int) -> bool:
        """Whether any unit of a group can run beside the one before it."""
        return any(self.units[place].may_join for place in self.groups[group])

    def expanded(self, point: Point) -> list[Gene]:
        """A gene for each unit."""
        found = [point.genes[0]] * len(self.units)
        for gene, group in zip(point.genes, self.groups, strict=True):
            for place in group:
                found[place] = gene
        return found

    @property
    def points(self) -> int:
        """How many there are."""
        fields = len(self.windows) ** 2 * len(self.divisions) * len(self.joins)
        return len(self.machines) * prod(len(self.sides(group)) * fields for group in range(len(self.groups)))

    def window(self, rng: np.random.Generator) -> Window:
        """All channels half of the time, as what runs alone wants them (ours); else any window."""
        return self.windows[0] if rng.integers(2) else pick(self.windows, rng)

    def plain(self, rng: np.random.Generator) -> Point:
        """A machine drawn evenly, and for each model, or each part of it, a kind of channel, all of them."""
        drawn: dict[tuple[str, str], int] = {}
        genes, whole = [], bool(rng.integers(2))
        for group, places in enumerate(self.groups):
            unit, sides = self.units[places[0]], self.sides(group)
            choice = drawn.setdefault((unit.model, "" if whole else unit.part), int(rng.integers(2)))
            genes.append(Gene(sides[choice % len(sides)]))
        return Point(pick(self.machines, rng), tuple(genes))

    def random(self, rng: np.random.Generator) -> Point:
        """A point drawn evenly."""
        genes = tuple(self._random_gene(group, rng) for group in range(len(self.groups)))
        return Point(pick(self.machines, rng), genes)

    def starts(self) -> list[Point]:
        """What every search begins with, on one machine: all on the host, the draft in memory, all in memory."""
        machine = self.machines[len(self.machines) // 2]
        models = [self.units[group[0]].model for group in self.groups]
        found = []
        for in_memory in ((), ("draft",), ("draft", "target")):
            wanted = [Side.PIM if model in in_memory else Side.HOST for model in models]
            sides = [side if side in self.sides(g) else self.sides(g)[0] for g, side in enumerate(wanted)]
            found.append(Point(machine, tuple(Gene(side) for side in sides)))
        return found

    def admitted(self, point: Point) -> Point:
        """The point with every group on a kind of channel that it may be on."""
        genes = [
            gene if gene.side in self.sides(group) else gene._replace(side=self.sides(group)[0])
            for group, gene in enumerate(point.genes)
        ]
        return Point(point.machine, tuple(genes))

    def every(self) -> list[Point]:
        """All points; for small spaces only."""
        each = [
            [
                Gene(*values)
                for values in product(
                    self.sides(group), self.windows, self.windows, self.divisions, self.joins
                )
            ]
            for group in range(len(self.groups))
        ]
        return [Point(machine, genes) for machine in self.machines for genes in product(*each)]

    def _random_gene(self, group: int, rng: np.random.Generator) -> Gene:
        return Gene(
            pick(self.sides(group), rng),
            self.window(rng),
            self.window(rng),
            pick(self.divisions, rng),
            pick(self.joins, rng) and self.may_join(group),
        )


def full_space(
    machines: tuple[Machine, ...], units: tuple[Unit, ...], verification: Verification = "both"
) -> Space:
    """Every unit with a gene of its own."""
    return Space(machines, units, tuple((place,) for place in range(len(units))), verification)


def reduced_space(machines: tuple[Machine, ...], units: tuple[Unit, ...]) -> Space:
    """Small enough to try every point: the fastest clocks, and one kind of channel for each part of a model."""
    fastest = [max(getattr(machine, name) for machine in machines) for name in ("pim_clock", "host_clock")]
    machines = tuple(m for m in machines if [m.pim_clock, m.host_clock] == fastest) or machines
    parts: dict[tuple[str, str], list[int]] = {}
    for place, unit in enumerate(units):
        parts.setdefault((unit.model, unit.part), []).append(place)
    groups = tuple(map(tuple, parts.values()))
    return Space(machines, units, groups, "both", (ALL,), (Division.OUTPUTS,), (False,))


def pick(values: Sequence[Value], rng: np.random.Generator) -> Value:
    """One of some values, drawn evenly."""
    return values[int(rng.integers(len(values)))]
