"""Batches on processes of this machine, by the standard library's pool."""

import multiprocessing
import os
import signal
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from threading import Thread

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Batch, Finished
from ahasd.experiments.executors.mended import Mended
from ahasd.experiments.executors.worker import take_traces, work
from ahasd.traces.rollout.rollout import RolloutTrace

#: How often a pool is started anew in which not one process has come up (ours).
STARTS = 3


class Processes(Mended):
    """Runs batches on a pool of new processes; a pool that breaks is replaced."""

    def __init__(self, workers: int, traces: Mapping[str, RolloutTrace]) -> None:
        self.workers = workers
        self._traces = dict(traces)
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """End all processes, also in the middle of a batch."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # The pool would wait for batches that nobody wants any more; it has no public way not to before Python 3.14.
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()

    def _room(self) -> int:
        return self.workers

    def _ended(
        self, running: Mapping["Future[Finished]", Batch]
    ) -> list[tuple["Future[Finished]", Finished | None]]:
        ended = wait(running, return_when=FIRST_COMPLETED).done
        if any(isinstance(future.exception(), BrokenProcessPool) for future in ended):
            # All that is in hand ends with the pool, but for what came back at the same moment.
            ended = wait(running).done
            self.close()
        return [(future, _result(future)) for future in ended]

    def _submit(self, batch: Batch) -> "Future[Finished]":
        for _ in range(STARTS):
            if self._pool is None:
                self._pool = self._started()
            try:
                return self._pool.submit(work, batch)
            except BrokenProcessPool:  # since the last batch came back
                self.close()
        raise AhasdError(_no_start())

    def _started(self) -> ProcessPoolExecutor:
        """A pool of which one process at least has come up."""
        for _ in range(STARTS):
            self._pool = pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), _begin, (self._traces,)
            )
            try:
                pool.submit(os.getpid).result()
                return pool
            except BrokenProcessPool:
                self.close()
        raise AhasdError(_no_start())


def _result(future: "Future[Finished]") -> Finished | None:
    """What a batch came to; None if it went with its process."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _no_start() -> str:
    return (
        f"worker processes have ended {STARTS} times while they were starting, perhaps for a lack of memory; a "
        'script must guard its entry with `if __name__ == "__main__":`. One worker runs everything in this process. '
        "What was finished is kept: the same command goes on"
    )


def _begin(traces: Mapping[str, RolloutTrace]) -> None:
    """Set a new process up; Ctrl-C is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    take_traces(traces)


def _end_with_parent() -> None:
    """End when the process that asks has been killed, which the pool's processes would not notice."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)
