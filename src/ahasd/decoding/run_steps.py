"""The record of a run: what each pass of a model took, and how many tokens came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep

Kind = Literal["prefill", "draft", "verify"]


@dataclass(frozen=True, slots=True)
class RunStep:
    """A pass of a model.

    Parameters
    ----------
    kind
        What for. The target's prefill gives the first token of the text too.
    side
        Which model.
    start_s, seconds
        When it began, since the request; how long it took, emulated latency included.
    tokens
        That it read.
    new_tokens
        Tokens of the text that came of it, the target's own included and those behind the end not; 0 for the draft.
    """

    kind: Kind
    side: Literal["draft", "target"]
    start_s: float
    seconds: float
    tokens: int
    new_tokens: int


@dataclass(frozen=True, slots=True)
class RunSteps:
    """All passes of a request. The names are those of the run logs of AMUSD (arXiv 2410.17375).

    Parameters
    ----------
    method, algorithm
        How it was decoded.
    timeline
        In the order in which they began.
    tokens_over_time
        (seconds since the request, tokens of the text by then), a pair for every round.
    """

    method: str
    algorithm: str
    timeline: tuple[RunStep, ...]
    tokens_over_time: tuple[tuple[float, int], ...]

    @property
    def draft_times(self) -> tuple[float, ...]:
        """Seconds of every step of the draft, prefill apart; empty without a draft model."""
        return tuple(step.seconds for step in self.timeline if step.kind == "draft")

    @property
    def verify_times(self) -> tuple[float, ...]:
        """Seconds of every pass of the target, prefill apart; waiting for drafts is not in them."""
        return tuple(step.seconds for step in self.timeline if step.kind == "verify")

    @property
    def accepted_tokens(self) -> tuple[int, ...]:
        """Tokens of the text that came of each of these passes, the target's own included."""
        return tuple(step.new_tokens for step in self.timeline if step.kind == "verify")

    @property
    def total_time(self) -> float:
        """Seconds from the request to the last token, prefill included."""
        return self.tokens_over_time[-1][0] if self.tokens_over_time else 0.0

    @property
    def tokens_generated(self) -> int:
        """Tokens of the text."""
        return self.tokens_over_time[-1][1] if self.tokens_over_time else 0


def run_steps(recorder: MetricsRecorder, draft: Sequence[ModelStep], target: Sequence[ModelStep]) -> RunSteps:
    """Put the record together.

    Parameters
    ----------
    recorder
        Knows what every round gave out.
    draft, target
        Calls of the models; one of the target for each round, the first of which read the prompt. Calls whose round
        was not waited for, as the text had ended, are left out.
    """
    began, rounds = recorder.began, recorder.rounds
    timeline = [
        RunStep(
            "draft" if step.rows else "prefill", "draft", step.began - began, step.seconds, step.tokens, 0
        )
        for step in draft
    ]
    timeline += [
        RunStep(
            "verify" if place else "prefill", "target", step.began - began, step.seconds, step.tokens, new
        )
        for place, (step, (_, new)) in enumerate(zip(target, rounds, strict=False))
    ]
    total, over_time = 0, []
    for moment, new in rounds:
        total += new
        over_time.append((moment - began, total))
    method, algorithm = recorder.labels
    ordered = sorted(timeline, key=lambda step: step.start_s)
    return RunSteps(method, algorithm, tuple(ordered), tuple(over_time))
