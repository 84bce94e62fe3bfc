"""What is searched: the space, what is wanted of it, and where to begin."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.search.constraint import Constraint, read_constraints
from ahasd.experiments.sweep.axis import Axis, Span, read_axis
from ahasd.experiments.sweep.definition import Values
from ahasd.experiments.sweep.fields import check_fields, configuration_values
from ahasd.experiments.sweep.objective import Objective, read_objective

#: What a document may hold.
SECTIONS = ("name", "run", "space", "objectives", "constraints", "start", "seeds")

#: Wanted where nothing is said: the fastest that takes least energy.
USUAL_OBJECTIVES = ("tokens_per_second:max", "joules_per_token:min")


class Method(StrEnum):
    """Who proposes points: Optuna's NSGA-II or TPE, chance, or all of them in turn."""

    NSGA2 = "nsga2"
    TPE = "tpe"
    RANDOM = "random"
    EXHAUSTIVE = "exhaustive"


@dataclass(frozen=True, slots=True)
class Search:
    """A space with objectives and constraints.

    Attributes
    ----------
    base
        What all points have.
    starts
        Points to begin with; fields that one lacks are taken from the presets.
    seeds
        Runs of each point, with seeds 0, 1, …; figures are their means.
    """

    axes: Sequence[Axis | Span]
    base: Mapping[str, Any] = field(default_factory=dict)
    objectives: Sequence[Objective] = tuple(map(read_objective, USUAL_OBJECTIVES))
    constraints: Sequence[Constraint] = ()
    starts: Sequence[Values] = ()
    seeds: int = 1
    name: str = ""

    @property
    def points(self) -> int | None:
        """How many there are; None where ranges have no end of them."""
        counts = [self._count(axis) for axis in self.axes]
        return None if None in counts else prod(count for count in counts if count is not None)

    @property
    def digest(self) -> str:
        """What a search is known by: two that differ in anything have two."""
        text = json.dumps(
            [repr(self.axes), self.base, repr(self.objectives), repr(self.constraints), self.starts],
            default=str,
        )
        return hashlib.sha256(f"{text}{self.seeds}".encode()).hexdigest()[:12]

    @property
    def figures(self) -> list[str]:
        """Names of all figures that are wanted or bounded, each once."""
        wanted = [objective.figure for objective in self.objectives]
        return list(dict.fromkeys([*wanted, *(constraint.figure for constraint in self.constraints)]))

    def configured(self, point: Values) -> dict[str, Any]:
        """All of a point's fields, as a configuration takes them."""
        return configuration_values(self.base, point)

    @staticmethod
    def _count(axis: Axis | Span) -> int | None:
        if isinstance(axis, Axis):
            return len(axis.values)
        return int(axis.high - axis.low) + 1 if axis.whole else None


def read_search(document: Any, where: str) -> Search:
    """Read a search from a document.

    Raises
    ------
    AhasdError
        It is none, has an empty space, names a field that there is not, begins outside of the space, or its
        constraints contradict themselves.
    """
    if not isinstance(document, Mapping):
        raise AhasdError(f"{where} must hold a group of keys and values: {', '.join(SECTIONS)}")
    for key in document:
        if key not in SECTIONS:
            raise UnknownNameError(f"key of {where}:", str(key), SECTIONS)
    base, space, bounds = (
        _group(document.get(key), f"{where}: {key}") for key in ("run", "space", "constraints")
    )
    if not space:
        raise AhasdError(
            f"{where} has an empty space: give fields with their values, such as npu.chips: [1, 2, 4]"
        )
    check_fields([*space])
    configuration_values(base)
    axes = tuple(read_axis(name, given) for name, given in space.items())
    starts = document.get("start") or []
    if not isinstance(starts, list):
        raise AhasdError(f"{where}: start must be a list of points such as {{npu.chips: 2}}")
    points = [_group(point, f"{where}: a point to start with") for point in starts]
    _check_starts(points, {axis.name: axis for axis in axes}, where)
    seeds = document.get("seeds", 1)
    if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= 1000:
        raise AhasdError(f"{where}: seeds is {seeds!r}; it must be a whole number from 1 to 1000")
    if "seed" in space:
        raise AhasdError(
            f"{where}: a search runs every point with the same seeds; give their number (seeds: 3)"
        )
    wanted = document.get("objectives") or USUAL_OBJECTIVES
    if not isinstance(wanted, list | tuple) or not all(isinstance(text, str) for text in wanted):
        raise AhasdError(
            f"{where}: objectives must be a list such as [tokens_per_second:max, joules_per_token:min]"
        )
    objectives = [read_objective(text) for text in wanted]
    constraints = read_constraints(bounds, where)
    return Search(axes, base, objectives, constraints, points, seeds, str(document.get("name", "")))


def _check_starts(points: Sequence[Values], axes: Mapping[str, Axis | Span], where: str) -> None:
    """Points to start with are points of the space."""
    for name, value in (item for point in points for item in point.items()):
        if name not in axes:
            raise UnknownNameError(f"field of the space of {where}", name, axes)
        if not axes[name].holds(value):
            raise AhasdError(
                f"{where}: a point to start with has {name}: {value}, which the space does not have: "
                f"{axes[name].text}"
            )


def _group(given: Any, where: str) -> Values:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise AhasdError(f"{where} must be a group of keys and values")
    return dict(given)
