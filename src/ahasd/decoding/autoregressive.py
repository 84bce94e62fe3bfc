"""The target alone, one token after another."""

from collections.abc import Iterator, Sequence
from typing import Any

from ahasd.decoding.decoder import Decoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep, timed
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.stopping import Stopping


class AutoregressiveDecoder(Decoder):
    """Decodes with the target alone.

    Parameters
    ----------
    target
        Its cache belongs to this decoder while a text is decoded.
    tokenizer
        Of the target, for stop strings; None if there is none.
    """

    method = "autoregressive"

    def __init__(self, target: ModelRunner, tokenizer: Any = None) -> None:
        super().__init__(target, tokenizer)
        self._target = timed(target)

    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        return (), self._target.steps

    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield one token after another, the first by the pass that takes in the prompt."""
        target, rule = self._target, build_rule(request, self._target.vocabulary_size, "target")
        target.reset()
        text, unread = list(prompt), prompt
        while True:
            verdict = rule.own(target.forward(unread, rows=1)[0], text)
            if unread is prompt:
                recorder.prefilled()
            recorder.verified(0)
            recorder.judged(verdict)
            assert verdict.own_token is not None
            unread = [verdict.own_token]
            text += unread
            yield unread
