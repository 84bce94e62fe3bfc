"""What a comparison is made of: one configuration over several seeds."""

from dataclasses import dataclass
from statistics import fmean
from typing import Any, Self

from ahasd.experiments.metrics import PartialMetric, has_drafts
from ahasd.intervals import Interval, interval
from ahasd.speculation.results import SpeculationResult


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on one machine with one pair: a result per seed, or why there is none.

    Attributes
    ----------
    algorithm
        As it was asked for; the results say what that came to.
    varied
        Name and value of whatever else is varied in the comparison, such as ``("npu.chips", "4")``.
    joules_low, joules_high
        Joules per token of each seed with all energy constants at the ends of their ranges; empty unless asked for.
    failed
        Whether there is no result for a fault of ours or of the machine that ran it; ``refused`` says which.
    """

    pair: str
    system: str
    hardware: str
    results: tuple[SpeculationResult, ...]
    refused: str | None = None
    algorithm: str = ""
    varied: tuple[tuple[str, str], ...] = ()
    joules_low: tuple[float, ...] = ()
    joules_high: tuple[float, ...] = ()
    failed: bool = False

    @property
    def drafts(self) -> bool:
        """Whether anything was drafted."""
        return any(has_drafts(result) for result in self.results)

    @property
    def is_bound(self) -> bool:
        """Whether this is a bound and no machine that can be built."""
        return any(result.speculation.bound for result in self.results)

    @property
    def joules_ends(self) -> tuple[float, float] | None:
        """Joules per token, mean over seeds, at both ends of the energy constants' ranges; None unless asked for."""
        return (fmean(self.joules_low), fmean(self.joules_high)) if self.joules_low else None

    def values(self, metric: PartialMetric) -> list[float]:
        """A metric, seed by seed, of those runs that have it."""
        return [value for result in self.results if (value := metric(result)) is not None]

    def mean(self, metric: PartialMetric) -> float | None:
        """Mean over seeds; None if no run has it."""
        values = self.values(metric)
        return fmean(values) if values else None

    def interval(self, metric: PartialMetric) -> Interval | None:
        """Mean over seeds with its 95 % interval; None if no run has it."""
        values = self.values(metric)
        return interval(values) if values else None

    def ratios(self, base: Self, metric: PartialMetric) -> list[float]:
        """A metric over that of another cell, seed by seed; empty unless both have it of as many seeds."""
        ours, theirs = self.values(metric), base.values(metric)
        if len(self.results) != len(base.results) or not len(ours) == len(theirs) == len(self.results):
            return []
        return [one / other for one, other in zip(ours, theirs, strict=True)]

    def ratio(self, base: Self, metric: PartialMetric) -> Interval | None:
        """Mean of the ratios and its 95 % interval; None unless both have it of as many seeds."""
        ratios = self.ratios(base, metric)
        return interval(ratios) if ratios else None


def without_documents(result: SpeculationResult) -> SpeculationResult:
    """The same figures without what all seeds share: options, placement and configuration; a tenth of the size."""
    update: dict[str, Any] = {"options": {}, "placement": {}, "reproduce": {"seed": result.reproduce["seed"]}}
    return result.model_copy(update=update)
