"""Bytes that live by step, as bars of text."""

from collections.abc import Sequence

#: Eighths of a line, as block characters and as what stands for them where a terminal has none.
EIGHTHS, PLAIN = " ▁▂▃▄▅▆▇█", " ..::||##"

#: Lines of a picture (ours: 32 levels).
LINES = 4


def staircase(during: Sequence[int], top: int, width: int, plain: bool = False) -> list[str]:
    """Lines of bars, the highest first.

    Parameters
    ----------
    during
        Bytes by step; of steps that share a column the most is shown.
    top
        What a full bar means.
    width
        Columns at most.
    plain
        Whether ASCII must do.
    """
    marks = PLAIN if plain else EIGHTHS
    columns = min(width, len(during))
    highest = [
        max(during[column * len(during) // columns : (column + 1) * len(during) // columns])
        for column in range(columns)
    ]
    eighths = [max(1, -(-8 * LINES * live // top)) if live else 0 for live in highest]
    return [
        "".join(marks[min(8, max(0, level - 8 * line))] for level in eighths).rstrip()
        for line in reversed(range(LINES))
    ]
