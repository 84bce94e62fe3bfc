"""A runner over several rows whose passes are timed for every row, and padded where a latency is emulated."""

from collections.abc import Sequence
from time import perf_counter, sleep
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, Leaving, RowTokens
from ahasd.decoding.models.paced_runner import ModelStep


class TimedPasses:
    """Runs passes and notes in the log of every row that is fed what it was given and how long the pass took.

    Parameters
    ----------
    runner
        Does the work.
    least_seconds
        What a pass lasts at least (emulated latency), whatever its rows; 0 for no padding.

    Attributes
    ----------
    runner, least_seconds
        The same.
    """

    def __init__(self, runner: BatchedRunner, least_seconds: float = 0.0) -> None:
        self.runner, self.least_seconds = runner, least_seconds
        self._waits_for_device = torch.device(runner.device).type == "cuda"
        self._logs: list[list[ModelStep]] = []

    def start(self, logs: Sequence[list[ModelStep]]) -> None:
        """Begin a batch with a row for every log."""
        self._logs = list(logs)
        self.runner.start(len(logs))

    def forward(self, fed: Sequence[RowTokens], leaving: Leaving | None = None) -> Any:
        """Append tokens; see `BatchedRunner.forward`."""
        began = perf_counter()
        logits = self.runner.forward(fed) if leaving is None else self.runner.forward(fed, leaving)
        if self._waits_for_device:
            torch.cuda.synchronize(self.runner.device)
        left = began + self.least_seconds - perf_counter()
        if left > 0:
            sleep(left)
        seconds = perf_counter() - began
        for each in fed:
            self._logs[each.row].append(ModelStep(len(each.tokens), each.wanted, seconds, began))
        return logits

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self.runner.select(rows)
        self._logs = [self._logs[row] for row in rows]
