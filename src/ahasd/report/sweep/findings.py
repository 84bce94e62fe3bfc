"""What a sweep found: the best point in a sentence, what each field is worth, and a plot."""

from typing import Any

from ahasd.experiments.sweep.effects import Effect, Findings, Level
from ahasd.experiments.sweep.kept import KeptSweep
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.sweep.status import failure_lines, point_text
from ahasd.report.table import Table, left, right

#: Points, and values of a field, that a terminal shows (ours).
ROWS, LEVELS = 10, 12

#: Columns of the plot (ours).
PLOT = 40


def findings_text(sweep: KeptSweep, found: Findings) -> str:
    """The answer first, then the best points, main effects and the field of most consequence as a plot."""
    parts = [f"{one_line(best_sentence(sweep, found))}\n"]
    parts += [f"{line}\n" for line in failure_lines(sweep)]
    parts.append("\n" + fitted(_points(found)))
    if found.effects:
        parts.append("\n" + fitted(_effects(found)))
        parts.append("\n" + "".join(f"{line}\n" for line in plot(found.effects[0], found.objective.figure)))
    return "".join(parts)


def best_sentence(sweep: KeptSweep, found: Findings) -> str:
    """Which point is best, by how much, out of how many; or that nothing that was varied matters."""
    best, worst = found.candidates[0], found.candidates[-1]
    figure, seeds = found.objective.figure, len(best.found)
    over = f" (mean of {seeds} seeds)" if seeds > 1 else ""
    text = f"Best {figure}: {_interval(best)}{over} with {point_text(best.values)}"
    if len(found.candidates) > 1 and _interval(best) == _interval(worst):
        text = (
            f"What was varied ({' and '.join(best.values)}) makes no difference here: {figure} is {_interval(best)}"
            f"{over} at every point"
        )
    elif len(found.candidates) > 1:
        text += f"; the worst, {_interval(worst)}, with {point_text(worst.values)}"
    left_out = f", {sweep.failed} failed" if sweep.failed else ""
    missing = f", {sweep.missing} are still to be run" if sweep.missing else ""
    return f"{text}. {sweep.done} of {len(sweep.points)} points done{left_out}{missing}."


def findings_document(sweep: KeptSweep, found: Findings) -> dict[str, Any]:
    """The same for programs."""
    return {
        "sweep": sweep.name,
        "objective": found.objective.text,
        "best": {"values": found.candidates[0].values, "mean": found.candidates[0].interval.mean},
        "points": [
            {"values": one.values, "mean": one.interval.mean, "half_width": one.interval.half_width}
            for one in found.candidates
        ],
        "effects": [
            {
                "field": effect.field,
                "ratio": effect.ratio,
                "levels": [
                    {"value": level.value, "mean": level.mean, "low": level.low, "high": level.high}
                    for level in effect.levels
                ],
            }
            for effect in found.effects
        ],
        "done": sweep.done,
        "failed": sweep.failed,
        "missing": sweep.missing,
        "sentence": best_sentence(sweep, found),
    }


def plot(effect: Effect, figure: str) -> list[str]:
    """A line for each value: from the least to the largest point that has it, and their mean."""
    levels = effect.levels[:LEVELS]
    low, high = min(level.low for level in levels), max(level.high for level in levels)
    wide = max(len(_value(level)) for level in levels)

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (PLOT - 1)) if high > low else 0

    lines = [f"{figure} by {effect.field}: o is the mean, the line all points"]
    for level in levels:
        cells = [" "] * PLOT
        cells[place(level.low) : place(level.high) + 1] = "-" * (place(level.high) - place(level.low) + 1)
        cells[place(level.mean)] = "o"
        lines.append(f"{_value(level).rjust(wide)} {''.join(cells).rstrip()} {level.mean:.4g}".rstrip())
    ends = f"{low:.4g}", f"{high:.4g}"
    return [*lines, f"{'':{wide}} {ends[0]}{ends[1].rjust(max(1, PLOT - len(ends[0])))}"]


def _value(level: Level) -> str:
    return f"{level.value:.4g}" if isinstance(level.value, float) else str(level.value)


def _points(found: Findings) -> Table:
    rows = [[point_text(one.values), _interval(one)] for one in found.candidates[:ROWS]]
    more = len(found.candidates) - ROWS
    notes = [f"and {more} more; `ahasd sweep export` writes all"] if more > 0 else []
    return Table([*left("point"), *right(found.objective.figure)], rows, notes=notes)


def _effects(found: Findings) -> Table:
    rows = [
        [
            effect.field,
            f"{effect.ratio:.2f}x",
            ", ".join(f"{_value(level)}: {level.mean:.4g}" for level in effect.levels[:LEVELS]),
        ]
        for effect in found.effects
    ]
    return Table([*left("field"), *right("largest over least"), *left("mean over all else")], rows)


def _interval(candidate: Any) -> str:
    found = candidate.interval
    return f"{found.mean:.4g}" + ("" if found.half_width is None else f" ± {found.half_width:.2g}")
