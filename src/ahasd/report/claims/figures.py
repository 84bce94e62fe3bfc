"""Figures of claims as tables and sentences show them."""

from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.measuring.value import Value
from ahasd.claims.verdict import Judged


def figure_text(claim: Claim[Any], value: Value) -> str:
    """A figure with its interval, in the unit of the claim."""
    mean = _in_unit(claim, value.mean)
    if value.low == value.high:
        return mean
    return f"{mean} ({_in_unit(claim, value.low)} to {_in_unit(claim, value.high)})"


def judged_text(claim: Claim[Any], judged: Judged) -> str:
    """What a claim comes to under a condition, or why it cannot run there."""
    return f"cannot run: {judged.refused}" if judged.value is None else figure_text(claim, judged.value)


def condition_text(judged: Judged) -> str:
    """How a condition departs from the default."""
    return judged.condition.said or "as run"


def _in_unit(claim: Claim[Any], number: float) -> str:
    if claim.style == "change":
        return f"{number - 1:+.1%}"
    if claim.style == "share":
        return f"{number:.1%}"
    if claim.style == "seconds":
        return f"{number * 1e6:.3g} us"
    return f"{number:.3g}" + ("x" if claim.style == "ratio" else "")
