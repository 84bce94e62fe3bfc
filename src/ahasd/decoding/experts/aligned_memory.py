"""Memory whose address is a multiple of a page, as reads past the page cache need it."""

import mmap
from contextlib import suppress
from typing import Any

import numpy as np

#: Bytes to whose multiples offsets, lengths and addresses are aligned: a page, and a sector of any disk in use.
ALIGNMENT = 4096


def aligned_down(offset: int) -> int:
    """The last multiple of the alignment that is not behind `offset`."""
    return offset - offset % ALIGNMENT


def aligned_up(offset: int) -> int:
    """The first multiple of the alignment that is not before `offset`."""
    return -(-offset // ALIGNMENT) * ALIGNMENT


class AlignedMemory:
    """Zeroed bytes at the start of a page, outside Python's heap; they go back to the system with `close`.

    Parameters
    ----------
    size
        Bytes, at least one.

    Raises
    ------
    OSError
        There is not so much memory.
    """

    def __init__(self, size: int) -> None:
        self._map = mmap.mmap(-1, aligned_up(size))
        self.view = memoryview(self._map)

    def array(self, dtype: Any = np.uint8) -> Any:
        """The memory as a numpy array, not copied."""
        return np.frombuffer(self._map, dtype=dtype)

    def close(self) -> None:
        """Give it back, unless arrays or a read that hangs still look at it; then it goes with the last of them."""
        with suppress(BufferError):
            self.view.release()
            self._map.close()
