"""A row of figures as a word: a character for each."""

from collections.abc import Sequence
from itertools import pairwise

#: Eighths, and what stands for them where a terminal has none.
BLOCKS, ASCII = "▁▂▃▄▅▆▇█", "_.,-=+*#"


def sparkline(values: Sequence[float], blocks: bool, top: float | None = None) -> str:
    """Characters whose heights are the values, from 0 to ``top`` (their largest, if not given)."""
    marks = BLOCKS if blocks else ASCII
    highest = max(values, default=0.0) if top is None else top
    if highest <= 0:
        return marks[0] * len(values)
    return "".join(marks[min(len(marks) - 1, int(value / highest * len(marks)))] for value in values)


def means(values: Sequence[float], parts: int) -> list[float]:
    """Means of so many equal parts, or the values themselves where they are fewer."""
    if len(values) <= parts:
        return list(values)
    edges = [place * len(values) // parts for place in range(parts + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
