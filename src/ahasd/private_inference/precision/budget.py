"""Budgets, and what equal, greedy and exact widths make of one."""

from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.private_inference.network.widths import read_widths
from ahasd.private_inference.precision.choices import CHOICES, Problem
from ahasd.private_inference.precision.exact import Assignment, assignment, optimise
from ahasd.private_inference.precision.simple import greedy, uniform

_UNITS = {"TB": 1e12, "GB": 1e9, "MB": 1e6, "KB": 1e3, "B": 1.0}


class Compared(NamedTuple):
    """A budget, and what three ways make of it; None where a way finds nothing or was not asked."""

    budget: float
    uniform: Assignment | None
    greedy: Assignment | None
    exact: Assignment


def compare(problem: Problem, budget: float, by_greed: bool = True) -> Compared:
    """Choose widths in three ways.

    Raises
    ------
    AhasdError
        No widths stay within the budget.
    """
    exact = optimise(problem, budget)
    return Compared(budget, uniform(problem, budget), greedy(problem, budget) if by_greed else None, exact)


def equal_budgets(problem: Problem) -> list[float]:
    """What equal widths of 2 to 8 bits cost."""
    return [assignment(problem, [(place, place)] * len(problem.layers)).cost for place in range(len(CHOICES))]


def read_budget(text: str, problem: Problem) -> float:
    """Read ``500MB``, or ``w4a4``: the bytes of equal widths.

    Raises
    ------
    AhasdError
        It is neither, or of widths that cannot be chosen.
    """
    if text.lower().startswith("w"):
        (widths,) = read_widths(text, 1)
        if not {widths.weights, widths.activations} <= set(CHOICES):
            raise AhasdError(f"--budget {text}: widths are chosen from {CHOICES[0]} to {CHOICES[-1]} bits")
        place = CHOICES.index(widths.weights), CHOICES.index(widths.activations)
        return assignment(problem, [place] * len(problem.layers)).cost
    upper = text.strip().upper()
    unit = next((unit for unit in _UNITS if upper.endswith(unit)), "")
    try:
        bytes_ = float(upper.removesuffix(unit)) * _UNITS.get(unit, 1.0)
    except ValueError:
        bytes_ = float("nan")
    if not 0 < bytes_ < float("inf"):
        raise AhasdError(f"--budget '{text}' is neither bytes, as 500MB or 2.3GB, nor widths, as w4a4")
    return bytes_
