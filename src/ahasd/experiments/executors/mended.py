"""What executors have in common whose workers may die."""

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from ahasd.experiments.executors.batch import Batch, Finished
from ahasd.experiments.executors.executor import Executor
from ahasd.experiments.executors.worker import failed
from ahasd.experiments.model_version import MODEL_VERSION

#: Why a task has no result with which a worker died a second time.
DIED = "the process that ran it ended twice, perhaps for a lack of memory"

#: A running batch, as the executor knows it.
Handle = Any


class Mended(Executor):
    """Runs what a dead worker left behind again, each task alone.

    Nothing else runs then, so that a second death is the task's own. Whoever extends it says how a batch is
    submitted and how it ends.
    """

    def run(self, batches: Iterator[Batch]) -> Iterator[Finished]:
        """See `Executor`."""
        suspects: deque[Batch] = deque()
        running: dict[Handle, Batch] = {}
        while True:
            alone = bool(suspects) and not running
            if alone:
                batch = suspects.popleft()
                running[self._submit(batch)] = batch
            while not alone and not suspects and len(running) < self._room():
                drawn = next(batches, None)
                if drawn is None:
                    break
                running[self._submit(drawn)] = drawn
            if not running:
                return
            for handle, finished in self._ended(running):
                batch = running.pop(handle)
                if finished is not None:
                    yield finished
                elif alone:
                    yield _convicted(batch)
                else:
                    suspects.extend(Batch((task,)) for task in batch.tasks)

    @abstractmethod
    def _room(self) -> int:
        """How many batches are to be in hand."""

    @abstractmethod
    def _submit(self, batch: Batch) -> Handle:
        """Hand a batch to a worker."""

    @abstractmethod
    def _ended(self, running: Mapping[Handle, Batch]) -> list[tuple[Handle, Finished | None]]:
        """Wait for some of what is running; None for a batch whose worker has died."""


def _convicted(batch: Batch) -> Finished:
    """What comes back of a task with which a worker died while nothing else ran."""
    (task,) = batch.tasks
    return Finished(batch, (failed(task, DIED),), 0.0, MODEL_VERSION)
