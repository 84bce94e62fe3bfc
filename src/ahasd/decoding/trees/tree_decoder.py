"""One text after another, or several at once, decoded with trees."""

from collections.abc import Iterator, Sequence
from typing import Any

from ahasd.decoding.batched.batch_decoder import check_batch_size
from ahasd.decoding.batched.batch_row import BatchRow, BatchText
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner
from ahasd.decoding.decoder import Decoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.stopping import Stopping
from ahasd.decoding.trees.tree_rounds import TreeRounds

METHOD = "tree"


class TreeDecoder(Decoder):
    """Decodes a text with trees.

    Parameters
    ----------
    target
        Whose passes the rounds run.
    rounds
        Belong to this decoder while a text is decoded.
    tree
        As written.
    tokenizer
        Of the target, for stop strings; None if there is none.
    notes
        What a user should know.
    """

    method = METHOD

    def __init__(
        self,
        target: BatchedRunner,
        rounds: TreeRounds,
        tree: str,
        tokenizer: Any = None,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(target, tokenizer, tree)
        self.notes = tuple(notes)
        self._rounds, self._vocabulary = rounds, target.vocabulary_size
        self._steps: list[ModelStep] = []

    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        return (), self._steps

    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield the accepted path of each round and the target's own token."""
        rule = build_rule(request, self._vocabulary, "target")
        row = BatchRow(request, stopping, rule, recorder, list(prompt))
        self._steps = row.target_steps
        new = self._rounds.begin([row])[0]
        while True:
            row.text += new
            row.new += new
            yield new
            new = self._rounds.round([row])[0]


class TreeBatchDecoder:
    """Decodes up to 16 texts at once with trees; rows are independent but for rounding.

    Parameters
    ----------
    target
        Whose passes the rounds run.
    rounds, tree, tokenizer
        As of `TreeDecoder`.
    """

    def __init__(self, target: BatchedRunner, rounds: TreeRounds, tree: str, tokenizer: Any = None) -> None:
        self._target, self._rounds, self._tokenizer = target, rounds, tokenizer
        self._labels = (METHOD, tree, str(target.dtype).removeprefix("torch."))

    def decode(
        self, prompts: Sequence[Sequence[int]], requests: Sequence[GenerationRequest], always_draft: bool
    ) -> list[BatchText]:
        """Decode one text for every prompt; see `ahasd.decoding.batched.batch_decoder.BatchDecoder.decode`."""
        check_batch_size(len(prompts))
        rows = [self._row(prompt, request) for prompt, request in zip(prompts, requests, strict=True)]
        live = [row for row in rows if not row.stopping.ended]
        if live:
            new = self._rounds.begin(live)
            while True:
                for row, tokens in zip(live, new, strict=True):
                    row.take(tokens)
                going = [place for place, row in enumerate(live) if not row.stopping.ended]
                if not going:
                    break
                if len(going) < len(live):
                    self._rounds.select(going)
                    live = [live[place] for place in going]
                new = self._rounds.round(live, always_draft)
        return [row.result() for row in rows]

    def _row(self, prompt: Sequence[int], request: GenerationRequest) -> BatchRow:
        return BatchRow(
            request,
            Stopping(request, self._tokenizer),
            build_rule(request, self._target.vocabulary_size, "target"),
            MetricsRecorder(*self._labels),
            list(prompt),
        )
