"""What is public of H2EAL leaves open the page, the contexts, what is counted, and what it is held against."""

from dataclasses import dataclass
from typing import Literal

from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import Change, same, saying


@dataclass(frozen=True, slots=True)
class H2ealCondition(Condition):
    """What is varied; the defaults are ours.

    Attributes
    ----------
    context, page, budget
        Tokens.
    counted
        Attention alone, or a whole decode step.
    free
        Whether queries, choosing pages, merging parts and writing the new token take no time.
    baseline
        Mapping of the dense system that it is held against.
    """

    context: str = "128k"
    page: int = 16
    budget: int = 2048
    counted: Literal["attention", "step"] = "attention"
    free: bool = False
    baseline: str = "head-groups"


PAGE_AXIS: tuple[Change[H2ealCondition], ...] = (
    same,
    *(saying(f"pages of {one}", H2ealCondition, page=one) for one in (32, 64, 128)),
)
BUDGET_AXIS: tuple[Change[H2ealCondition], ...] = (
    same,
    saying("1024 tokens chosen", H2ealCondition, budget=1024),
)
COUNTED_AXIS: tuple[Change[H2ealCondition], ...] = (
    same,
    saying("a whole step", H2ealCondition, counted="step"),
    saying("nothing charged but reading", H2ealCondition, free=True),
)


def context_axis(base: str) -> tuple[Change[H2ealCondition], ...]:
    """Other contexts than the default one."""
    others = [one for one in ("8k", "32k", "128k") if one != base]
    return (same, *(saying(f"{one} tokens", H2ealCondition, context=one) for one in others))
