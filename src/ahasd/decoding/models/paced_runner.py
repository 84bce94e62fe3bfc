"""A model that takes at least so long, so that two cores can stand in for two devices; and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import perf_counter, sleep
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.runner import ModelRunner
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class ModelStep:
    """One call of a model.

    Parameters
    ----------
    tokens
        That it was given.
    rows
        Of logits that it gave; 0 when a prompt is filled in.
    seconds
        That it took, padding included.
    began
        When, on the clock of ``time.perf_counter``, which the processes of one machine share.
    """

    tokens: int
    rows: int
    seconds: float
    began: float = 0.0


class PacedRunner(ModelRunner):
    """Passes everything on to a runner, pads each forward to a minimum duration and takes its time.

    Parameters
    ----------
    runner
        Does the work.
    least_seconds
        What a forward lasts at least (emulated latency); 0 for no padding.

    Attributes
    ----------
    steps
        Every forward since the last reset.
    """

    def __init__(self, runner: ModelRunner, least_seconds: float = 0.0) -> None:
        self.name, self.device, self.dtype = runner.name, runner.device, runner.dtype
        self.vocabulary_size, self.context_limit = runner.vocabulary_size, runner.context_limit
        self.end_tokens = runner.end_tokens
        self._runner, self._least_seconds = runner, least_seconds
        self._waits_for_device = torch.device(runner.device).type == "cuda"
        self.steps: list[ModelStep] = []

    @property
    def length(self) -> int:
        """Number of cached tokens."""
        return self._runner.length

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        began = perf_counter()
        self._runner.keep_states = self.keep_states
        logits = self._runner.forward(tokens, rows)
        self.states = self._runner.states
        if self._waits_for_device:
            torch.cuda.synchronize(self.device)
        left = began + self._least_seconds - perf_counter()
        if left > 0:
            sleep(left)
        rows = len(tokens) if rows is None else rows
        self.steps.append(ModelStep(len(tokens), rows, perf_counter() - began, began))
        return logits

    def roll_back(self, length: int) -> None:
        """Keep the first tokens of the cache."""
        self._runner.roll_back(length)

    def reset(self) -> None:
        """Empty the cache and forget the steps."""
        self._runner.reset()
        self.steps = []


def paced(runner: ModelRunner, least_seconds: float) -> ModelRunner:
    """Pad a runner; without a latency to emulate it stays as it is."""
    return PacedRunner(runner, least_seconds) if least_seconds > 0 else runner


def timed(runner: ModelRunner) -> PacedRunner:
    """Have the calls of a runner timed, if they are not yet."""
    return runner if isinstance(runner, PacedRunner) else PacedRunner(runner)


def check_latencies(draft_seconds: float, target_seconds: float) -> None:
    """Raise AhasdError if a latency to emulate is negative or no number."""
    if not (0 <= draft_seconds < inf and 0 <= target_seconds < inf):
        raise AhasdError(
            f"emulated latencies of {draft_seconds} s (draft) and {target_seconds} s (target); give at least 0"
        )
