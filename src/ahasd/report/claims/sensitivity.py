"""What flips the verdict on a claim: tables, a CSV for a plot, and sentences."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import get_args

from ahasd.claims.claim import Claim, Parameter
from ahasd.claims.sensitivity import Point, Sensitivity, Sweep, holding, meeting
from ahasd.claims.verdict import CRITERION
from ahasd.report.claims.ledger import written
from ahasd.report.comparison.comparison import markdown_table

#: Columns of the CSV.
COLUMNS = (
    "claim",
    "parameter",
    "series",
    "value",
    "x",
    "unit",
    "mean",
    "low",
    "high",
    "verdict",
    "band_low",
    "band_high",
    "refused",
)


def sentence(found: Sensitivity) -> str:
    """What the verdict hangs on, the parameters that flip it first."""
    claim = found.claim
    flipping = [sweep for sweep in found.sweeps if sweep.flips(claim)]
    others = [sweep for sweep in found.sweeps if not sweep.flips(claim)]
    parts = (
        [f"{_title(claim)}: {'; '.join(_of_sweep(sweep, claim) for sweep in flipping)}."] if flipping else []
    )
    if others:
        names = ", ".join(sweep.parameter for sweep in others)
        verdicts = dict.fromkeys(point.judged.verdict.value for sweep in others for point in sweep.points)
        parts.append(f"No value of {names} changes the verdict ({', '.join(verdicts)}).")
    fixed = [name for name in get_args(Parameter) if name not in claim.parameters]
    if fixed:
        parts.append(f"Not varied: {', '.join(fixed)} (not in the figure, or stated by its source).")
    return " ".join(parts)


def sweep_rows(sweep: Sweep, claim: Claim) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of a parameter."""
    series = any(point.series for point in sweep.points)
    offloaded = sweep.parameter == "gpu"
    head = [
        "GPU memory" if offloaded else sweep.parameter,
        *(["precision"] if series else []),
        *(["GB offloaded"] if offloaded else []),
    ]
    rows = []
    for point in sweep.points:
        judged = point.judged
        ours = written(claim, judged.value) if judged.value is not None else f"cannot run: {judged.refused}"
        where = [point.label, *([point.series] if series else []), *([_number(point.x)] if offloaded else [])]
        rows.append([*where, ours, judged.verdict.value])
    return [*head, "ours", "verdict"], rows


def sensitivity_page(found: Sensitivity) -> str:
    """All tables in Markdown."""
    claim, base = found.claim, found.base
    ours = written(claim, base.value) if base.value is not None else f"cannot run: {base.refused}"
    parts = [
        f"# What moves `{claim.name}`\n",
        f"{claim.source}: {claim.text}, {claim.published}. As run: {ours}, {base.verdict.value}.\n",
        f"{sentence(found)}\n",
        f"One parameter is varied at a time, the energy constants fixed. {CRITERION}\n",
    ]
    for sweep in found.sweeps:
        parts += [f"## {sweep.parameter}\n", markdown_table(*sweep_rows(sweep, claim))]
    return "\n".join(parts)


def sensitivity_csv(found: Sensitivity) -> str:
    """A line per point: where it is on its axis, our figure and interval, the band of the published one."""
    band = found.claim.band
    assert band is not None
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sweep in found.sweeps:
        for point in sweep.points:
            value = point.judged.value
            figures = ["", "", ""] if value is None else [value.mean, value.low, value.high]
            where = [found.claim.name, sweep.parameter, point.series, point.label, point.x, sweep.unit]
            ends = [band.low, band.high, point.judged.refused]
            writer.writerow([*where, *figures, point.judged.verdict.value, *ends])
    return buffer.getvalue()


def _title(claim: Claim) -> str:
    return f"{claim.published} ({claim.name})"


def _of_sweep(sweep: Sweep, claim: Claim) -> str:
    said = [
        (f"at {name} " if name else "") + _of_points(points, sweep, claim)
        for name, points in sweep.series.items()
    ]
    return ", ".join(said)


def _of_points(points: Sequence[Point], sweep: Sweep, claim: Claim) -> str:
    """Where a series of points meets the figure."""
    if sweep.parameter == "reading":
        names = holding(points)
        return (
            f"holds when {sweep.quantity} {' or '.join(names)}"
            if names
            else "holds under none of the readings"
        )
    known = [point.x for point in points if point.x is not None and point.judged.value is not None]
    if not known:
        return "can run nowhere"
    stretches = meeting(points, claim)
    least, most = min(known), max(known)
    if not stretches:
        swept = f"{least:.3g} to {most:.3g} {sweep.unit}".rstrip()
        return f"is met at no value when {_quantity(sweep)} {swept}"
    where = [_stretch(low, high, least, most, sweep.unit) for low, high in stretches]
    return f"is met only when {_quantity(sweep)} {' or '.join(where)}"


def _quantity(sweep: Sweep) -> str:
    return sweep.quantity if sweep.parameter == "gpu" else f"{sweep.quantity} is"


def _stretch(low: float, high: float, least: float, most: float, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if low <= least and high >= most:
        return f"anything from {least:.3g} to {most:.3g}{unit}"
    if low <= least:
        return f"less than {high:.3g}{unit}"
    if high >= most:
        return f"more than {low:.3g}{unit}"
    return f"{low:.3g} to {high:.3g}{unit}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
