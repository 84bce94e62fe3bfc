"""What the drafter proposes, for the verifier to judge."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.asynchronous.link.board import WORD_BYTES, Board

_ENDS_BATCH = 1 << 31
_TOKEN_MASK = _ENDS_BATCH - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted token.

    Parameters
    ----------
    token
        Its id.
    probabilities
        The distribution that it was drawn from, (vocabulary,), or None if the acceptance rule looks at none (greedy
        and coupled decoding).
    ends_batch
        Whether the drafting policy ended a batch with it.
    """

    token: int
    probabilities: npt.NDArray[np.float32] | None = None
    ends_batch: bool = False


class DraftBoard(Board):
    """Drafted tokens and their distributions in a ring: token i after the prompt in slot i mod capacity.

    The drafter never has more than `capacity` tokens that the text does not cover yet, so the slot of token i is
    free again when the text has got past i − capacity, and the verifier reads only beyond the text. It goes back and
    writes over drafts only after the verifier has published a new epoch, and from then on the verifier looks
    at nothing that was published under an older one. So no slot changes while it can be read.

    Parameters
    ----------
    memory, lock
        As of `Board`; at least ``bytes_needed(capacity, vocabulary)``.
    capacity
        Tokens of the ring.
    vocabulary
        Size of the distributions, 0 if none are kept.
    """

    def __init__(
        self, memory: memoryview, lock: AbstractContextManager[Any], capacity: int, vocabulary: int
    ) -> None:
        super().__init__(memory, lock)
        self.capacity, self.vocabulary = capacity, vocabulary
        self._slots = memory[WORD_BYTES : WORD_BYTES + 4 * capacity].cast("I")
        start = WORD_BYTES + 4 * capacity
        rows = memory[start : self.bytes_needed(capacity, vocabulary)]
        self._rows: npt.NDArray[np.float32] | None = np.frombuffer(rows, dtype=np.float32).reshape(
            capacity, vocabulary
        )

    @staticmethod
    def bytes_needed(capacity: int, vocabulary: int) -> int:
        """Give the size of the memory for a ring of so many tokens."""
        return WORD_BYTES + 4 * capacity * (1 + vocabulary)

    def write(self, index: int, draft: Draft) -> None:
        """Put token `index` into its slot; `publish` makes it known."""
        slot = index % self.capacity
        self._slots[slot] = draft.token | (_ENDS_BATCH if draft.ends_batch else 0)
        if draft.probabilities is not None:
            assert self._rows is not None, "the board was released"
            self._rows[slot] = draft.probabilities

    def read(self, index: int, with_probabilities: bool) -> Draft:
        """Read a published token; its distribution is a copy."""
        slot = index % self.capacity
        number = self._slots[slot]
        row = None
        if with_probabilities:
            assert self._rows is not None, "the board was released"
            row = self._rows[slot].copy()
        return Draft(number & _TOKEN_MASK, row, bool(number & _ENDS_BATCH))

    def ends_batch(self, index: int) -> bool:
        """Whether a batch ends with a published token."""
        return bool(self._slots[index % self.capacity] & _ENDS_BATCH)

    def release(self) -> None:
        """Let go of the memory."""
        self._slots.release()
        self._rows = None
        super().release()
