"""Systems side by side over several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.simulation.result import Result
from ahasd.systems.configuration import RunConfiguration, resolve
from ahasd.systems.simulate import Run


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on one machine with one pair: a result per seed, or why there is none."""

    pair: str
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
    places = [(system, machine) for machine in hardware for system in systems]
    resolved = [resolve(base.model_copy(update={"system": s, "hardware": h})) for s, h in places]
    cells: list[Cell] = []
    done, total = 0, len(places) * len(seeds)
    for (system, machine), configuration in zip(places, resolved, strict=True):
        results: list[Result] = []
        refused = None
        try:
            run = Run(configuration)
            for seed in seeds:
                results.append(run.with_seed(seed).result(break_even=False))
                progress(done + len(results), total)
        except AhasdError as error:
            refused = str(error)
        done += len(seeds)
        cells.append(Cell(configuration.pair.name, system, machine, tuple(results), refused))
    return cells
