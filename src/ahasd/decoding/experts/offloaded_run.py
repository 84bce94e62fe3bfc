"""A text written by a mixture whose experts lie on disk, and what it took."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import sub
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.offloaded_model import OffloadedModel
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the text took.

    Parameters
    ----------
    tokens
        Consumed by the model.
    seconds, seconds_waited
        Of all work, and of them those in which the processor waited for reads.
    hits, misses
        By layer; see `Traffic`.
    bytes_read
        Of experts.
    seconds_reading
        In which the reading thread was at work; more than `seconds_waited` where reads ran beside products.
    """

    tokens: int
    seconds: float
    seconds_waited: float
    hits: tuple[int, ...]
    misses: tuple[int, ...]
    bytes_read: int
    seconds_reading: float

    @property
    def hit_rate(self) -> float | None:
        """Share of the experts taken that were resident; None where none were taken."""
        taken = sum(self.hits) + sum(self.misses)
        return sum(self.hits) / taken if taken else None


@dataclass(frozen=True, slots=True)
class PassRecord:
    """One call of the model.

    Parameters
    ----------
    start_s, seconds
        Since the first call began; how long it took.
    tokens
        Consumed.
    seconds_waited, hits, misses, bytes_read
        As of a `Part`, hits and misses over all layers. What is read ahead during a pass counts to it.
    """

    start_s: float
    seconds: float
    tokens: int
    seconds_waited: float
    hits: int
    misses: int
    bytes_read: int


@dataclass(frozen=True, slots=True)
class OffloadedRun:
    """One run.

    Parameters
    ----------
    prompt, tokens
        Ids of what was given and of what was written.
    prefix, continuation
        What each took; the last token is written and not consumed, so the continuation has one less than `tokens`.
    prefetched, prefetched_used
        Experts read ahead of need, and those of them that were taken then.
    left_out
        Experts that the router chose and the gate left out.
    passes
        Every call of the model in turn.
    """

    prompt: list[int]
    tokens: list[int]
    prefix: Part
    continuation: Part
    prefetched: int
    prefetched_used: int
    left_out: int
    passes: tuple[PassRecord, ...] = ()


class _Meter:
    """Takes the counters of a model at the ends of parts."""

    def __init__(self, model: OffloadedModel) -> None:
        self._model = model
        self._last = self._now(0)

    def part(self, tokens: int) -> Part:
        """What was counted since the last part."""
        before, self._last = self._last, self._now(tokens)
        now = self._last
        return Part(
            tokens,
            now.seconds - before.seconds,
            now.seconds_waited - before.seconds_waited,
            tuple(map(sub, now.hits, before.hits)),
            tuple(map(sub, now.misses, before.misses)),
            now.bytes_read - before.bytes_read,
            now.seconds_reading - before.seconds_reading,
        )

    def _now(self, tokens: int) -> Part:
        """All counters since the model was loaded."""
        traffic, reader = self._model.residency.traffic, self._model.reader
        return Part(
            tokens,
            time.perf_counter(),
            traffic.seconds_waited,
            tuple(traffic.hits),
            tuple(traffic.misses),
            reader.bytes_read,
            reader.seconds,
        )


class MeteredRunner(TransformersRunner):
    """Tells when the prefix is done; and feeds it token by token where all layers share a cache.

    A cache that layers share hears of them token by token in a replay, so it must here.
    """

    def __init__(self, model: OffloadedModel, one_by_one: bool) -> None:
        super().__init__(model.model)
        self._one_by_one = one_by_one
        self._meter, self._offloaded, self._began = _Meter(model), model, time.perf_counter()
        self.passes: list[PassRecord] = []
        self.prefix: Part | None = None
        self._consumed = 0

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        of_pass, began = _Meter(self._offloaded), time.perf_counter()
        if not self.passes:
            self._began = began
        if self._one_by_one and rows == 1:
            for token in tokens:
                logits = super().forward([token], rows=1)
        else:
            logits = super().forward(tokens, rows)
        part = of_pass.part(len(tokens))
        self.passes.append(
            PassRecord(
                began - self._began,
                time.perf_counter() - began,
                len(tokens),
                part.seconds_waited,
                sum(part.hits),
                sum(part.misses),
                part.bytes_read,
            )
        )
        if self.prefix is None:
            self.prefix = self._meter.part(len(tokens))
        else:
            self._consumed += len(tokens)
        return logits

    def continuation(self) -> Part:
        """What came after the prefix."""
        return self._meter.part(self._consumed)


def run_offloaded(
    model: OffloadedModel, prompt: Sequence[int], settings: RecordSettings, index: int = 0
) -> OffloadedRun:
    """Let an offloaded model continue a prompt.

    Parameters
    ----------
    prompt
        Token ids, at least one.
    settings
        Mode, temperature, tokens and seed.
    index
        Number of the prompt, which chooses its random numbers.

    Raises
    ------
    AhasdError
        The prompt is empty or does not fit, or a read failed.
    """
    limit = model.model.context_limit
    needed = len(prompt) + settings.tokens_per_prompt
    if not prompt:
        raise AhasdError("the prompt has no tokens; give some text")
    if limit is not None and needed > limit:
        raise AhasdError(
            f"prompt and continuation need a context of {needed}: {len(prompt)} + {settings.tokens_per_prompt}; "
            f"'{model.model.name}' has {limit}. Shorten the prompt or take fewer tokens"
        )
    prefetched, used, left = _counted(model)
    runner = MeteredRunner(model, model.shared)
    with torch.inference_mode():
        text = continue_prompt(runner, prompt, index, runner.vocabulary_size, settings)
    assert runner.prefix is not None, "a prompt has at least one token"
    after = _counted(model)
    return OffloadedRun(
        list(prompt),
        text.tokens,
        runner.prefix,
        runner.continuation(),
        after[0] - prefetched,
        after[1] - used,
        after[2] - left,
        tuple(runner.passes),
    )


def _counted(model: OffloadedModel) -> tuple[int, int, int]:
    traffic = model.residency.traffic
    return traffic.prefetched, traffic.prefetched_used, traffic.left_out
