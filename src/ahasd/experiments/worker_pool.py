"""Cells on several processes, those that share a machine on the same one."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from ahasd.errors import AhasdError
from ahasd.experiments.cell import Cell
from ahasd.experiments.shelf import Shelf
from ahasd.speculation.configuration import RunConfiguration, resolve

_Share = list[list[int]]


def run_on_workers(
    configurations: Sequence[RunConfiguration],
    groups: Sequence[Sequence[int]],
    seeds: Sequence[int],
    energy_range: bool,
    workers: int,
) -> Iterator[tuple[int, Cell]]:
    """Yield (index, cell) as cells are finished.

    Each process has a share of neighbouring groups, so that what they have in common is computed once. When its own
    are done it takes the last group of the fullest share, or the last member of its only group. All end with the
    iteration, and by themselves if this process is killed.

    Parameters
    ----------
    groups
        Indices into the configurations; those of a group have the most in common, then those of its neighbours.

    Raises
    ------
    AhasdError
        A process has died, of a lack of memory for instance.
    """
    context = multiprocessing.get_context("spawn")
    pool: dict[Connection, tuple[SpawnProcess, _Share]] = {}
    try:
        for share in _shares(groups, workers):
            ours, theirs = context.Pipe()
            given = theirs, list(configurations), list(seeds), energy_range
            process = context.Process(target=_work, args=given, daemon=True)
            process.start()
            theirs.close()
            pool[ours] = process, share
        busy = {ours for ours in pool if _give(ours, pool)}
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                try:
                    finished: tuple[int, Cell] = ready.recv()
                except EOFError as error:
                    raise AhasdError(
                        "a process that ran part of the grid has ended early, perhaps for a lack of memory; "
                        "the same command goes on with what is missing"
                    ) from error
                if not _give(ready, pool):
                    busy.discard(ready)
                yield finished
    finally:
        for ours, (process, _) in pool.items():
            ours.close()
            process.terminate()
        for process, _ in pool.values():
            process.join()


def _shares(groups: Sequence[Sequence[int]], workers: int) -> list[_Share]:
    """Cut the groups into runs of neighbours with about as many members each.

    Every other run is worked off backwards, so that two processes end where their shares meet: what one then takes
    over from the other is next to its own.
    """
    shares: list[_Share] = [[] for _ in range(workers)]
    total, before = sum(map(len, groups)), 0
    for group in groups:
        middle = before + len(group) / 2
        shares[int(middle * workers / total)].append(list(group))
        before += len(group)
    return [share[::-1] if number % 2 else share for number, share in enumerate(shares)]


def _give(ours: Connection, pool: dict[Connection, tuple[SpawnProcess, _Share]]) -> bool:
    """Hand a process its next cell, if there is one."""
    own = pool[ours][1]
    if not own:
        fullest = max((share for _, share in pool.values()), key=lambda share: sum(map(len, share)))
        if not fullest:
            return False
        own.append(fullest.pop() if len(fullest) > 1 else [fullest[0].pop()])
        fullest[:] = [group for group in fullest if group]
    ours.send(own[0].pop(0))
    own[:] = [group for group in own if group]
    return True


def _work(
    theirs: Connection, configurations: list[RunConfiguration], seeds: list[int], energy_range: bool
) -> None:
    """Run cells until the other end is closed; Ctrl-C is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shelf = Shelf()
    try:
        while True:
            index = theirs.recv()
            cell = shelf.run(resolve(configurations[index]), seeds, energy_range=energy_range)
            theirs.send((index, cell.without_documents()))
    except (EOFError, BrokenPipeError):
        return
