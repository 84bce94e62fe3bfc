"""One text of a batch: its request, what it has become, and what it took."""

from dataclasses import dataclass, field

from ahasd.decoding.metrics import DecodingMetrics, MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.rule import DecodingRule
from ahasd.decoding.run_steps import RunSteps, run_steps
from ahasd.decoding.stopping import Stopping


@dataclass(slots=True)
class BatchRow:
    """A text under way.

    Parameters
    ----------
    request
        With its end tokens and the length of its prompt.
    stopping
        Says when it ends.
    rule
        Of the target's side.
    recorder
        Of its figures.
    text
        Prompt and new tokens, a surplus behind the end too.
    new
        The new tokens, up to the end.
    draft_steps, target_steps
        Passes in which it was fed.
    """

    request: GenerationRequest
    stopping: Stopping
    rule: DecodingRule
    recorder: MetricsRecorder
    text: list[int]
    new: list[int] = field(default_factory=list)
    draft_steps: list[ModelStep] = field(default_factory=list)
    target_steps: list[ModelStep] = field(default_factory=list)

    def take(self, tokens: list[int]) -> None:
        """Append what a round found, up to the end of the text."""
        self.text += tokens
        kept = self.stopping.keep(tokens)
        self.new += kept
        self.recorder.emitted(len(kept), len(tokens) - len(kept))

    def draft_limit(self) -> int:
        """Tokens that may be drafted in the next round: it yields one of the target's own beside them."""
        remaining = self.stopping.remaining
        return min(remaining - 1, self.request.num_assistant_tokens or remaining)

    def result(self) -> "BatchText":
        """Give what became of it."""
        return BatchText(
            tuple(self.new),
            self.recorder.result(),
            run_steps(self.recorder, self.draft_steps, self.target_steps),
        )


@dataclass(frozen=True, slots=True)
class BatchText:
    """A text that was decoded in a batch.

    Parameters
    ----------
    tokens
        The new ones.
    metrics
        Of this text; its seconds are those of the passes that it shared.
    steps
        Every pass in which it was fed: tokens are its own, seconds those of the pass.
    """

    tokens: tuple[int, ...]
    metrics: DecodingMetrics
    steps: RunSteps
