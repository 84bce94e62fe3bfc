"""Every combination of a selection over several seeds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ahasd.experiments.cell import Cell
from ahasd.experiments.grid import Progress, run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.speculation.configuration import RunConfiguration


def compare(
    base: RunConfiguration,
    selection: Selection,
    seeds: Sequence[int],
    *,
    workers: int = 1,
    checkpoint: Path | None = None,
    energy_range: bool = False,
    progress: Progress = lambda done, total: None,
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
        workers=workers,
        checkpoint=checkpoint,
        energy_range=energy_range,
        progress=progress,
    )
    return [replace(cell, varied=choice.varied) for cell, choice in zip(cells, choices, strict=True)]
