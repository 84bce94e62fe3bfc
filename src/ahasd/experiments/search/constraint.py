"""Bounds that a point must keep, and which of them leave nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError

#: Bounds of a figure.
_ENDS = ("least", "most")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A figure with the least or the most that it may be."""

    figure: str
    least: float | None = None
    most: float | None = None

    def excess(self, value: float) -> float:
        """By which share of the bound a value is beyond it; 0 or less where it keeps it."""
        beyond = [(value - self.most, self.most)] if self.most is not None else []
        beyond += [(self.least - value, self.least)] if self.least is not None else []
        return max(over / (abs(bound) or 1.0) for over, bound in beyond)

    @property
    def text(self) -> str:
        """For people."""
        ends = [f"{self.least:g} <=" if self.least is not None else "", self.figure]
        return " ".join(filter(None, [*ends, f"<= {self.most:g}" if self.most is not None else ""]))


def read_constraints(given: Mapping[str, Any], where: str) -> tuple[Constraint, ...]:
    """Read ``{area_mm2: {most: 60}}``.

    Raises
    ------
    AhasdError
        A bound is no number, is missing, or the least is above the most, which excludes everything.
    """
    found = []
    for figure, ends in given.items():
        if not isinstance(ends, Mapping) or not ends:
            raise AhasdError(
                f"{where}: the constraint on {figure} needs a bound: {{most: 60}} or {{least: 5}}"
            )
        for end, value in ends.items():
            if end not in _ENDS:
                raise UnknownNameError(f"bound of {figure}", str(end), _ENDS)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise AhasdError(f"{where}: {figure} is to be {end} {value!r}; a bound is a number")
        constraint = Constraint(str(figure), ends.get("least"), ends.get("most"))
        if (
            constraint.least is not None
            and constraint.most is not None
            and constraint.least > constraint.most
        ):
            raise AhasdError(
                f"{where}: {figure} is to be at least {constraint.least:g} and at most {constraint.most:g}, which "
                "excludes everything"
            )
        found.append(constraint)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What one condition did.

    Attributes
    ----------
    condition
        A constraint, or why points could not run.
    points
        How many it excludes.
    nearest
        The value that comes nearest to the bound; None where that is no number.
    """

    condition: str
    points: int
    nearest: float | None = None


def blame(exclusions: Sequence[Exclusion], tried: int) -> str:
    """Say which conditions leave nothing."""
    alone = [one for one in exclusions if one.points == tried]
    if alone:
        each = (
            f"{one.condition} excludes all of them"
            + (f" (nearest: {one.nearest:.4g})" if one.nearest is not None else "")
            for one in alone
        )
        return "; ".join(each)
    shares = ", ".join(f"{one.condition} excludes {one.points}" for one in exclusions)
    return f"no condition excludes all of them by itself, but together they do: {shares}"
