"""Figures of cells as the tables of a comparison show them."""

from collections.abc import Sequence

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import DraftedBy, refusals
from ahasd.experiments.metrics import joules_per_token, tokens_per_second
from ahasd.experiments.over_cells import OverCells
from ahasd.intervals import Interval
from ahasd.plain_text import one_line

#: What stands in the place of a figure that there is none of.
CANNOT_RUN = "cannot run"


def number(value: float | None, form: str) -> str:
    """A number in a format; nothing where there is none."""
    return "" if value is None else format(value, form)


def interval_text(found: Interval | None, digits: int) -> str:
    """Mean and 95 % interval; nothing where there is none."""
    return "" if found is None else found.text(digits)


def over_cells_text(found: OverCells | None, digits: int) -> str:
    """Mean and interval over the seeds of one cell, or mean, least and largest of several cells' means."""
    if found is None:
        return ""
    if found.over_seeds is not None:
        return found.over_seeds.text(digits)
    return f"{found.mean:.{digits}f} ({found.least:.{digits}f} to {found.most:.{digits}f})"


def speed_text(cell: Cell) -> str:
    """Mean tokens per second and its 95 % interval over seeds."""
    return interval_text(cell.interval(tokens_per_second), 2)


def joules_text(cell: Cell) -> str:
    """Mean joules per token and its 95 % interval over seeds, and the ends over the constants' ranges, if known."""
    text = interval_text(cell.interval(joules_per_token), 3)
    ends = cell.joules_ends
    return text if ends is None else f"{text} ({ends[0]:.3f} to {ends[1]:.3f})"


def refusal_lines(cells: Sequence[Cell]) -> list[str]:
    """Why systems cannot run where they cannot."""
    lines = (
        f"{one.system}{''.join(f', {name}={value}' for name, value in one.varied)} on {one.hardware} cannot run: "
        f"{one.reason}"
        for one in refusals(cells)
    )
    return list(dict.fromkeys(map(one_line, lines)))


def algorithm_text(drafted: DraftedBy) -> str:
    """An algorithm with where its constants come from."""
    return f"{drafted.algorithm} ({drafted.provenance})"
