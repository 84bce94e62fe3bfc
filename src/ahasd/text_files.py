"""The one place that reads a text file of a user's: type and size are seen to before anything is read."""

import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

from ahasd.errors import AhasdError

MEBIBYTE = 2**20

#: Bytes of a configuration or hardware file at most; those of the package take some 20,000 (ours).
DOCUMENT_BYTES = 4 * MEBIBYTE

#: Bytes of a file of prompts, measurements or cells at most (ours).
DATA_BYTES = 256 * MEBIBYTE

#: Digits of a whole number in JSON or YAML at most: there is not 10^30 of anything here (ours).
MOST_DIGITS = 30

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "Is a directory"),
    (stat.S_ISFIFO, "it is a pipe; write what comes out of it into a file first"),
    (stat.S_ISCHR, "it is a device, not a file"),
    (stat.S_ISBLK, "it is a device, not a file"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
)


def read_file(path: str | Path, what: str, most_bytes: int = DOCUMENT_BYTES) -> bytes:
    """Read an ordinary file of limited size.

    Parameters
    ----------
    what
        What to call the file in an error ("hardware file").

    Raises
    ------
    AhasdError
        It does not exist, is no ordinary file, is larger, or cannot be read.
    """
    try:
        # Without waiting, or a pipe that nobody writes to would keep us here.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            for is_kind, name in _KINDS:
                if is_kind(state.st_mode):
                    raise AhasdError(f"{what} '{path}' cannot be read: {name}")
            # A file of /proc says that it has none and has some.
            content = b"" if state.st_size > most_bytes else _read_up_to(file, most_bytes + 1)
    except FileNotFoundError as error:
        raise AhasdError(f"{what} '{path}' does not exist") from error
    except IsADirectoryError as error:  # by fdopen
        raise AhasdError(f"{what} '{path}' cannot be read: Is a directory") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise AhasdError(f"{what} '{path}' cannot be read: {reason}") from error
    if max(len(content), state.st_size) > most_bytes:
        raise AhasdError(
            f"{what} '{path}' is larger than the {most_bytes // MEBIBYTE} MiB that are read of one"
        )
    return content


def _read_up_to(file: IO[bytes], most_bytes: int) -> bytes:
    """Read so many bytes at most, without making room for them all at first."""
    parts: list[bytes] = []
    left = most_bytes
    while left and (part := file.read(min(left, MEBIBYTE))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def read_text(path: str | Path, what: str, most_bytes: int = DOCUMENT_BYTES) -> str:
    """Read a text in UTF-8, with or without a byte order mark; see :func:`read_file`.

    Raises
    ------
    AhasdError
        As there, or it is not UTF-8.
    """
    content = read_file(path, what, most_bytes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AhasdError(
            f"{what} '{path}' is not text in UTF-8 ({error.reason} at byte {error.start})"
        ) from error
    return text.replace("\r\n", "\n")


def parse_json(text: str, where: str) -> Any:
    """Parse JSON as its standard has it: without NaN and infinity, and with numbers that can be meant.

    Parameters
    ----------
    where
        What to call the text in an error.

    Raises
    ------
    AhasdError
        It is not JSON, or nested too deep.
    """

    def no_number(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number of JSON")

    try:
        return json.loads(text, parse_constant=no_number, parse_int=whole_number)
    except RecursionError as error:
        raise AhasdError(f"{where} is nested too deep to be read") from error
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise AhasdError(f"{where} is not valid JSON: {at}: {error.msg}") from error
    except ValueError as error:
        raise AhasdError(f"{where} is not valid JSON: {error}") from error


def whole_number(text: str) -> int:
    """Read a whole number of as many digits as can be meant.

    Raises
    ------
    ValueError
        It has more.
    """
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a whole number of {len(text)} digits; at most {MOST_DIGITS} are read")
    return int(text)


#: Digits parted by underscores, as Python and YAML 1.1 read them and other readers do not.
_PARTED = re.compile(r"\s*[-+]?[\d.]+_[\d_.]*([eE][-+]?[\d_]+)?\s*")


Value = TypeVar("Value")


def plain_number(value: Value) -> Value:
    """Pass a value on, unless it is the text of a number that is parted by underscores.

    Raises
    ------
    ValueError
        It is one.
    """
    if isinstance(value, str) and _PARTED.fullmatch(value):
        raise ValueError(f"{value!r} has an underscore; write the digits without it")
    return value
