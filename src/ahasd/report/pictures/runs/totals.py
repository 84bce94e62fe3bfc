"""Speed, energy and time of a run, in bars."""

from ahasd.family.result import Result
from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE, LINE, ORANGE, SKY
from ahasd.report.run.ways import compared


def ways(result: Result) -> Figure | None:
    """Tokens a second of each way to use the hardware; None where nothing was compared."""
    found = compared(result)
    if len(found) < 2:
        return None
    rows = [(way.name, way.tokens_per_second, way.joules_per_token, way.asked) for way in found]
    best = max(found, key=lambda way: way.tokens_per_second)
    return Figure(
        "ways",
        "How fast each way is",
        f"{best.name} is fastest with {best.tokens_per_second:.4g} tokens/s; what was asked for is dark.",
        Columns.of(("way", "tokens_per_second", "joules_per_token", "asked"), rows),
        bars("way", "tokens_per_second", "tokens/s")
        | {
            "encoding": {
                **bars("way", "tokens_per_second", "tokens/s")["encoding"],
                "color": {
                    "condition": {"test": "datum.asked", "value": BLUE},
                    "value": SKY,
                },
            }
        },
    )


def energy(result: Result) -> Figure | None:
    """Joules by component; None where the hardware's energy is not known, or nothing."""
    rows = [(name, joules) for name, joules in result.energy_j.items() if joules]
    if not rows:
        return None
    total = sum(joules for _, joules in rows)
    name, most = max(rows, key=lambda row: row[1])
    return Figure(
        "energy",
        "Where the energy went",
        f"{total:.4g} J in all; {name} takes most, {most / total:.0%}.",
        Columns.of(("component", "joules"), rows),
        bars("component", "joules", "joules"),
    )


def device_shares(result: Result) -> Figure | None:
    """Busy, blocked and idle of each device; None without devices."""
    rows = [
        (device, state, share)
        for device, shares in result.devices.items()
        for state, share in (("busy", shares.busy), ("blocked", shares.blocked), ("idle", shares.idle))
    ]
    if not rows:
        return None
    states = ["busy", "blocked", "idle"]
    said = ", ".join(f"{device} works {shares.busy:.0%}" for device, shares in result.devices.items())
    return Figure(
        "devices",
        "How busy each device was",
        f"Of the time {said}.",
        Columns.of(("device", "state", "share"), rows),
        {
            "height": {"step": 40},
            "transform": [{"calculate": f"indexof({states}, datum.state)", "as": "rank"}],
            "mark": {"type": "bar", "height": 26},
            "encoding": {
                "x": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "share of the time",
                    "axis": {"format": "%", "tickCount": 5},
                    "scale": {"domain": [0, 1]},
                },
                "y": {"field": "device", "type": "nominal", "title": None, "sort": None},
                "color": {
                    "field": "state",
                    "type": "nominal",
                    "title": None,
                    "sort": states,
                    "scale": {"domain": states, "range": [BLUE, ORANGE, LINE]},
                },
                "order": {"field": "rank", "type": "quantitative"},
            },
        },
    )
