"""A published claim as data."""

from dataclasses import dataclass
from typing import Literal

from ahasd.claims.condition import DEFAULT, Condition
from ahasd.claims.measuring.measure import Measurement
from ahasd.claims.verdict import Band

#: What a sensitivity study can vary.
Parameter = Literal["reading", "offchip", "gpu", "acceptance", "auc"]


@dataclass(frozen=True, slots=True)
class Claim:
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
        The condition of the runs.
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
    measurement: Measurement | None = None
    untestable: str = ""
    unrefutable: str = ""
    base: Condition = DEFAULT
    alternatives: tuple[Condition, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    capped: bool = True
    quick: bool = False
    style: Literal["ratio", "change", "share", "seconds", "rate"] = "ratio"
