"""How an algorithm describes itself: its parameters, how to build its policy, how to calibrate it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that steers an algorithm.

    Attributes
    ----------
    name
        As the user writes it (``adaedl:lambda=0.8``).
    default
        None if the user must give it.
    source
        Where the default comes from, or "ours".
    low, high
        The valid range; `high` belongs to it, `low` unless `low_excluded`.
    integer
        Whether only whole numbers are valid.
    """

    name: str
    default: float | None
    source: str
    low: float
    high: float
    low_excluded: bool = False
    integer: bool = False

    def check(self, algorithm: str, value: float) -> float:
        """Return `value` if it is valid.

        Raises
        ------
        AhasdError
            If it is not; the message gives the range.
        """
        above = value > self.low if self.low_excluded else value >= self.low
        if self.integer and value != int(value):
            raise AhasdError(f"{algorithm}: {self.name} counts tokens and must be whole, not {value:g}")
        if not (above and value <= self.high):
            bound = "above" if self.low_excluded else "at least"
            raise AhasdError(
                f"{algorithm}: {self.name}={value:g} is out of range; "
                f"it must be {bound} {self.low:g} and at most {self.high:g}"
            )
        return value


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the threshold of an algorithm is set to a stated mean draft length.

    Attributes
    ----------
    parameters
        The parameters that can take the stated length, in order of preference: the first that the user left
        open is calibrated. The mean length must be monotone in each.
    stops
        (trace, parameters) → whether the rule stops after that token, rows × steps.
    """

    parameters: tuple[str, ...]
    stops: Callable[[RolloutTrace, Mapping[str, float]], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One entry of the catalogue of drafting algorithms.

    Attributes
    ----------
    name, description
        As `ahasd list algorithms` shows them.
    parameters
        All that it has.
    build
        A fresh policy from a value for every parameter.
    length_limit
        The parameter that caps the batch.
    positional
        The parameter that a bare value sets (``fixed:4``).
    calibration
        None if there is no threshold to calibrate.
    needs_predicted_acceptance
        Whether its policy reads the output of an acceptance head.
    check
        Raises `AhasdError` if parameters that are valid one by one contradict each other.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    build: Callable[[Mapping[str, float]], DraftingPolicy]
    length_limit: str
    positional: str | None = None
    calibration: Calibration | None = None
    needs_predicted_acceptance: bool = False
    check: Callable[[Mapping[str, float]], None] | None = None

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called `name`, which must exist."""
        return next(parameter for parameter in self.parameters if parameter.name == name)
