"""Text of fixed width, for a terminal."""

import re
from collections.abc import Iterable
from shutil import get_terminal_size
from typing import Literal
from unicodedata import combining, east_asian_width

#: Columns of a plain terminal, for what is to be read at a glance (ours).
TERMINAL = 80

#: Characters of a line of prose: a terminal of 100 columns, with a little room (ours).
WIDTH = 98

#: Columns of a line of prose at least, however narrow the terminal (ours).
NARROWEST = 20

#: Of what is written into a file: lines are as long as they are.
UNLIMITED = 1_000_000

#: Where a word is broken that is longer than its line: behind what joins names, paths and options.
_JOINTS = re.compile(r"(?<=[-/,+=:;_&?])")


def known_width() -> int | None:
    """Columns of the terminal, or of the variable COLUMNS; None where there is neither, as in a pipe."""
    return get_terminal_size((0, 0)).columns or None


def prose_width() -> int:
    """Columns of a line of prose: those of the terminal, but no more than are read with ease."""
    return max(NARROWEST, min(WIDTH, known_width() or WIDTH))


def display_width(text: str) -> int:
    """Columns of a terminal that a text takes: two for wide characters of East Asia, none for combining marks."""
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1 for character in text
    )


def pad(text: str, width: int, align: Literal["left", "right"]) -> str:
    """Fill a text up with spaces; one that is longer stays whole."""
    blank = " " * (width - display_width(text))
    return blank + text if align == "right" else text + blank


def fold(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most ``width`` columns, broken at spaces; a longer word is broken at a joint, or else anywhere.

    Parameters
    ----------
    indent
        What lines after the first begin with; the first keeps the spaces that it has.
    """
    before, words = text[: len(text) - len(text.lstrip(" "))], text.split()
    lines, indent = [before], indent or before
    for word in words:
        blank = "" if lines[-1] in (before, indent) else " "
        if display_width(lines[-1] + blank + word) <= width:
            lines[-1] += blank + word
            continue
        if blank:
            lines.append(indent)
        for part in _parts(word, max(1, width - display_width(indent))):
            if display_width(lines[-1] + part) > width and lines[-1] not in (before, indent):
                lines.append(indent)
            lines[-1] += part
    return lines if words else []


def _parts(word: str, width: int) -> list[str]:
    """Parts of a word that can stand in a line: the whole, or what lies between joints, or less than that."""
    if display_width(word) <= width:
        return [word]
    found = []
    for part in _JOINTS.split(word):
        each = len(part) if display_width(part) <= width else max(1, width // 2 if _is_wide(part) else width)
        found += [part[start : start + each] for start in range(0, len(part), each or 1)]
    return found


def _is_wide(text: str) -> bool:
    return display_width(text) > len(text)


#: A line with a command that someone is to copy, perhaps behind what it does ("Run it: ").
_COMMAND = re.compile(r"\s*([^:`]{1,40}: )?(ahasd|python|llama-[a-z-]+|mlx_lm[.a-z]*|vllm|pip) ")


def folded(text: str, width: int) -> str:
    """Fold all lines that are longer, each under its own beginning; commands stay whole."""
    lines = []
    for line in text.split("\n"):
        if display_width(line) <= width or _COMMAND.match(line):
            lines.append(line)
        else:
            before = " " * (len(line) - len(line.lstrip(" ")))
            lines += fold(line, width, before and f"{before}  ")
    return "\n".join(lines)


def longest_part(text: str) -> int:
    """Columns of the longest part of a word that `fold` leaves whole as far as it can."""
    return max((display_width(part) for word in text.split() for part in _JOINTS.split(word)), default=0)


def paragraphs(texts: Iterable[str], width: int | None = None, indent: str = "") -> list[str]:
    """Lines of prose, broken at spaces; those after the first of a text begin with ``indent``.

    Parameters
    ----------
    width
        Columns; as `prose_width` has it, if not given.
    """
    columns = prose_width() if width is None else width
    return [line for text in texts for line in fold(text, columns, indent)]
