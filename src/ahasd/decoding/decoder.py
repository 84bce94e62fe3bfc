"""What every method of decoding does: turn a prompt and a request into tokens, and say what it took."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from ahasd.decoding.backend import torch
from ahasd.decoding.metrics import DecodingMetrics, MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.run_steps import RunSteps, run_steps
from ahasd.decoding.stopping import Stopping
from ahasd.errors import AhasdError


class TargetFacts(Protocol):
    """What a decoder must know of its target; a `ModelRunner` says it."""

    name: str
    vocabulary_size: int
    context_limit: int | None
    end_tokens: frozenset[int]
    dtype: Any


class Decoder(ABC):
    """Decodes one request at a time, one text after another.

    A subclass implements `rounds`; ending the text, checking the prompt and the frame of the metrics are the
    same for all.

    Parameters
    ----------
    target
        What is asked of it here: name, vocabulary, context, end tokens and type of weights. (A runner; its
        cache is not touched here.)
    tokenizer
        Of the target, for stop strings; None if there is none.
    algorithm
        The drafting algorithm as written, "" without a draft.
    """

    method: ClassVar[str]

    #: What a user should know of this decoder.
    notes: Sequence[str] = ()

    def __init__(self, target: TargetFacts, tokenizer: Any = None, algorithm: str = "") -> None:
        self._facts, self._tokenizer, self._algorithm = target, tokenizer, algorithm
        self._dtype = str(target.dtype).removeprefix("torch.")
        self._busy = False
        self._process = os.getpid()
        self._recorder = MetricsRecorder(self.method, algorithm, self._dtype)

    @property
    def metrics(self) -> DecodingMetrics:
        """Figures of the request that runs, or of the last one."""
        return self._recorder.result()

    @property
    def steps(self) -> RunSteps:
        """What the models did in the last request, pass by pass; whole when its text has ended."""
        return run_steps(self._recorder, *self._model_steps())

    @abstractmethod
    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        """Calls of draft and target in the last request; the first of the target gives the first token."""

    def tokens(self, prompt: Sequence[int], request: GenerationRequest) -> Iterator[int]:
        """Yield the new tokens one by one as they become text, an end token included.

        Prompt and request are checked at once, before the first token is asked for. The iterator may be closed
        early.

        Parameters
        ----------
        prompt
            Token ids, at least one.

        Raises
        ------
        AhasdError
            If the prompt is empty, has ids that the target does not know, or with `max_new_tokens` exceeds the
            target's context; if this is a fork of the process that made the decoder; or, with the first token, if
            another iterator has begun and is neither used up nor closed.
        """
        request = self.prepared(prompt, request)
        return self._run(list(prompt), request, Stopping(request, self._tokenizer))

    def prepared(self, prompt: Sequence[int], request: GenerationRequest) -> GenerationRequest:
        """Check a prompt and its request, and fill in the length of the one and the end tokens.

        Raises
        ------
        AhasdError
            As `tokens` does.
        """
        self._check_process()
        self._check(prompt, request)
        end_tokens = self._facts.end_tokens if request.eos_token_id is None else request.eos_token_id
        return replace(request, prompt_length=len(prompt), eos_token_id=tuple(sorted(end_tokens)))

    @abstractmethod
    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield new tokens round by round; whoever asks stops asking when the text has ended.

        Parameters
        ----------
        prompt
            At least one token; the decoder's own copy.
        request
            With its end tokens and the length of the prompt.
        stopping
            Says how many tokens may still come; it has taken in every round that was yielded when the next
            one is asked for.
        recorder
            Told when the prompt is filled in, what is drafted and what came of it; the tokens of the text are
            counted outside.
        """

    def close(self) -> None:  # noqa: B027  # most decoders have nothing to give back
        """Give back what outlives a request (processes, memory); to be called once or more."""

    def _run(self, prompt: list[int], request: GenerationRequest, stopping: Stopping) -> Iterator[int]:
        if self._busy:
            raise AhasdError(
                "this decoder is still decoding another text; use that iterator up or close it first, or make "
                "a second decoder"
            )
        self._busy = True
        recorder = self._recorder = MetricsRecorder(self.method, self._algorithm, self._dtype)
        rounds = self.rounds(prompt, request, stopping, recorder)
        try:
            while not stopping.ended:
                found = next(rounds)
                kept = stopping.keep(found)
                recorder.emitted(len(kept), len(found) - len(kept))
                yield from kept
        finally:
            self._busy = False
            close = getattr(rounds, "close", None)
            if close is not None:
                close()

    def _check_process(self) -> None:
        """See that this is no fork that would wait for threads of torch, which a fork does not have."""
        if os.getpid() != self._process and torch.get_num_threads() > 1:
            raise AhasdError(
                f"a decoder of process {self._process} cannot be used in its fork {os.getpid()}: it would wait for "
                "threads of torch, which do not survive a fork. Make the decoder after the fork (in a server, when a "
                "worker starts), start processes by spawning, or call torch.set_num_threads(1) in the fork"
            )

    def _check(self, prompt: Sequence[int], request: GenerationRequest) -> None:
        if not len(prompt):
            raise AhasdError("the prompt has no tokens; give at least one, such as the start-of-text token")
        size, limit = self._facts.vocabulary_size, self._facts.context_limit
        smallest, largest = min(prompt), max(prompt)
        if smallest < 0 or largest >= size:
            raise AhasdError(
                f"the prompt holds token {smallest if smallest < 0 else largest}; '{self._facts.name}' knows "
                f"0 to {size - 1}; was it encoded with another tokenizer?"
            )
        needed = len(prompt) + request.max_new_tokens
        if limit is not None and needed > limit:
            raise AhasdError(
                f"the text needs a context of {needed}: {len(prompt)} tokens of the prompt + "
                f"{request.max_new_tokens} new ones; '{self._facts.name}' has {limit}. "
                "Shorten the prompt or lower max_new_tokens."
            )
