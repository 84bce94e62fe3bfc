"""A figure over several cells: their mean, the least and the largest."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from ahasd.intervals import Interval, interval


@dataclass(frozen=True, slots=True)
class OverCells:
    """Mean, least and largest of what cells come to in the mean over their seeds.

    Attributes
    ----------
    cells
        How many there are.
    over_seeds
        The interval over the seeds of the only cell; None where there are more.
    """

    mean: float
    least: float
    most: float
    cells: int
    over_seeds: Interval | None


def over_cells(values: Sequence[Sequence[float]]) -> OverCells | None:
    """Take together what each cell has seed by seed; cells without a value are left out, None if that is all."""
    known = [of_cell for of_cell in values if of_cell]
    if not known:
        return None
    means = [fmean(of_cell) for of_cell in known]
    over_seeds = interval(known[0]) if len(known) == 1 else None
    return OverCells(fmean(means), min(means), max(means), len(means), over_seeds)
