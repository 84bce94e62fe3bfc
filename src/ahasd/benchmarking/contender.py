"""What a benchmark compares: ways to turn a prompt into a text."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.backend import torch
from ahasd.decoding.metrics import DecodingMetrics
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.run_steps import RunSteps
from ahasd.decoding.speculative.ngram_decoder import DEFAULT_ALGORITHM
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class TextRun:
    """One text, greedy.

    Attributes
    ----------
    tokens
        The new ones.
    seconds
        Of decoding; see `Contender.note` for what belongs to it.
    ttft_s
        From the request to the first token; None without tokens.
    metrics
        Further figures; None where the method has none.
    tokens_over_time
        (seconds since the request, tokens by then), a pair for every round.
    accepted_tokens
        Tokens of the text by pass of the target, prefill apart; empty where the method does not say.
    steps
        Every pass; None where the method does not say.
    """

    tokens: tuple[int, ...]
    seconds: float
    ttft_s: float | None
    metrics: DecodingMetrics | None = None
    tokens_over_time: tuple[tuple[float, int], ...] = ()
    accepted_tokens: tuple[int, ...] = ()
    steps: RunSteps | None = None

    @property
    def timed_tokens(self) -> int:
        """Those that `seconds` holds the time of: without the one that came with the prompt, where that is apart."""
        return len(self.tokens) - (0 if self.metrics is None else self.metrics.tokens_of_prefill)


class Contender(ABC):
    """A method, with a drafting algorithm where it has one.

    Life cycle: made, ``run`` for prompt after prompt, ``close`` once.

    Attributes
    ----------
    method, algorithm
        Names; the algorithm "" where there is none to choose.
    note
        What to know of its figures; "" for nothing.
    """

    method: str
    algorithm: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """Method and algorithm."""
        return f"{self.method} {self.algorithm}".rstrip()

    @abstractmethod
    def run(self, prompt: Sequence[int], max_new_tokens: int) -> TextRun:
        """Decode a prompt of at least one token."""

    def close(self) -> None:  # noqa: B027  # most have nothing to give back
        """Give back what it holds."""


class OwnContender(Contender):
    """A method of this package; each of its processes has as many threads of torch as this one.

    Parameters
    ----------
    method, algorithm
        See `SpeculativeDecoder`; the algorithm matters neither to the target alone nor to n-grams, and is a tree's
        where the method is ``"tree"``.
    target, draft
        Loaded models; the draft may be None for the target alone.
    latency
        To emulate.
    trace
        To calibrate an algorithm on, None without.
    """

    def __init__(
        self,
        method: str,
        algorithm: str,
        target: LanguageModel,
        draft: LanguageModel | None,
        latency: EmulatedLatency,
        trace: RolloutTrace | str | None = None,
    ) -> None:
        if method == "ngram":
            algorithm = DEFAULT_ALGORITHM
        if method == "tree":
            draft, trace = None, None
        self.method, self.algorithm = method, "" if method == "autoregressive" else algorithm
        self._decoder = SpeculativeDecoder(
            target,
            draft,
            cast(Any, method),
            algorithm,
            draft_seconds=latency.draft_s,
            target_seconds=latency.target_s,
            trace=trace,
            threads=torch.get_num_threads(),
        )

    def run(self, prompt: Sequence[int], max_new_tokens: int) -> TextRun:
        """Decode; its own clock takes the time."""
        tokens = tuple(self._decoder.stream(list(prompt), max_new_tokens=max_new_tokens, do_sample=False))
        metrics, steps = self._decoder.metrics, self._decoder.steps
        over_time, accepted = steps.tokens_over_time, steps.accepted_tokens
        return TextRun(tokens, metrics.seconds, metrics.ttft_s, metrics, over_time, accepted, steps)

    def close(self) -> None:
        """End the processes of an asynchronous decoder."""
        self._decoder.close()
