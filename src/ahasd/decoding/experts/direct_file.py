"""A file that is read past the page cache, so that what is read comes from the disk."""

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from ahasd.decoding.experts.aligned_memory import aligned_down, aligned_up
from ahasd.errors import AhasdError

#: Where the system has no such flag (macOS), or the file system refuses it (tmpfs), pages are dropped after a read.
_DIRECT = getattr(os, "O_DIRECT", 0)


class DirectFile:
    """An open file; its reads go past the page cache where system and file system can.

    Parameters
    ----------
    path
        Of an ordinary file.
    direct
        False reads through the page cache, for comparison.

    Attributes
    ----------
    direct
        Whether the page cache is passed; where not, the pages read are given back afterwards, and the first read of
        each may still come from memory.

    Raises
    ------
    AhasdError
        The file cannot be opened.
    """

    def __init__(self, path: Path, direct: bool = True) -> None:
        self.path = path
        self.direct = direct and _DIRECT != 0
        try:
            self._descriptor = self._open()
        except OSError as error:
            raise AhasdError(f"{path}: cannot be opened ({error.strerror})") from error
        self._state = self._stat()

    def _open(self) -> int:
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
        if self.direct:
            try:
                descriptor = os.open(self.path, flags | _DIRECT)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self.direct = False
            else:
                return descriptor
        return os.open(self.path, flags)

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened."""
        return self._state[0]

    def read_into(self, view: memoryview, start: int, stop: int, piece: int) -> int:
        """Read at least the bytes from `start` to `stop` into aligned memory.

        Parameters
        ----------
        view
            Aligned memory with room for the bytes and up to two alignments more.
        start, stop
            Of the bytes wanted; what is read begins and ends at multiples of the alignment.
        piece
            Bytes of one read at most, a multiple of the alignment.

        Returns
        -------
        int
            Where in `view` the byte `start` lies.

        Raises
        ------
        AhasdError
            The disk failed, or the file is shorter than `stop` or another one than when it was opened.
        """
        begin, end = aligned_down(start), aligned_up(stop)
        position = begin
        while position < stop:
            room = view[position - begin : min(position + piece, end) - begin]
            try:
                got = os.preadv(self._descriptor, [room], position)
            except OSError as error:
                raise AhasdError(
                    f"{self.path}: reading {len(room)} bytes at {position} failed ({error.strerror}); "
                    "see whether the disk is well"
                ) from error
            reached = position + got
            # A direct read that ends between two sectors is at the end of the file; the next begins at a sector.
            onward = reached if reached >= stop else aligned_down(reached)
            if onward == position:
                raise AhasdError(
                    f"{self.path}: ends at {reached} bytes, and an expert lies there up to {stop}; the file was cut "
                    "off: get it again"
                )
            position = onward
        if not self.direct and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._descriptor, begin, end - begin, os.POSIX_FADV_DONTNEED)
        return start - begin

    def check_unchanged(self) -> None:
        """See that it is still the file that was opened.

        Raises
        ------
        AhasdError
            It was written to, cut off or replaced meanwhile.
        """
        if self._stat() != self._state or self._replaced():
            raise AhasdError(
                f"{self.path}: changed while it was in use, so what was read of it may belong to two models; "
                "run again when nothing writes to it"
            )

    def _stat(self) -> tuple[int, int]:
        state = os.fstat(self._descriptor)
        return state.st_size, state.st_mtime_ns

    def _replaced(self) -> bool:
        try:
            return not os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except OSError:
            return True

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
