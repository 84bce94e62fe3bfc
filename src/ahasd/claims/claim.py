"""A published claim as data."""

from dataclasses import dataclass
from typing import Generic, Literal

from ahasd.claims.condition_axes import ConditionType
from ahasd.claims.measuring.measure import Measurement
from ahasd.claims.verdict import Band

#: What a sensitivity study can vary.
Parameter = Literal["reading", "offchip", "gpu", "acceptance", "auc"]


@dataclass(frozen=True, slots=True)
class Claim(Generic[ConditionType]):
    """What was published, and how it is measured here.

    Attributes
    ----------
    name
        Its id.
    group
        Claims of one heading.
    source
        Paper and place.
    text
        What is claimed, in a sentence without the figure.
    published
        The figure as published, with its unit.
    band
        Values with which it is met.
    measurement
        None where it cannot be measured.
    untestable
        Why it cannot.
    unrefutable
        Why a figure of ours that does not meet it says nothing; empty where it does.
    base
        The condition of the runs; None where nothing is measured.
    alternatives
        Other conditions that the sources leave possible.
    parameters
        What can move it; the first is the most likely.
    capped
        Whether it hangs on the acceptance of models that were not run.
    quick
        Whether it takes few runs.
    style
        How our figure is written.
    """

    name: str
    group: str
    source: str
    text: str
    published: str
    band: Band | None = None
    measurement: Measurement[ConditionType] | None = None
    untestable: str = ""
    unrefutable: str = ""
    base: ConditionType | None = None
    alternatives: tuple[ConditionType, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    capped: bool = True
    quick: bool = False
    style: Literal["ratio", "change", "share", "seconds", "rate"] = "ratio"

    @property
    def conditions(self) -> tuple[ConditionType, ...]:
        """The base and the others; none where nothing is measured."""
        return (self.base, *self.alternatives) if self.base is not None else ()
