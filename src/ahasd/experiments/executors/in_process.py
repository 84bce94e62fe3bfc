"""Batches in this process."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from ahasd.experiments.executors.batch import Batch, Finished
from ahasd.experiments.executors.executor import Executor
from ahasd.experiments.executors.worker import take_traces, work
from ahasd.traces.rollout.rollout import RolloutTrace


class InProcess(Executor):
    """Runs one batch after the other, here. A task that ends this process is not mended."""

    batch_seconds: ClassVar[float] = 0.1  # nothing is handed over

    def __init__(self, traces: Mapping[str, RolloutTrace]) -> None:
        take_traces(traces)

    def run(self, batches: Iterator[Batch]) -> Iterator[Finished]:
        """See `Executor`."""
        return map(work, batches)

    def close(self) -> None:
        """There is nothing to end."""
