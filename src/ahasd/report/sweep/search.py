"""What a search found: the answer, the Pareto set, and what was excluded."""

from typing import Any

from ahasd.experiments.search.evaluate import Evaluated
from ahasd.experiments.search.outcome import Found
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.sweep.status import point_text
from ahasd.report.table import Table, left, right
from ahasd.report.text import UNLIMITED

#: Points of the Pareto set, and reasons, that a terminal shows (ours).
ROWS, REASONS = 20, 5


def search_text(found: Found, width: int | None = UNLIMITED) -> str:
    """The answer in a sentence, the points that nothing beats, and what constraints and machines exclude.

    Parameters
    ----------
    width
        Columns of the terminal; of that which there is, if None.
    """
    lines = [one_line(search_sentence(found))]
    front = found.pareto
    if front:
        lines.append("")
    table = fitted(_table(found, front[:ROWS]), width) if front else ""
    more = len(front) - ROWS
    tail = [f"and {more} more; --json has all"] if more > 0 else []
    excluded = [
        one_line(f"  {one.points} excluded by: {one.condition}") for one in found.exclusions[:REASONS]
    ]
    if excluded:
        excluded = [
            "",
            f"Of {len(found.tried)} points {len(found.tried) - len(found.feasible)} are excluded:",
            *excluded,
        ]
    return (
        "".join(f"{line}\n" for line in lines) + table + "".join(f"{line}\n" for line in [*tail, *excluded])
    )


def search_sentence(found: Found) -> str:
    """The best in each objective, or why there is none."""
    if not found.feasible:
        return f"Nothing is left of the {len(found.tried)} points tried: {found.why_none}."
    front, objectives = found.pareto, found.search.objectives
    best: dict[str, list[str]] = {}
    for objective in objectives:
        point = (max if objective.largest else min)(front, key=lambda one: one.figures[objective.figure])
        best.setdefault(f"{_figures(found, point)} with {point_text(point.values)}", []).append(
            objective.figure
        )
    sizes = f"{len(front)} of {len(found.feasible)} points within the constraints are beaten by none"
    text = "; ".join(f"best {' and '.join(names)}: {where}" for where, names in best.items())
    return f"{text[0].upper()}{text[1:]}. {sizes} ({found.trials} proposed, {len(found.tried)} distinct)."


def search_document(found: Found) -> dict[str, Any]:
    """The same for programs."""
    return {
        "sentence": search_sentence(found),
        "objectives": [objective.text for objective in found.search.objectives],
        "constraints": [constraint.text for constraint in found.search.constraints],
        "trials": found.trials,
        "tried": len(found.tried),
        "feasible": len(found.feasible),
        "pareto": [{"values": point.values, "figures": point.figures} for point in found.pareto],
        "excluded": [{"condition": one.condition, "points": one.points} for one in found.exclusions],
    }


def _figures(found: Found, point: Evaluated) -> str:
    return ", ".join(f"{one.figure} {point.figures[one.figure]:.4g}" for one in found.search.objectives)


def _table(found: Found, points: list[Evaluated]) -> Table:
    names = found.search.figures
    rows = [[point_text(point.values), *(f"{point.figures[name]:.4g}" for name in names)] for point in points]
    return Table([*left("point"), *right(*names)], rows)
