"""Drafts copied from each row's own text."""

from collections.abc import Sequence

from ahasd.decoding.batched.batch_row import BatchRow
from ahasd.decoding.batched.drafting.batch_drafts import BatchDrafts
from ahasd.decoding.clock import picoseconds
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.speculative.alternating import draft_batch
from ahasd.decoding.speculative.ngram_drafter import NgramDrafter
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy


class NgramDrafts(BatchDrafts):
    """An `NgramDrafter` for every row.

    Parameters
    ----------
    algorithm
        "fixed": how many tokens to copy at most.
    vocabulary
        Of the target.
    """

    def __init__(self, algorithm: AlgorithmSpec, vocabulary: int) -> None:
        self._spec, self._vocabulary = algorithm, vocabulary
        self._drafters: list[tuple[NgramDrafter, DraftBatches]] = []

    def start(self, rows: Sequence[BatchRow]) -> None:
        """Make a drafter for every row."""
        self._drafters = [
            (
                NgramDrafter(build_rule(row.request, self._vocabulary, "draft")),
                DraftBatches(build_policy(self._spec)),
            )
            for row in rows
        ]

    def prepare(self, rows: Sequence[BatchRow]) -> None:
        """Nothing is read before it is copied."""

    def propose(self, rows: Sequence[BatchRow]) -> list[list[Proposal]]:
        """Copy behind each text."""
        return [
            draft_batch(drafter, batches, row.text, row.draft_limit())
            for row, (drafter, batches) in zip(rows, self._drafters, strict=True)
        ]

    def settle(self, row: int, length: int, accepted: int, rejected: bool) -> None:
        """Look again behind the text."""
        drafter, batches = self._drafters[row]
        drafter.roll_back(length - 1)
        batches.settle(accepted, rejected, picoseconds())
        batches.restart(0)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the drafters."""
        self._drafters = [self._drafters[row] for row in rows]
