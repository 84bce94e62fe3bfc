"""Cells on several processes, those that share a machine on the same one."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from ahasd.errors import AhasdError
from ahasd.explore.cell import Cell
from ahasd.explore.shelf import Shelf
from ahasd.systems.configuration import RunConfiguration, resolve


def run_on_workers(
    configurations: Sequence[RunConfiguration],
    groups: Sequence[Sequence[int]],
    seeds: Sequence[int],
    energy_range: bool,
    workers: int,
) -> Iterator[tuple[int, Cell]]:
    """Yield (index, cell) as cells are finished.

    A process takes a group at a time, whose step costs it computes once; when no group is left it takes the last
    member of another's. All end with the iteration, and by themselves if this process is killed.

    Parameters
    ----------
    groups
        Indices into the configurations.

    Raises
    ------
    AhasdError
        A process has died, of a lack of memory for instance.
    """
    context = multiprocessing.get_context("spawn")
    waiting = [list(group) for group in groups]
    pool: dict[Connection, tuple[SpawnProcess, list[int]]] = {}
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            given = theirs, list(configurations), list(seeds), energy_range
            process = context.Process(target=_work, args=given, daemon=True)
            process.start()
            theirs.close()
            pool[ours] = process, []
        busy = {ours for ours in pool if _give(ours, pool, waiting)}
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
                if not _give(ready, pool, waiting):
                    busy.discard(ready)
                yield finished
    finally:
        for ours, (process, _) in pool.items():
            ours.close()
            process.terminate()
        for process, _ in pool.values():
            process.join()


def _give(
    ours: Connection, pool: dict[Connection, tuple[SpawnProcess, list[int]]], waiting: list[list[int]]
) -> bool:
    """Hand a process its next cell, if there is one."""
    own = pool[ours][1]
    if not own and waiting:
        own.extend(waiting.pop(0))
    if not own:
        own = max((group for _, group in pool.values()), key=len)
        if not own:
            return False
        ours.send(own.pop())
        return True
    ours.send(own.pop(0))
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
