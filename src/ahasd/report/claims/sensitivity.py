"""What flips the verdict on a claim: tables, a CSV for a plot, and sentences."""

from collections.abc import Sequence
from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.sensitivity import Sensitivity
from ahasd.claims.sweep import Meeting, Point, Sweep, holding, met
from ahasd.claims.verdict import CRITERION
from ahasd.report.claims.figures import judged_text
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left, unrounded
from ahasd.report.text import paragraphs

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
    claim, parts = found.claim, []
    if found.flipping:
        hangs = "; ".join(_of_sweep(sweep, claim) for sweep in found.flipping)
        parts.append(f"{claim.published} ({claim.name}): {hangs}.")
    if found.steady:
        names = ", ".join(sweep.parameter for sweep in found.steady)
        verdicts = dict.fromkeys(
            point.judged.verdict.value for sweep in found.steady for point in sweep.points
        )
        parts.append(f"No value of {names} changes the verdict ({', '.join(verdicts)}).")
    if found.fixed:
        parts.append(f"Not varied: {', '.join(found.fixed)} (not in the figure, or stated by its source).")
    return " ".join(parts)


def sweep_table(sweep: Sweep, claim: Claim[Any]) -> Table:
    """A parameter, a row for each of its values."""
    several = any(point.series for point in sweep.points)
    offloaded = sweep.parameter == "gpu"
    columns = left(
        "GPU memory" if offloaded else sweep.parameter,
        *(["precision"] if several else []),
        *(["GB offloaded"] if offloaded else []),
        "ours",
        "verdict",
    )
    rows = [
        [
            point.label,
            *([point.series] if several else []),
            *(["" if point.x is None else f"{point.x:.1f}"] if offloaded else []),
            judged_text(claim, point.judged),
            point.judged.verdict.value,
        ]
        for point in sweep.points
    ]
    return Table(columns, rows)


def sensitivity_text(found: Sensitivity) -> str:
    """What the verdict hangs on, then all tables, for a terminal."""
    tables = [fitted(sweep_table(sweep, found.claim), all_columns=True) for sweep in found.sweeps]
    said = "".join(f"{line}\n" for line in paragraphs([sentence(found)]))
    return "\n".join([said, *tables])


def sensitivity_page(found: Sensitivity) -> str:
    """All tables in Markdown."""
    claim, base = found.claim, found.base
    as_run = f"{judged_text(claim, base)}, {base.verdict.value}"
    parts = [
        f"# What moves `{claim.name}`\n",
        f"{claim.source}: {claim.text}, {claim.published}. As run: {as_run}.\n",
        f"{sentence(found)}\n",
        f"One parameter is varied at a time, the energy constants fixed. {CRITERION}\n",
    ]
    for sweep in found.sweeps:
        parts += [f"## {sweep.parameter}\n", sweep_table(sweep, claim).markdown()]
    return wrapped("\n".join(parts))


def sensitivity_csv(found: Sensitivity) -> str:
    """A line per point: where it is on its axis, our figure and interval, the band of the published one."""
    rows = [_csv_row(point, sweep, found.claim) for sweep in found.sweeps for point in sweep.points]
    return Table(left(*COLUMNS), rows).csv()


def _csv_row(point: Point, sweep: Sweep, claim: Claim[Any]) -> list[str]:
    value, band = point.judged.value, claim.band
    assert band is not None, "what cannot be tested has no sensitivity"
    figures = (None, None, None) if value is None else (value.mean, value.low, value.high)
    where = (claim.name, sweep.parameter, point.series, point.label, point.x, sweep.unit)
    ends = (point.judged.verdict.value, band.low, band.high, point.judged.refused)
    return [unrounded(cell) for cell in (*where, *figures, *ends)]


def _of_sweep(sweep: Sweep, claim: Claim[Any]) -> str:
    said = [
        (f"at {name} " if name else "") + _of_points(points, sweep, claim)
        for name, points in sweep.series.items()
    ]
    return ", ".join(said)


def _of_points(points: Sequence[Point], sweep: Sweep, claim: Claim[Any]) -> str:
    """Where a series of points meets the figure."""
    if sweep.parameter == "reading":
        names = holding(points)
        return (
            f"holds when {sweep.quantity} {' or '.join(names)}"
            if names
            else "holds under none of the readings"
        )
    found = met(points, claim)
    if found is None:
        return "can run nowhere"
    if not found.stretches:
        swept = f"{found.least:.3g} to {found.most:.3g} {sweep.unit}".rstrip()
        return f"is met at no value when {_quantity(sweep)} {swept}"
    where = [_stretch(low, high, found, sweep.unit) for low, high in found.stretches]
    return f"is met only when {_quantity(sweep)} {' or '.join(where)}"


def _quantity(sweep: Sweep) -> str:
    return sweep.quantity if sweep.parameter == "gpu" else f"{sweep.quantity} is"


def _stretch(low: float, high: float, found: Meeting, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if low <= found.least and high >= found.most:
        return f"anything from {found.least:.3g} to {found.most:.3g}{unit}"
    if low <= found.least:
        return f"less than {high:.3g}{unit}"
    if high >= found.most:
        return f"more than {low:.3g}{unit}"
    return f"{low:.3g} to {high:.3g}{unit}"
