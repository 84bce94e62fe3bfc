"""What the verifier has emitted, for the drafter to follow."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import IntEnum
from typing import Any, NamedTuple

from ahasd.decoding.asynchronous.link.board import WORD_BYTES, Board

CELL_BYTES = 4
_ORIGIN_SHIFT = 30
_TOKEN_MASK = (1 << _ORIGIN_SHIFT) - 1


class Origin(IntEnum):
    """Where a token of the text came from."""

    DRAFT = 0
    """The draft proposed it and the target accepted it."""
    CORRECTION = 1
    """The target's own, in place of a rejected one."""
    BONUS = 2
    """The target's own, where the draft had not proposed any yet."""


class TextToken(NamedTuple):
    """A token of the text after the prompt."""

    token: int
    origin: Origin


class TextBoard(Board):
    """The text after the prompt, token i in cell i; written by the verifier.

    The text only grows while a request lasts, so a published cell is never written again. The drafter has stopped
    reading before the next request begins.

    Parameters
    ----------
    memory, lock
        As of `Board`; at least ``bytes_needed(capacity)``.
    capacity
        Tokens that there is room for.
    """

    def __init__(self, memory: memoryview, lock: AbstractContextManager[Any], capacity: int) -> None:
        super().__init__(memory, lock)
        self.capacity = capacity
        self._cells = memory[WORD_BYTES : self.bytes_needed(capacity)].cast("I")

    @staticmethod
    def bytes_needed(capacity: int) -> int:
        """Give the size of the memory for so many tokens."""
        return WORD_BYTES + CELL_BYTES * capacity

    def write(self, start: int, tokens: Sequence[TextToken]) -> None:
        """Put tokens into the cells from `start` on; `publish` makes them known."""
        for cell, (token, origin) in enumerate(tokens, start):
            self._cells[cell] = token | origin << _ORIGIN_SHIFT

    def read(self, start: int, stop: int) -> list[TextToken]:
        """Read published cells."""
        return [
            TextToken(cell & _TOKEN_MASK, Origin(cell >> _ORIGIN_SHIFT)) for cell in self._cells[start:stop]
        ]

    def release(self) -> None:
        """Let go of the memory."""
        self._cells.release()
        super().release()
