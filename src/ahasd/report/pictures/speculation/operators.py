"""Every operator as a point under the roof of its device."""

from math import ceil, floor, log10

from ahasd.report.pictures.columns import Columns, Value
from ahasd.report.pictures.figure import Figure


def roofline(operators: Columns) -> Figure | None:
    """Multiply-accumulates a second over those for each byte; the roofs are what the best operator reaches.

    A device's flat roof is the fastest that any of its operators computes while it does, its slope the most bytes a
    second that any moves while it does: both of the operators' own parts, so that no point lies above.
    """
    points = [one for one in operators.records() if one["macs"] and one["bytes"] and one["seconds"]]
    if not points:
        return None
    rows: list[tuple[Value, ...]] = []
    for one in points:
        rows.append(
            (
                "operator",
                one["device"],
                one["step"],
                one["operator"],
                one["macs"] / one["bytes"],
                one["macs"] / one["seconds"],
            )
        )
    low = min(one["macs"] / one["bytes"] for one in points) / 2
    high = max(one["macs"] / one["bytes"] for one in points) * 2
    for device in dict.fromkeys(one["device"] for one in points):
        of = [one for one in points if one["device"] == device]
        flat = max((one["macs"] / one["compute_s"] for one in of if one["compute_s"]), default=None)
        slope = max((one["bytes"] / one["memory_s"] for one in of if one["memory_s"]), default=None)
        corners = {low, high}
        if flat is not None and slope is not None and low < flat / slope < high:
            corners.add(flat / slope)
        if flat is None and slope is None:
            continue
        for intensity in sorted(corners):
            limits = [
                limit for limit in (flat, None if slope is None else slope * intensity) if limit is not None
            ]
            rows.append(("roof", device, "", "", intensity, min(limits)))
    steepest = max(points, key=lambda one: one["seconds"])
    x = {
        "field": "macs_per_byte",
        "type": "quantitative",
        "title": "multiply-accumulates per byte",
        "scale": {"type": "log", "nice": False},
        "axis": {"values": _round_values(low, high), "format": "~g"},
    }
    y = {
        "field": "macs_per_second",
        "type": "quantitative",
        "title": "multiply-accumulates a second",
        "scale": {"type": "log"},
        "axis": {"tickCount": 5, "format": "~s", "grid": False},
    }
    colour = {"field": "device", "type": "nominal", "title": None}
    # Below, since both legends in one line are wider than a phone.
    shape = {"field": "step", "type": "nominal", "title": None, "legend": {"orient": "bottom"}}
    return Figure(
        "roofline",
        "Every operator under its device's roof",
        f"The longest, {steepest['operator']} of the {steepest['step']}, is bound by {steepest['bound']}; on a slope "
        "bytes are the limit, on the flat part arithmetic.",
        Columns.of(("what", "device", "step", "operator", "macs_per_byte", "macs_per_second"), rows),
        {
            "height": 220,
            "encoding": {"x": x, "y": y, "color": colour},
            "layer": [
                {"mark": {"type": "line"}, "transform": [{"filter": "datum.what === 'roof'"}]},
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.8},
                    "transform": [{"filter": "datum.what === 'operator'"}],
                    "encoding": {"shape": shape},
                },
            ],
        },
        wide=True,
    )


def _round_values(low: float, high: float) -> list[float]:
    """Of 1, 2 and 5 times the powers of ten those between the ends; powers alone where these are many."""
    exponents = range(floor(log10(low)), ceil(log10(high)) + 1)
    steps = (1, 2, 5) if len(exponents) < 4 else (1,)
    return [step * 10.0**power for power in exponents for step in steps if low <= step * 10.0**power <= high]
