"""Validation reports as text, JSON and a page of the documentation."""

from collections.abc import Sequence
from typing import Any

from ahasd.hardware.preset.preset import DEFAULT_PRESET, load_preset
from ahasd.validation.energy import energy_rows, in_array_rows
from ahasd.validation.reference import FileReport, PredictedRow, mean_error
from ahasd.validation.targets import target_for


def validation_text(reports: Sequence[FileReport], rows: bool) -> str:
    """A line per file, its groups and its worst row; with ``rows`` a line per row as well."""
    lines = [f"{'file':36} {'rows':>5} {'mean':>8} {'worst':>8}  worst row"]
    for report in reports:
        lines.append(_line(report.name, report.comparisons))
        groups = report.groups()
        if len(groups) > 1:
            lines += [_line(f"  {name}", comparisons) for name, comparisons in groups.items()]
        if report.null:
            lines.append(_line("  without the mechanism", report.null))
        if rows:
            lines += [
                f"    {_describe(row)}: measured {row.measured:.6g}, predicted {row.predicted:.6g} {report.unit} "
                f"({row.error:+.2%})"
                for row in report.comparisons
            ]
    return "\n".join(lines) + "\n"


def validation_json(reports: Sequence[FileReport], rows: bool) -> dict[str, Any]:
    """Errors as fractions, by file."""
    return {"files": {report.name: _entry(report, rows) for report in reports}}


def _entry(report: FileReport, rows: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "rows": len(report.comparisons),
        "mean_error": report.mean_error,
        "max_error": report.max_error,
        "worst": _row(report.worst),
    }
    groups = report.groups()
    if len(groups) > 1:
        entry["groups"] = {
            name: {
                "rows": len(comparisons),
                "mean_error": mean_error(comparisons),
                "max_error": max(abs(comparison.error) for comparison in comparisons),
            }
            for name, comparisons in groups.items()
        }
    if report.null:
        entry["null_mean_error"] = mean_error(report.null)
    if rows:
        entry["all"] = [_row(comparison) for comparison in report.comparisons]
    return entry


def _row(comparison: PredictedRow) -> dict[str, Any]:
    return {
        **dict(comparison.row),
        "measured": comparison.measured,
        "predicted": comparison.predicted,
        "error": comparison.error,
    }


def _line(name: str, comparisons: tuple[PredictedRow, ...]) -> str:
    worst = max(comparisons, key=lambda comparison: abs(comparison.error))
    errors = f"{mean_error(comparisons):8.2%} {abs(worst.error):8.2%}"
    return f"{name:36} {len(comparisons):5} {errors}  {_describe(worst)}"


def _describe(comparison: PredictedRow) -> str:
    return " ".join(text for _, text in comparison.row if text)


_LIMITS = """\
## What these references cannot tell

- The PIM measured is HBM2 with FP16 lanes; the machines of this project are LPDDR5 with INT8. The command model is
  the same code with another geometry and timing set, but nobody has published cycles of such a device.
- No reference has concurrent traffic: an NPU's stream beside computing ranks is not among them.
- All but AMUSD's logs come from simulators, not from silicon, and none knows a power limit or tFAW on all-bank
  activation.
- An AMUSD log's total time holds more than its lists of steps (by the authors' code: the target's prompt pass, the
  wake-up of two processes, the check for the end of the text). The prediction has no such part.
- The rows of ONNXim's 32x32 machine are stated to be of 8 MB + 1 MB buffers; ONNXim itself gives them exactly with
  512 KB + 128 KB and not with those, so the smaller ones are used (figures in `tests/reference/README-npu.md`).

## What was measured

Samsung PIMSimulator (HBM2-PIM, 64 pseudo-channels); SCALE-Sim 3.0.0; ONNXim, one weight-stationary core at 1 GHz;
Ramulator 2.1, LPDDR5-6400; the published run logs of AMUSD (arXiv 2410.17375).
"""


def validation_page(reports: Sequence[FileReport]) -> str:
    """A page with every figure, targets beside them, failures included."""
    parts = [
        "# Validation\n\nWritten by `ahasd validate`. Errors are relative and absolute in size; each row is "
        "predicted by the code that runs use, and none is stored in the package.\n",
        "| file | rows | mean | target | worst | target | worst row | predicted by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for report in reports:
        groups = report.groups()
        for name, comparisons in groups.items() if _has_group_targets(report) else [("", report.comparisons)]:
            parts.append(_page_line(report.name, name, comparisons))
    parts.append("")
    for report in reports:
        if report.null:
            parts.append(
                f"Without the mechanism (mean acceptance in a closed form) {report.name} is missed by "
                f"{mean_error(report.null):.1%} in the mean.\n"
            )
    parts += [_LIMITS, _energy()]
    for report in reports:
        parts.append(f"## {report.name}\n\n| row | measured | predicted | error |\n|---|---|---|---|")
        parts += [
            f"| {_describe(row)} | {row.measured:.6g} | {row.predicted:.6g} | {row.error:+.2%} |"
            for row in report.comparisons
        ]
        parts.append(f"\nUnit: {report.unit}.\n")
    return "\n".join(parts)


def _energy() -> str:
    """The flat constants of the presets beside the energies of commands."""
    constants = load_preset(DEFAULT_PRESET).hardware.require_energy()
    lines = [
        "## Energy per bit: commands beside flat constants\n",
        f"Runs charge {constants.offchip_pj_per_bit:g} pJ/bit for what crosses the bus. By the commands of a stream "
        "(16 Gb LPDDR5X data sheet; all-bank refresh, standby and both drivers included) it would be:\n",
        "| currents | stream | pJ/bit | against the constant |\n|---|---|---|---|",
    ]
    lines += [
        f"| {row.level} | {row.stream} | {row.pj_per_bit:.2f} | {row.difference:+.0%} |"
        for row in energy_rows(constants.offchip_pj_per_bit)
    ]
    lines += [
        f"\nA read inside the arrays is charged {constants.pim_array_pj_per_bit:g} pJ/bit: a share of the read "
        "burst, plus activate and precharge of a 2 KB row.\n",
        "| currents | share of a read burst | pJ/bit |\n|---|---|---|",
    ]
    lines += [f"| {level} | {share:.0%} | {per_bit:.2f} |" for level, share, per_bit in in_array_rows()]
    return "\n".join(lines) + "\n"


def _has_group_targets(report: FileReport) -> bool:
    return any(target_for(report.name, name) is not None for name in report.groups() if name)


def _page_line(file: str, group: str, comparisons: tuple[PredictedRow, ...]) -> str:
    target = target_for(file, group)
    worst = max(comparisons, key=lambda comparison: abs(comparison.error))
    mean = mean_error(comparisons)
    goals = ("", "", "")
    if target is not None:
        met = mean <= target.mean and abs(worst.error) <= target.worst
        goals = (
            f"{target.mean:.1%}",
            f"{target.worst:.0%}" + ("" if met else " **missed**"),
            target.predicted_by,
        )
    name = f"{file}, {group}" if group else file
    return (
        f"| {name} | {len(comparisons)} | {mean:.2%} | {goals[0]} | {abs(worst.error):.2%} | {goals[1]} "
        f"| {_describe(worst)} | {goals[2]} |"
    )
