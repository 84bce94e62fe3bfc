"""Decode several texts at once: each round is one pass of the target over all that are not at their end."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter, thread_time
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.batch_row import BatchRow, BatchText
from ahasd.decoding.batched.drafting.batch_drafts import BatchDrafts
from ahasd.decoding.batched.drafting.drafting_worth import DraftingWorth
from ahasd.decoding.batched.judging import judge_rows
from ahasd.decoding.batched.passes.batched_runner import MOST_ROWS, RowTokens
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.metrics import DecodingMetrics, MetricsRecorder, combine
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.stopping import Stopping
from ahasd.errors import AhasdError


class BatchDecoder:
    """Decodes up to 16 texts at once, with drafts or without.

    A round drafts for every row, verifies all drafts in one pass of the target, and every row takes what it accepted
    and one token of the target's own; a row whose text has ended leaves the batch. Rows have rules, random numbers
    and policies of their own, so what one becomes is up to its prompt and request alone, but for rounding.

    Parameters
    ----------
    target
        Its cache belongs to this object.
    drafts
        Who drafts; None for the target alone.
    method, algorithm
        For the figures.
    tokenizer
        Of the target, for stop strings; None if there is none.

    Attributes
    ----------
    worth
        Knows from earlier batches whether drafting pays here.
    """

    def __init__(
        self,
        target: TimedPasses,
        drafts: BatchDrafts | None,
        method: str,
        algorithm: str = "",
        tokenizer: Any = None,
    ) -> None:
        self._target, self._drafts, self._tokenizer = target, drafts, tokenizer
        self._labels = (method, algorithm, str(target.runner.dtype).removeprefix("torch."))
        self.worth = DraftingWorth()
        # Where a CPU computes, what other programs take does not count.
        runs_here = torch.device(target.runner.device).type == "cpu" and not target.least_seconds
        self._seconds = thread_time if runs_here else perf_counter

    def decode(
        self, prompts: Sequence[Sequence[int]], requests: Sequence[GenerationRequest], always_draft: bool
    ) -> list[BatchText]:
        """Decode one text for every prompt.

        Parameters
        ----------
        prompts
            1 to 16, each checked, of at least one token.
        requests
            One for each, with end tokens and prompt length.
        always_draft
            Whether to draft also where rounds without are measured to write more.

        Raises
        ------
        AhasdError
            If there are more.
        """
        check_batch_size(len(prompts))
        rows = [self._row(prompt, request) for prompt, request in zip(prompts, requests, strict=True)]
        live = [row for row in rows if not row.stopping.ended]
        if live:
            self._decode(live, None if always_draft else self.worth)
        return [row.result() for row in rows]

    def _decode(self, live: list[BatchRow], worth: DraftingWorth | None) -> None:
        live = self._read_prompts(live)
        drafts = self._drafts
        if drafts is None:
            while live:
                self._round(live, None)
                live = self._without_ended(live)
            return
        if not live:
            return
        drafts.start(live)
        if worth is not None:
            worth.start(len(live))
        drafting = worth is None or worth.drafts(_remaining(live))
        if drafting:
            drafts.prepare(live)
            for row in live:
                row.recorder.prefilled()
        caught_up = drafting
        while live:
            began, lengths = self._seconds(), [len(row.text) for row in live]
            self._round(live, drafts if drafting else None)
            if worth is not None:
                gained = [len(row.text) - length for row, length in zip(live, lengths, strict=True)]
                worth.took(drafting, gained, self._seconds() - began, caught_up)
            caught_up = drafting
            live = self._without_ended(live, drafts, worth)
            drafting = bool(live) and (worth is None or worth.drafts(_remaining(live)))

    def _read_prompts(self, live: list[BatchRow]) -> list[BatchRow]:
        """Have the target read all prompts in one pass, which gives every row its first token."""
        self._target.start([row.target_steps for row in live])
        logits = self._target.forward([RowTokens(place, row.text, 1) for place, row in enumerate(live)])
        for row in live:
            row.recorder.prefilled()
        self._take(live, [[] for _ in live], logits)
        return self._without_ended(live)

    def _round(self, live: Sequence[BatchRow], drafts: BatchDrafts | None) -> None:
        proposals = [[] for _ in live] if drafts is None else drafts.propose(live)
        logits = self._target.forward(
            [
                RowTokens(place, [row.text[-1], *(each.token for each in drafted)], len(drafted) + 1)
                for place, (row, drafted) in enumerate(zip(live, proposals, strict=True))
            ]
        )
        accepted = self._take(live, proposals, logits)
        for place, (row, drafted, count) in enumerate(zip(live, proposals, accepted, strict=True)):
            # Both caches hold a part of the text without its last token.
            self._target.runner.cut(place, len(row.text) - 1)
            if drafts is not None:
                drafts.settle(place, len(row.text), count, count < len(drafted))

    def _take(
        self, live: Sequence[BatchRow], proposals: Sequence[Sequence[Proposal]], logits: Any
    ) -> list[int]:
        """Judge, and give every row its tokens; how many drafts each accepted."""
        verdicts = judge_rows([row.rule for row in live], proposals, logits, [row.text for row in live])
        for row, drafted, verdict in zip(live, proposals, verdicts, strict=True):
            assert verdict.own_token is not None
            accepted, rejected = verdict.accepted, verdict.accepted < len(drafted)
            row.recorder.drafted += len(drafted)
            row.recorder.verified(accepted, int(rejected), len(drafted) - accepted - rejected)
            row.recorder.judged(verdict)
            row.take([*(each.token for each in drafted[:accepted]), verdict.own_token])
        return [verdict.accepted for verdict in verdicts]

    def _without_ended(
        self, live: list[BatchRow], drafts: BatchDrafts | None = None, worth: DraftingWorth | None = None
    ) -> list[BatchRow]:
        """Have rows leave whose text has ended."""
        going = [place for place, row in enumerate(live) if not row.stopping.ended]
        if len(going) < len(live) and going:
            for each in (self._target, drafts, worth):
                if each is not None:
                    each.select(going)
        return [live[place] for place in going]

    def _row(self, prompt: Sequence[int], request: GenerationRequest) -> BatchRow:
        return BatchRow(
            request,
            Stopping(request, self._tokenizer),
            build_rule(request, self._target.runner.vocabulary_size, "target"),
            MetricsRecorder(*self._labels),
            list(prompt),
        )


def _remaining(live: Sequence[BatchRow]) -> list[int]:
    return [row.stopping.remaining for row in live]


def check_batch_size(size: int) -> None:
    """Raise AhasdError unless so many prompts can be decoded at once."""
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_ROWS:
        raise AhasdError(f"batch size is {size!r}; must be 1 to {MOST_ROWS} prompts decoded at once")


def batch_metrics(texts: Sequence[BatchText]) -> DecodingMetrics:
    """Give the figures of a batch: its seconds are those of all rows together, not their sum."""
    parts = [text.metrics for text in texts]
    spans = [part.seconds_prefill + part.seconds for part in parts]
    prefill = max(part.seconds_prefill for part in parts)
    return replace(combine(parts), seconds=max(spans) - prefill, seconds_prefill=prefill)
