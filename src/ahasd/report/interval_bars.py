"""Intervals drawn as lines of characters, narrow enough for any terminal and plain enough for any file."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Columns of a line (ours: half a plain terminal).
WIDTH = 40

#: The interval, its middle, and the value that all are held against.
LINE, MIDDLE, MARK = "-", "o", "|"


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval with a middle, and what stands before it."""

    label: str
    low: float
    middle: float
    high: float


def interval_bars(bars: Sequence[Bar], mark: float, title: str = "") -> list[str]:
    """A line for each bar on a common scale that holds the mark, and one below with the scale's ends.

    ASCII alone, and at most `WIDTH` columns; a mark under a middle is not seen.
    """
    low = min(mark, *(bar.low for bar in bars))
    high = max(mark, *(bar.high for bar in bars))
    wide = max(len(title), *(len(bar.label) for bar in bars))
    values = [f"{bar.middle:.2f}" for bar in bars]
    room = WIDTH - wide - 2 - max(map(len, values))

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (room - 1)) if high > low else 0

    lines = []
    for bar, value in zip(bars, values, strict=True):
        cells = [" "] * room
        for at in range(place(bar.low), place(bar.high) + 1):
            cells[at] = LINE
        cells[place(mark)] = MARK
        cells[place(bar.middle)] = MIDDLE
        lines.append(f"{bar.label.rjust(wide)} {''.join(cells)} {value}")
    return [*lines, _scale(title.rjust(wide), low, mark, high, room, place(mark))]


def _scale(title: str, low: float, mark: float, high: float, room: int, at: int) -> str:
    """The ends and, where there is room between them, the mark."""
    cells = list(" " * room)
    ends, middle = (f"{low:.2g}", f"{high:.2g}"), f"{mark:g}"
    cells[: len(ends[0])] = ends[0]
    cells[room - len(ends[1]) :] = ends[1]
    if len(ends[0]) < at and at + len(middle) < room - len(ends[1]):
        cells[at : at + len(middle)] = middle
    return f"{title} {''.join(cells)}".rstrip()
