"""Systems side by side over several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.simulation.result import Result
from ahasd.systems.configuration import RunConfiguration, resolve
from ahasd.systems.simulate import Run


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on one machine: a result per seed, or why there is none."""

    system: str
    hardware: str
    results: tuple[Result, ...]
    refused: str | None = None


def compare(
    base: RunConfiguration,
    systems: Sequence[str],
    hardware: Sequence[str],
    seeds: Sequence[int],
    progress: Callable[[int, int], None] = lambda done, total: None,
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

    Raises
    ------
    AhasdError
        A name is unknown or the configuration is wrong.
    """
    cells, done, total = [], 0, len(systems) * len(hardware) * len(seeds)
    for machine in hardware:
        for system in systems:
            resolve(base.model_copy(update={"system": system, "hardware": machine}))
    for machine in hardware:
        for system in systems:
            results: list[Result] = []
            refused = None
            for seed in seeds:
                configuration = base.model_copy(update={"system": system, "hardware": machine, "seed": seed})
                try:
                    results.append(Run(resolve(configuration)).result(break_even=False))
                except AhasdError as error:
                    refused = str(error)
                    break
                finally:
                    done += 1
                    progress(done, total)
            cells.append(Cell(system, machine, tuple(results), refused))
    return cells
