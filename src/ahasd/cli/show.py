"""Printing what a command found, as its last step: all files are written before."""

import errno
import os
import sys

from ahasd.errors import AhasdError
from ahasd.plain_text import printable


def show_answer(text: str, err: bool = False, data: bool = False) -> None:
    """Print an answer: on a narrow terminal its lines are folded at spaces, but for commands, which are copied.

    Parameters
    ----------
    data
        Whether it is for programs, and not folded.

    Raises
    ------
    AhasdError
        It cannot be printed.
    """
    from ahasd.report.text import folded, known_width

    width = None if data else known_width()
    show(text if width is None else folded(text, width), err)


def show(text: str, err: bool = False) -> None:
    """Print a text that brings its own newlines; what would steer the terminal is shown as an escape.

    Parameters
    ----------
    err
        Whether it goes to stderr.

    Raises
    ------
    AhasdError
        It cannot be printed, on a full disk for instance.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:  # closed before this process began
        raise AhasdError(
            "cannot print: the output is closed; files that were asked for (--output) have been written"
        )
    try:
        stream.write(printable(text))
        stream.flush()
    except OSError as error:
        # What was not printed is given up, or Python would try again as it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if error.errno == errno.EPIPE:
            raise  # nobody reads any more, which is no mistake
        raise AhasdError(
            f"cannot print: {error.strerror}; files that were asked for (--output) have been written"
        ) from error
