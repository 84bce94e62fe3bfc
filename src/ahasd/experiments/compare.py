"""Systems side by side over several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ahasd.experiments.cell import Cell
from ahasd.experiments.shelf import Shelf
from ahasd.speculation.configuration import RunConfiguration, resolve


def compare(
    base: RunConfiguration,
    systems: Sequence[str],
    hardware: Sequence[str],
    seeds: Sequence[int],
    progress: Callable[[int, int], None] = lambda done, total: None,
    energy_range: bool = False,
) -> list[Cell]:
    """Run every system on every machine with every seed.

    A system that cannot run on a machine (too little memory, no PIM) becomes a cell that says why; wrong
    names are an error, before anything runs.

    Parameters
    ----------
    base
        Everything but system, hardware and seed.
    progress
        Called with runs done and runs in all.
    energy_range
        Also run at the ends of the energy constants' ranges.

    Raises
    ------
    AhasdError
        A name is unknown or the configuration is wrong.
    """
    places = [(system, machine) for machine in hardware for system in systems]
    resolved = [resolve(base.model_copy(update={"system": s, "hardware": h})) for s, h in places]
    cells: list[Cell] = []
    shelf, total = Shelf(), len(places) * len(seeds)
    for (system, machine), configuration in zip(places, resolved, strict=True):
        before = len(cells) * len(seeds)

        def done(runs: int, before: int = before) -> None:
            progress(before + runs, total)

        cell = shelf.run(configuration, seeds, done, energy_range)
        cells.append(replace(cell, system=system, hardware=machine))
        if cell.refused:
            done(len(seeds))
    return cells
