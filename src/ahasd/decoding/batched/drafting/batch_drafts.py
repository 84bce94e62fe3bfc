"""Who drafts for the rows of a batch."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ahasd.decoding.batched.batch_row import BatchRow
from ahasd.decoding.rules.rule import Proposal


class BatchDrafts(ABC):
    """Proposes tokens behind the texts of a batch, to each row its own number.

    Life cycle: ``start`` with rows that hold a prompt and one new token each; then ``propose`` and ``settle`` in
    turn, once a round, and ``select`` whenever rows leave. Rounds without drafts may come between, of which nothing
    is told: what was not seen of the texts is read with the next proposals. ``prepare`` reads it before, where drafts
    will come.
    """

    @abstractmethod
    def start(self, rows: Sequence[BatchRow]) -> None:
        """Forget the old texts and begin with new ones."""

    @abstractmethod
    def prepare(self, rows: Sequence[BatchRow]) -> None:
        """Read all of the texts but their last tokens."""

    @abstractmethod
    def propose(self, rows: Sequence[BatchRow]) -> list[list[Proposal]]:
        """Propose tokens behind each text, at most its `BatchRow.draft_limit`; perhaps none."""

    @abstractmethod
    def settle(self, row: int, length: int, accepted: int, rejected: bool) -> None:
        """Learn a row's verdict.

        Parameters
        ----------
        length
            Tokens of its text now.
        accepted, rejected
            How many of its proposals became text, and whether one was rejected.
        """

    @abstractmethod
    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows, counted anew from 0."""
