"""The memory that a side writes and the other reads: one word, and cells that it speaks for."""

from contextlib import AbstractContextManager
from typing import Any

from ahasd.decoding.asynchronous.link.word import Word, unpack

WORD_BYTES = 8


class Board:
    """Cells with one writer, and the word that says which of them hold.

    The writer fills cells, then publishes the word that covers them. A reader takes the word first and reads only
    cells that it covers. Two things make this sound on every processor, those that reorder stores (ARM) included:

    1. *Order.* The word is stored and loaded under a lock that the operating system provides (a POSIX semaphore, or
       its equal elsewhere), nothing else is. Taking and releasing such a lock synchronises memory (POSIX.1-2017,
       section 4.12): whatever the writer stored before it released the lock, the cells too, is there for a reader
       that took the lock later and found the word. A plain store from Python promises no order, however
       well aligned. The lock is held for one load or store, never while anyone computes or waits.
    2. *No reuse under a reader.* A cell that a word covers is not written again until its reader has said by its
       own word that it is past it: `DraftBoard` and `TextBoard` say how.

    Parameters
    ----------
    memory
        The bytes, zero at first; the word lies at the start.
    lock
        Held while the word is touched; both sides have the same.
    """

    def __init__(self, memory: memoryview, lock: AbstractContextManager[Any]) -> None:
        self._word = memory[:WORD_BYTES].cast("Q")
        self._lock = lock

    def read_word(self) -> Word:
        """Give what the writer published last; Word(0, 0) if it never did."""
        with self._lock:
            number = self._word[0]
        return unpack(number)

    def publish(self, word: Word) -> None:
        """Let the reader see all that was written before this."""
        number = word.pack()
        with self._lock:
            self._word[0] = number

    def release(self) -> None:
        """Let go of the memory, which cannot be freed while it is in use."""
        self._word.release()
