"""Lines of a terminal whose parts may have colours; without them they say the same."""

from dataclasses import dataclass

from ahasd.report.text import prose_width


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line.

    Attributes
    ----------
    style
        In rich's words ("bold", "blue"); "" for none.
    """

    text: str
    style: str = ""


#: Parts from left to right.
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a screen is laid out for.

    Attributes
    ----------
    blocks
        Whether it can show block characters; ASCII otherwise.
    """

    width: int
    blocks: bool


def terminal_of(encoding: str | None) -> Terminal:
    """The terminal that there is, or one of the usual width where the output is no terminal.

    Parameters
    ----------
    encoding
        Of the output.
    """
    try:
        "▁▂▃▄▅▆▇█▒".encode(encoding or "ascii")
        blocks = True
    except (UnicodeEncodeError, LookupError):
        blocks = False
    return Terminal(prose_width(), blocks)


def plain(line: Line) -> str:
    """A line without its colours."""
    return "".join(span.text for span in line)
