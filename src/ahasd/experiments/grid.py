"""Many configurations, each over several seeds: on several cores, and going on where they were cut off."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ahasd.experiments.cell import Cell
from ahasd.experiments.checkpoint import Checkpoint
from ahasd.experiments.grid_key import grid_key
from ahasd.experiments.shelf import Shelf
from ahasd.experiments.worker_pool import run_on_workers
from ahasd.speculation.configuration import Resolved, RunConfiguration, resolve
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.traces.default import DEFAULT_TRACE

#: Told runs done and runs in all.
Progress = Callable[[int, int], None]


def run_grid(
    configurations: Sequence[RunConfiguration],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    checkpoint: Path | None = None,
    energy_range: bool = False,
    progress: Progress = lambda done, total: None,
) -> list[Cell]:
    """Run every configuration with every seed.

    The cells do not depend on the number of workers nor on interruptions. What cannot run (too little memory, no
    PIM) is a cell that says why. Step costs are shared between configurations that differ only in the algorithm.

    Parameters
    ----------
    configurations
        Their own seed is not used.
    workers
        Processes besides this one; 1 runs everything in this one. With more, a script must guard its entry with
        ``if __name__ == "__main__"``, since new processes import it.
    checkpoint
        A file for the finished cells, which a later call with the same arguments takes up. It stays when all is
        done; who has saved the results removes it.
    energy_range
        Fill in the cells' ``joules_low`` and ``joules_high``, which takes three times as long.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    list of Cell
        In the order of the configurations; their results without options, placement and the configuration, which
        are the same for all seeds (``reproduce`` has only the seed).

    Raises
    ------
    AhasdError
        A name is unknown, a configuration is wrong, or the checkpoint belongs to another grid; nothing has run then.
    """
    places = check(configurations)
    found: dict[int, Cell] = {}
    store: Checkpoint | None = None
    if checkpoint is not None:
        store = Checkpoint(checkpoint, grid_key(configurations, seeds, places, energy_range))
        found.update(store.cells)
    total = len(configurations) * len(seeds)
    progress(len(found) * len(seeds), total)
    missing = [index for index in range(len(configurations)) if index not in found]
    groups = _groups(configurations, missing)
    finished: Iterator[tuple[int, Cell]]
    if workers > 1 and len(missing) > 1:
        finished = run_on_workers(configurations, groups, seeds, energy_range, min(workers, len(missing)))
    else:
        finished = _run_here(configurations, groups, seeds, energy_range)
    try:
        for index, cell in finished:
            found[index] = cell
            if store is not None:
                store.add(index, cell)
            progress(len(found) * len(seeds), total)
    finally:
        if store is not None:
            store.close()
    return [found[index] for index in range(len(configurations))]


def check(configurations: Sequence[RunConfiguration]) -> list[Resolved]:
    """Look up every name and prepare every algorithm once, without running anything.

    Returns
    -------
    list of Resolved
        One for all configurations that differ only in the algorithm.

    Raises
    ------
    AhasdError
        Something does not exist or does not fit.
    """
    places: dict[str, Resolved] = {}
    prepared: set[tuple[str, str]] = set()
    for configuration in configurations:
        place, drafting = _place(configuration), (configuration.algorithm, configuration.trace)
        if place not in places or drafting not in prepared:
            places[place] = resolved = resolve(configuration)
            # Where nothing is drafted, no algorithm was prepared.
            if resolved.algorithm is not None:
                prepared.add(drafting)
    return list(places.values())


def _place(configuration: RunConfiguration) -> str:
    return configuration.model_copy(update={"algorithm": NO_SPECULATION, "seed": 0}).model_dump_json()


def _groups(configurations: Sequence[RunConfiguration], missing: Sequence[int]) -> list[list[int]]:
    """Those that share a machine, whatever the trace; next to each other those that share pair and hardware."""
    groups: dict[str, list[int]] = {}
    for index in sorted(missing, key=lambda index: _devices(configurations[index])):
        machine = _place(configurations[index].model_copy(update={"trace": DEFAULT_TRACE}))
        groups.setdefault(machine, []).append(index)
    return list(groups.values())


def _devices(configuration: RunConfiguration) -> str:
    """What step costs depend on, but for the system."""
    return configuration.model_dump_json(include={"pair", "models", "hardware"})


def _run_here(
    configurations: Sequence[RunConfiguration],
    groups: Sequence[Sequence[int]],
    seeds: Sequence[int],
    energy_range: bool,
) -> Iterator[tuple[int, Cell]]:
    shelf = Shelf()
    for group in groups:
        for index in group:
            cell = shelf.run(resolve(configurations[index]), seeds, energy_range=energy_range)
            yield index, cell.without_documents()
