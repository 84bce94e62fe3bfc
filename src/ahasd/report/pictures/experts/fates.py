"""Experts by where they were when they were needed: in all, and pass by pass."""

from ahasd.experts.result import ExpertsResult
from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import GREY

#: Passes that a point of the mean stands for (ours).
SMOOTHED = 16


def expert_fates(result: ExpertsResult) -> Figure:
    """How many of the needed experts were where."""
    decode = result.experts.decode
    rows = [
        ("resident", decode.hits),
        ("fetched ahead", decode.ahead_used),
        ("copied", decode.copied),
        ("by the host", decode.on_host),
    ]
    return Figure(
        "experts",
        "Where the needed experts were",
        f"{decode.hit_rate:.0%} of {decode.needed} were in fast memory when they were needed.",
        Columns.of(("where", "experts"), rows),
        bars("where", "experts", "experts of the continuations", ",d"),
    )


def hits_over_time(passes: Columns) -> Figure:
    """Share of each pass's experts that was resident, and its mean over the passes before."""
    rows: list[tuple[int, float, float]] = []
    before: list[tuple[int, int]] = []
    for one in passes.records():
        if one["needed"]:
            before = [*before[-SMOOTHED + 1 :], (one["resident"], one["needed"])]
            mean = sum(hit for hit, _ in before) / sum(needed for _, needed in before)
            rows.append((one["pass"], one["resident"] / one["needed"], mean))
    y = {
        "type": "quantitative",
        "title": "resident when needed",
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    return Figure(
        "hits",
        "Hits over time",
        f"Share of a pass's experts that was resident (dots), and its mean over {SMOOTHED} passes (line): from "
        f"{rows[0][2]:.0%} to {rows[-1][2]:.0%}.",
        Columns.of(("pass", "hit_rate", "mean"), rows),
        {
            "height": 170,
            "encoding": {"x": {"field": "pass", "type": "quantitative", "title": "pass"}},
            "layer": [
                {
                    "mark": {"type": "point", "filled": True, "size": 12, "color": GREY},
                    "encoding": {"y": {"field": "hit_rate", **y}},
                },
                {"mark": {"type": "line"}, "encoding": {"y": {"field": "mean", **y}}},
            ],
        },
    )
