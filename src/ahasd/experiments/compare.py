"""Every combination of a selection over several seeds."""

from collections.abc import Sequence
from dataclasses import replace

from ahasd.experiments.carry_out import Running
from ahasd.experiments.cell import Cell
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.speculation.configuration import RunConfiguration


def compare(
    base: RunConfiguration,
    selection: Selection,
    seeds: Sequence[int],
    running: Running | None = None,
    *,
    energy_range: bool = False,
) -> list[Cell]:
    """Run every combination with every seed; parameters as of :func:`ahasd.experiments.grid.run_grid`.

    What cannot run somewhere (too little memory, no PIM) is a cell that says why.

    Raises
    ------
    AhasdError
        A name is unknown or a configuration is wrong; nothing has run then.
    """
    choices = combinations(base, selection)
    cells = run_grid(
        [choice.configuration for choice in choices],
        seeds,
        running,
        energy_range=energy_range,
    )
    return [replace(cell, varied=choice.varied) for cell, choice in zip(cells, choices, strict=True)]
