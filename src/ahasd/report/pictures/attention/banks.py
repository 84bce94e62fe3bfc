"""Where attention's time goes: by phase, and bank by bank, so that who is waited for is seen."""

from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import VERMILION
from ahasd.sparse_attention.result import SparseAttentionResult

#: A busiest bank so little above the mean one counts as balanced (ours).
EVEN = 1.02


def phases(result: SparseAttentionResult) -> Figure:
    """Attention of a step by phase, beside the products with weights."""
    part = result.sparse_attention
    rows = [(name, seconds * 1e6) for name, seconds in part.phases_s.items()]
    rows.append(("products with weights", part.other_s * 1e6))
    whole = part.attention_s + part.other_s
    return Figure(
        "phases",
        "A step by phase",
        f"Attention takes {part.attention_s / whole:.0%} of a step, and banks at work "
        f"{part.phases_s['banks'] / whole:.0%}.",
        Columns.of(("phase", "microseconds"), rows),
        bars("phase", "microseconds", "microseconds of a step"),
    )


def bank_work(banks: Columns) -> Figure:
    """A bar for each bank: how long it works at attention in a step."""
    times = banks.column("microseconds")
    mean, most = sum(times) / len(times), max(times)
    said = (
        f"The busiest of {len(times)} banks works {most / mean:.2f} times as long as the mean one over all layers"
        if most > EVEN * mean
        else f"All {len(times)} banks work about as long over all layers"
    )
    rows = [(bank, channel, time, mean) for bank, channel, time in banks.rows]
    across = {
        "field": "bank",
        "type": "ordinal",
        "title": "bank, channel by channel",
        "axis": {"labels": False, "ticks": False},
        "scale": {"paddingInner": 0.1},
    }
    up = {"type": "quantitative", "title": "microseconds of a step", "scale": {"zero": True}}
    return Figure(
        "banks",
        "How long each bank works at attention",
        f"{said}; a layer ends when its own busiest bank does, so each layer waits at least as long.",
        Columns.of(("bank", "channel", "microseconds", "mean"), rows),
        {
            "height": 170,
            "layer": [
                {
                    "mark": {"type": "bar"},
                    "encoding": {
                        "x": across,
                        "y": {"field": "microseconds", **up},
                        "tooltip": [{"field": "channel"}, {"field": "bank"}, {"field": "microseconds"}],
                    },
                },
                {
                    "mark": {"type": "rule", "color": VERMILION},
                    "encoding": {"y": {"field": "mean", "aggregate": "mean", **up}},
                },
            ],
        },
        wide=True,
    )
