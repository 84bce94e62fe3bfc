"""What the two processes are joined by: boards in shared memory, their lock, and a doorbell for each reader."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from multiprocessing.shared_memory import SharedMemory

from ahasd.decoding.asynchronous.link.board import WORD_BYTES, Board
from ahasd.decoding.asynchronous.link.doorbell import Doorbell
from ahasd.decoding.asynchronous.link.draft_board import DraftBoard
from ahasd.decoding.asynchronous.link.text_board import TextBoard
from ahasd.errors import AhasdError

#: The lock is held for microseconds; who waits for it so long waits for a process that was killed (ours).
LOCK_SECONDS = 2.0

_ALIGNMENT = 64

#: Where Linux keeps it; elsewhere there is no such folder.
SHARED_MEMORY = "/dev/shm"


class WordLock(AbstractContextManager[None]):
    """A lock between processes that does not hang when its holder was killed."""

    def __init__(self, context: BaseContext) -> None:
        self._lock = context.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            raise AhasdError("asynchronous decoding: the other process was killed while it published")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Link:
    """What the workers inherit when they start.

    A killed process may leave the lock held, so every pair of workers has a link of its own.
    """

    def __init__(self, context: BaseContext) -> None:
        self.lock = WordLock(context)
        self.drafted, self.judged = Doorbell(context), Doorbell(context)

    def ring(self) -> None:
        """Wake both sides."""
        self.drafted.ring()
        self.judged.ring()


@dataclass(frozen=True, slots=True)
class BoardSizes:
    """Sizes of the boards in one piece of shared memory.

    Parameters
    ----------
    text
        Tokens of the text after the prompt.
    ring
        Drafted tokens ahead of the text at most.
    vocabulary
        Size of the distributions that drafts carry, 0 if they carry none.
    """

    text: int
    ring: int
    vocabulary: int

    def hold(self, wanted: "BoardSizes") -> bool:
        """Whether boards of these sizes do for a request: as long a text, as wide distributions, the same ring."""
        return self.text >= wanted.text and self.vocabulary >= wanted.vocabulary and self.ring == wanted.ring

    def offsets(self) -> tuple[int, int, int]:
        """Give where the drafts and the caller's word begin, behind the text, and the size of it all."""
        drafts = _aligned(TextBoard.bytes_needed(self.text))
        caller = drafts + _aligned(DraftBoard.bytes_needed(self.ring, self.vocabulary))
        return drafts, caller, caller + WORD_BYTES


class SharedBoards:
    """The boards of both sides and of the caller, in one piece of shared memory.

    Parameters
    ----------
    lock
        Of the link.
    sizes
        Of the boards.
    name
        Of existing memory, to join it; None to make it.

    Attributes
    ----------
    text, drafts
        See there.
    caller
        Its word has the number of the last request that the caller gives up.
    """

    def __init__(self, lock: WordLock, sizes: BoardSizes, name: str | None = None) -> None:
        drafts, caller, size = sizes.offsets()
        self._owner = name is None
        if self._owner:
            _check_room(size)
        self._memory = SharedMemory(name, create=self._owner, size=size if self._owner else 0)
        self.sizes, self.name = sizes, self._memory.name
        buffer = self._memory.buf
        assert buffer is not None, "open as long as it is not closed"
        self.text = TextBoard(buffer[:drafts], lock, sizes.text)
        self.drafts = DraftBoard(buffer[drafts:caller], lock, sizes.ring, sizes.vocabulary)
        self.caller = Board(buffer[caller:size], lock)

    def close(self) -> None:
        """Let go of the memory; who made it gives it back."""
        for board in (self.text, self.drafts, self.caller):
            board.release()
        self._memory.close()
        if self._owner:
            self._memory.unlink()


def _check_room(size: int) -> None:
    """See that shared memory has room: who writes where there is none is killed by SIGBUS.

    Raises
    ------
    AhasdError
        It has not.
    """
    if not os.path.isdir(SHARED_MEMORY):
        return
    state = os.statvfs(SHARED_MEMORY)
    free = state.f_bavail * state.f_frsize
    if free < size:
        raise AhasdError(
            f"asynchronous decoding needs {size / 2**20:.1f} MiB of shared memory, and {SHARED_MEMORY} has "
            f"{free / 2**20:.1f} MiB left; give it more (docker run --shm-size=256m), or take method 'speculative'"
        )


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
