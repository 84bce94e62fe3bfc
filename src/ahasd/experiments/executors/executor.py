"""The interface of whoever runs batches."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import ClassVar, Self

from ahasd.experiments.executors.batch import Batch, Finished


class Executor(ABC):
    """Runs batches until there are none, in any order; left as a context, it ends whatever it had started.

    It draws a batch when a worker is free, and not before: who makes the batches knows by then how long others took,
    and gives the worker that has just finished more of what it has costs for. A worker that dies takes nothing with
    it but itself: what was not finished is run again, each task alone, and one with which a worker dies twice comes
    back as a failed row.

    Attributes
    ----------
    workers
        Batches that run at once.
    batch_seconds
        About what a batch should take: much longer than handing it over, and short enough to lose.
    """

    workers: int = 1
    batch_seconds: ClassVar[float] = 1.0

    @abstractmethod
    def run(self, batches: Iterator[Batch]) -> Iterator[Finished]:
        """Yield batches as they are finished.

        Raises
        ------
        AhasdError
            There is nobody left to run them.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End what was started."""
