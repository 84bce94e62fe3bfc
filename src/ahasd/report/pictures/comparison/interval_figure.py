"""Bars with their intervals."""

from collections.abc import Sequence

from ahasd.report.pictures.bars import ROOM
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import INK

#: Name, mean, and the ends of its interval.
Row = tuple[str, float, float, float]


#: Bars at most; the rows behind a figure are all (ours).
MOST_BARS = 24


def interval_figure(
    stem: str,
    title: str,
    unit: str,
    rows: Sequence[Row],
    lines: str = "95 % intervals over seeds",
) -> Figure:
    """A bar for each row, the first of them, with a line from end to end of its interval.

    Parameters
    ----------
    lines
        What the ends are.
    """
    shown, left_out = rows[:MOST_BARS], len(rows) - len(rows[:MOST_BARS])
    more = f" {left_out} more are in the rows behind it." if left_out else ""
    across = {"type": "quantitative", "title": unit, "axis": {"tickCount": 4}}
    return Figure(
        stem,
        title,
        f"{shown[0][0]} has {shown[0][1]:.4g} {unit}; lines are {lines}.{more}",
        Columns.of(
            ("name", "mean", "low", "high", "rank"), [(*row, place) for place, row in enumerate(rows)]
        ),
        {
            "padding": ROOM,
            "height": {"step": 24},
            "transform": [{"filter": f"datum.rank < {MOST_BARS}"}],
            "encoding": {"y": {"field": "name", "type": "nominal", "title": None, "sort": {"field": "rank"}}},
            "layer": [
                {"mark": {"type": "bar", "height": 15}, "encoding": {"x": {"field": "mean", **across}}},
                {
                    "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                    "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 5},
                    "encoding": {
                        "x": {"field": "high", **across},
                        "text": {"field": "mean", "type": "quantitative", "format": ".3~g"},
                    },
                },
            ],
        },
    )
