"""The phone study: search in first order, check what was found with detailed models, and map the mappings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isclose

from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running
from ahasd.experiments.search.definition import Method, Search
from ahasd.experiments.search.evaluate import Evaluated, Evaluator
from ahasd.experiments.search.optimise import Effort, search_space
from ahasd.experiments.search.outcome import Found
from ahasd.studies.phone.mapping import Maps, maps

#: Points of the front that are checked: the most frugal, in the order of the first objective (ours).
CHECKED = 12

#: Speeds and energies that differ by less are taken for the same (ours): differences of some per cent mean nothing.
CLOSE = 0.02

#: Figures that the page shows, so that the search must want or bound them.
FIGURES = ("tokens_per_second", "joules_per_token", "average_power_w", "area_mm2")

#: The field that says how devices are costed, and its better value.
FIDELITY, DETAILED = "fidelity", "detailed"


@dataclass(frozen=True, slots=True)
class PhoneStudy:
    """What the study found.

    Attributes
    ----------
    checked
        The front's first points, each with what the detailed models make of it; of those that are as fast and as
        frugal the smallest.
    best_by_system
        The most frugal point within the constraints of each system, the smallest of several, the best first; checked
        likewise.
    """

    found: Found
    checked: Sequence[tuple[Evaluated, Evaluated]]
    best_by_system: Sequence[tuple[Evaluated, Evaluated]]
    maps: Maps


def study_phone(search: Search, budget: int, seed: int, running: Running) -> PhoneStudy:
    """Search, check and map.

    Raises
    ------
    AhasdError
        Nothing keeps the constraints (the message says which excludes all), or the search lacks a figure of the page.
    """
    for figure in FIGURES:
        if figure not in search.figures:
            raise AhasdError(f"the study needs {figure} as an objective or under a constraint")
    found = search_space(search, Effort(Method.NSGA2, budget, seed), running)
    front = smallest_of_alike(found.pareto)[:CHECKED]
    if not front:
        raise AhasdError(f"nothing is left of the {len(found.tried)} points tried: {found.why_none}")
    best = _best_by_system(found)
    detailed = replace(search, base={**search.base, FIDELITY: DETAILED})
    again = Evaluator(detailed, running).of_all([point.values for point in [*front, *best]])
    checked = list(zip([*front, *best], again, strict=True))
    base = {name: value for name, value in search.base.items() if name != "weight_bits"}
    return PhoneStudy(found, checked[: len(front)], checked[len(front) :], maps(base, running))


def smallest_of_alike(front: Sequence[Evaluated]) -> list[Evaluated]:
    """Points in their order, without those as fast and as frugal as one with less area."""
    kept: list[Evaluated] = []
    for point in sorted(front, key=lambda one: one.figures["area_mm2"]):
        if not any(_alike(point, other) for other in kept):
            kept.append(point)
    return [point for point in front if point in kept]


def _alike(one: Evaluated, other: Evaluated) -> bool:
    return all(
        isclose(one.figures[name], other.figures[name], rel_tol=CLOSE)
        for name in ("tokens_per_second", "joules_per_token")
    )


def _best_by_system(found: Found) -> list[Evaluated]:
    objective = found.search.objectives[0]
    sign = -1.0 if objective.largest else 1.0
    best: dict[str, Evaluated] = {}
    for point in sorted(
        found.feasible, key=lambda one: (sign * one.figures[objective.figure], one.figures["area_mm2"])
    ):
        best.setdefault(str(point.values.get("system", "")), point)
    return list(best.values())
