"""Reading a binary file piece by piece, where every length that it claims is held against what is left of it."""

import os
import stat
from struct import Struct
from types import TracebackType
from typing import BinaryIO, Literal, Self

from ahasd.errors import AhasdError

#: Bytes that are fetched at once.
_BUFFER = 1 << 20

#: Bytes of a header at most; those of the largest vocabularies take some 20 MB (ours).
_MOST_BYTES = 1 << 27

#: Low and high byte first, as `struct` spells them.
ByteOrder = Literal["<", ">"]


class BoundedFile:
    """A file that is read forwards; nothing is allocated for more bytes than there are.

    Parameters
    ----------
    path
        An ordinary file.

    Attributes
    ----------
    size, place
        Bytes in all, and before the next one that is read.
    order
        Of the bytes of a number.

    Raises
    ------
    AhasdError
        It cannot be opened or is no ordinary file.
    """

    def __init__(self, path: str) -> None:
        self.path, self.place = path, 0
        self.order: ByteOrder = "<"
        try:
            # Without waiting, or a pipe that nobody writes to would keep us here.
            descriptor = os.open(
                path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            )
        except OSError as error:
            raise AhasdError(f"GGUF file '{path}' cannot be read: {error.strerror}") from error
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            os.close(descriptor)
            raise AhasdError(f"GGUF file '{path}' cannot be read: it is no ordinary file")
        self._file: BinaryIO = os.fdopen(descriptor, "rb", _BUFFER)
        self.size = state.st_size
        self._end = min(self.size, _MOST_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return self.size - self.place

    def take(self, length: int, what: str) -> bytes:
        """Read so many bytes.

        Raises
        ------
        AhasdError
            There are fewer.
        """
        if self.place + length > self._end:
            raise self.too_short(f"{what} of {length:,} bytes", length)
        found = self._file.read(length)
        if len(found) != length:
            raise self.too_short(what, length)
        self.place += length
        return found

    def skip(self, length: int, what: str) -> None:
        """Pass over so many bytes.

        Raises
        ------
        AhasdError
            There are fewer.
        """
        if self.place + length > self._end:
            raise self.too_short(f"{what} of {length:,} bytes", length)
        self._file.seek(length, os.SEEK_CUR)
        self.place += length

    def number(self, code: str, what: str) -> int | float | bool:
        """Read one number of a kind that `struct` has a letter for."""
        kind = Struct(self.order + code)
        value: int | float | bool = kind.unpack(self.take(kind.size, what))[0]
        return value

    def count(self, code: str, what: str) -> int:
        """Read a number that is not negative and whole."""
        return int(self.number(code, what))

    def too_short(self, what: str, length: int) -> AhasdError:
        """Say that the file, or what is read of it, ends before something that it claims to hold."""
        if self.place + length <= self.size:
            return self.wrong(
                f"its header would be longer than the {_MOST_BYTES >> 20} MiB that are read of one"
            )
        return AhasdError(
            f"{self.path}: the file has {self.size:,} bytes and ends before {what} at byte {self.place:,}: it is "
            "broken, or its download is incomplete"
        )

    def wrong(self, problem: str) -> AhasdError:
        """Say what is wrong with the file."""
        return AhasdError(f"{self.path}: {problem}")
