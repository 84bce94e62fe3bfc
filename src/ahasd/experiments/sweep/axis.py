"""What is varied: a field with its values, or with the range that they are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError

#: What a range says.
_PARTS = ("low", "high", "log", "whole")


@dataclass(frozen=True, slots=True)
class Axis:
    """A field with its values.

    Attributes
    ----------
    name
        An option of a run such as ``pair`` or ``seed``, or a constant such as ``npu.chips`` or ``system.edc``.
    values
        Each once.
    """

    name: str
    values: tuple[Any, ...]

    @property
    def text(self) -> str:
        """What it holds, to be read."""
        return ", ".join(map(str, self.values))

    def holds(self, value: Any) -> bool:
        """Whether it is one of the values."""
        return value in self.values

    def draw(self, random: Random) -> Any:
        """One of the values."""
        return self.values[random.randrange(len(self.values))]


@dataclass(frozen=True, slots=True)
class Span:
    """A field with the range of its values, for what draws them.

    Attributes
    ----------
    low, high
        Both included.
    log
        Whether factors count, not differences.
    whole
        Whether only whole numbers are meant.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    @property
    def text(self) -> str:
        """What it holds, to be read."""
        return f"{'whole numbers ' if self.whole else ''}from {self.low} to {self.high}"

    def holds(self, value: Any) -> bool:
        """Whether a value is a number of the range."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.low <= value <= self.high and not (self.whole and value != int(value))

    def draw(self, random: Random) -> float:
        """A value, all equally likely (or all factors)."""
        if self.whole and not self.log:
            return random.randint(int(self.low), int(self.high))
        share = random.random()
        if self.log:
            value = exp(log(self.low) + share * (log(self.high) - log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else value


def read_axis(name: str, given: Any) -> Axis | Span:
    """Read an axis of a document: a list of values, one value, or a range ``{low: 1, high: 4}``.

    Raises
    ------
    AhasdError
        There is no value, or the range is none.
    """
    if isinstance(given, Mapping):
        return _read_span(name, given)
    values = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if not values:
        raise AhasdError(f"grid: {name} has no value; list some, or leave it out")
    for value in values:
        if isinstance(value, Mapping | list) or value is None:
            raise AhasdError(
                f"grid: {name} has the value {value!r}; values are texts, numbers, true or false"
            )
    return Axis(name, tuple(dict.fromkeys(values)))


def _read_span(name: str, given: Mapping[str, Any]) -> Span:
    for part in given:
        if part not in _PARTS:
            raise UnknownNameError(f"part of the range of {name}", str(part), _PARTS)
    low, high = given.get("low"), given.get("high")
    for end in (low, high):
        if isinstance(end, bool) or not isinstance(end, int | float):
            raise AhasdError(f"grid: the range of {name} needs two numbers, as in {{low: 0.5, high: 2.0}}")
    assert low is not None
    assert high is not None
    if not low < high:
        raise AhasdError(f"grid: the range of {name} goes from {low} to {high}, which holds nothing")
    logarithmic, whole = bool(given.get("log", False)), bool(given.get("whole", False))
    if logarithmic and low <= 0:
        raise AhasdError(f"grid: the range of {name} has log and begins at {low}; it must begin above 0")
    if whole and (low != int(low) or high != int(high)):
        raise AhasdError(f"grid: the range of {name} has whole and goes from {low} to {high}")
    return Span(name, low, high, logarithmic, whole)
