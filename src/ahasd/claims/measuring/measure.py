"""Measuring a claim: a quantity of one system over that of another, over pairs and algorithms."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Generic, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from ahasd.claims.condition import Condition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns, Runs
from ahasd.claims.measuring.quantities import Quantity
from ahasd.claims.measuring.roles import Role, RunConditionType
from ahasd.claims.measuring.value import Draws
from ahasd.systems.suites import PAIRS, PUBLISHED_ALGORITHMS

#: (pair, algorithm)
Cell = tuple[str, str]
EVERY_CELL: tuple[Cell, ...] = tuple(product(PAIRS, PUBLISHED_ALGORITHMS))

MeasuredUnder = TypeVar("MeasuredUnder", bound=Condition, contravariant=True)


class Measurement(Protocol[MeasuredUnder]):
    """How a claim is measured."""

    def configurations(self, condition: MeasuredUnder) -> list[Asked]:
        """What it runs under a condition."""
        ...

    def draws(self, known_runs: KnownRuns, condition: MeasuredUnder) -> Draws:
        """Measure under a condition whose configurations are known.

        Raises
        ------
        AhasdError
            Something cannot run under it; the message says why.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ratio(Generic[RunConditionType]):
    """A quantity of ours over that of a reference, cell by cell and seed by seed.

    Attributes
    ----------
    reference
        None for the quantity itself.
    inverse
        The reference's over ours, as efficiency is to energy.
    over
        The arithmetic mean over the cells (ours: the paper says "average"), or the cell where the mean over seeds is
        largest, or the geometric mean over the cells.
    """

    quantity: Quantity[RunConditionType]
    ours: Role[RunConditionType]
    reference: Role[RunConditionType] | None = None
    cells: tuple[Cell, ...] = EVERY_CELL
    inverse: bool = False
    over: Literal["mean", "peak", "geometric"] = "mean"

    def configurations(self, condition: RunConditionType) -> list[Asked]:
        """See `Measurement`."""
        roles = [role for role in (self.ours, self.reference) if role is not None]
        return [role(condition, *cell) for role in roles for cell in self.cells]

    def draws(self, known_runs: KnownRuns, condition: RunConditionType) -> Draws:
        """See `Measurement`."""
        ours, reference = self.ours, self.reference
        measured = [known_runs.runs(ours(condition, *cell)) for cell in self.cells]
        against = [known_runs.runs(reference(condition, *cell)) for cell in self.cells] if reference else None
        corners = [{}, *self._corners([*measured, *(against or [])], condition)]
        # cells x seeds x corners
        values = np.array([self._amounts(runs, condition, corners) for runs in measured])
        if against is not None:
            values = values / np.array([self._amounts(runs, condition, corners) for runs in against])
        values = 1 / values if self.inverse else values
        if self.over == "peak":
            values = values[[int(np.argmax(values[:, :, 0].mean(axis=1)))]]
        seeds = np.exp(np.log(values).mean(axis=0)) if self.over == "geometric" else values.mean(axis=0)
        means = seeds.mean(axis=0)
        nominal, lowest, highest = (
            tuple(map(float, seeds[:, corner]))
            for corner in (0, int(np.argmin(means)), int(np.argmax(means)))
        )
        return Draws(nominal, lowest, highest)

    def _corners(self, runs: list[Runs], condition: RunConditionType) -> list[Mapping[str, bool]]:
        """All corners of the box of those constants that move the quantity."""
        if not condition.spans_ranges:
            return []
        groups = {
            run.scales[name].group: None
            for run in runs
            for name, amount in self.quantity(run.seeds[0], condition).items()
            if amount and name in run.scales
        }
        return [dict(zip(groups, ends, strict=True)) for ends in product((False, True), repeat=len(groups))]

    def _amounts(
        self, runs: Runs, condition: RunConditionType, corners: list[Mapping[str, bool]]
    ) -> npt.NDArray[np.float64]:
        """The quantity, seeds x corners."""
        amounts = [self.quantity(figures, condition) for figures in runs.seeds]
        names = list(amounts[0])
        scales = np.ones((len(names), len(corners)))
        for row, name in enumerate(names):
            scale = runs.scales.get(name)
            if scale is not None:
                ends = [corner.get(scale.group) for corner in corners]
                scales[row] = [1.0 if end is None else scale.high if end else scale.low for end in ends]
            scales[row] *= condition.energy_factor(name, runs.offchip_pj_per_bit)
        matrix = np.array([[of_run[name] for name in names] for of_run in amounts])
        result: npt.NDArray[np.float64] = matrix @ scales
        return result
