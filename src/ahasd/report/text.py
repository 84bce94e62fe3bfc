"""Text of fixed width, for a terminal."""

from collections.abc import Iterable
from shutil import get_terminal_size
from textwrap import wrap
from typing import Literal
from unicodedata import combining, east_asian_width

#: Columns of a plain terminal, for what is to be read at a glance (ours).
TERMINAL = 80

#: Characters of a line of prose: a terminal of 100 columns, with a little room (ours).
WIDTH = 98

#: Columns of a line of prose at least, however narrow the terminal (ours).
NARROWEST = 20

#: Columns that tables with sentences in them take at least; a narrower terminal breaks their lines itself (ours).
LEAST_TERMINAL = 118


def known_width() -> int | None:
    """Columns of the terminal, or of the variable COLUMNS; None where there is neither, as in a pipe."""
    return get_terminal_size((0, 0)).columns or None


def prose_width() -> int:
    """Columns of a line of prose: those of the terminal, but no more than are read with ease."""
    return max(NARROWEST, min(WIDTH, known_width() or WIDTH))


def terminal_width() -> int:
    """Columns of the terminal, as far as it is wide enough for tables with sentences in them."""
    return max(get_terminal_size().columns, LEAST_TERMINAL)


def display_width(text: str) -> int:
    """Columns of a terminal that a text takes: two for wide characters of East Asia, none for combining marks."""
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1 for character in text
    )


def pad(text: str, width: int, align: Literal["left", "right"]) -> str:
    """Fill a text up with spaces; one that is longer stays whole."""
    blank = " " * (width - display_width(text))
    return blank + text if align == "right" else text + blank


def break_at_spaces(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns; a word that is longer stays whole."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and display_width(joined) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def paragraphs(texts: Iterable[str], width: int | None = None, indent: str = "") -> list[str]:
    """Lines of prose, broken at spaces; those after the first of a text begin with ``indent``.

    Parameters
    ----------
    width
        Columns; as `prose_width` has it, if not given.
    """
    columns = prose_width() if width is None else width
    return [
        line
        for text in texts
        for line in wrap(text, columns, subsequent_indent=indent, break_on_hyphens=False)
    ]
