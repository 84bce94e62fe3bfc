"""Validation reports as text, JSON and a page of the documentation."""

from collections.abc import Sequence
from typing import Any

from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset
from ahasd.report.field import field_json, field_text
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.offload import offload_json, offload_text
from ahasd.report.table import Table, left, right
from ahasd.report.unpredicted import predicted_of, unpredicted_json, unpredicted_lines, unpredicted_of
from ahasd.validation.energy import energy_rows, in_array_rows
from ahasd.validation.field.expert_offload import OffloadReport
from ahasd.validation.field.speculation import FieldReport
from ahasd.validation.reference import FileReport, PredictedRow, max_error, mean_error, worst
from ahasd.validation.targets import rows_by_target, target_for


def validation_text(reports: Sequence[FileReport], rows: bool) -> str:
    """How close the models are, a line per file and group, files' own scores; with ``rows`` a line per row too."""
    lines: list[Sequence[str]] = []
    below: list[str] = []
    predicted = predicted_of(reports)
    if not predicted:
        return f"{validation_sentence(reports)}\n\n{unpredicted_lines(reports)}"
    for report in predicted:
        sets = {report.name: report.comparisons}
        if len(report.groups()) > 1:
            sets |= {f"  {name}": comparisons for name, comparisons in report.groups().items()}
        if report.null:
            sets["  without the mechanism"] = report.null
        lines += [_summary_row(name, comparisons) for name, comparisons in sets.items()]
        more = _below(report, rows)
        below += [f"\n{report.name}\n{more}"] if more else []
    columns = (
        *left("file", least=36),
        *right("rows", least=5),
        *right("mean", "worst", least=8),
        *left("worst row"),
    )
    parts = [f"{validation_sentence(reports)}\n\n", fitted(Table(columns, lines)), *below]
    return "".join([*parts, unpredicted_lines(reports)])


def validation_sentence(reports: Sequence[FileReport]) -> str:
    """Say how many rows are predicted, how well, and where worst; and how many files have none that are."""
    predicted, others = predicted_of(reports), unpredicted_of(reports)
    left_out = sum(len(report.unpredictable) for report in others)
    apart = f"{left_out} rows of {', '.join(report.name for report in others)} are not predicted here."
    if not predicted:
        return apart
    rows = [row for report in predicted for row in report.comparisons]
    furthest = max(predicted, key=lambda report: report.max_error)
    missed = [
        file if group == "" else f"{file}, {group}"
        for report in predicted
        for file, group, comparisons in ((report.name, *each) for each in rows_by_target(report).items())
        if (target := target_for(file, group)) is not None and not target.met_by(comparisons)
    ]
    text = (
        f"{len(rows)} rows of {len(predicted)} files are predicted with a mean error of "
        f"{mean_error(tuple(rows)):.2%}; the worst is off by {furthest.max_error:.2%} ({furthest.name})."
    )
    text += f" Targets missed: {'; '.join(missed)}." if missed else ""
    return f"{text} {apart}" if others else text


def validation_json(reports: Sequence[FileReport], rows: bool) -> dict[str, Any]:
    """Errors as fractions, by file."""
    return {"files": {report.name: _entry(report, rows) for report in reports}}


_LIMITS = """\
## What these references cannot tell

- The PIM measured is HBM2 with FP16 lanes; the machines of this project are LPDDR5 with INT8. The command model is
  the same code with another geometry and timing set, but nobody has published cycles of such a device.
- No reference has concurrent traffic: an NPU's stream beside computing ranks is not among them.
- All but AMUSD's logs and the widths of verifications come from simulators, not from silicon, and none knows a power
  limit or tFAW on all-bank activation.
- The rows of `verify_width.csv` are those that the width costs of GPU backends were fitted on. On sources left out of
  a fit the mean error is 11 % (CUDA, 8 and 4 bits), 7 % (Apple) and 4 % (FP16); how a backend's cost differs from one
  GPU to another is not known, nor what it is beyond 11 rows.
- An AMUSD log's total time holds more than its lists of steps (by the authors' code: the target's prompt pass, the
  wake-up of two processes, the check for the end of the text). The prediction has no such part.
- ONNXim's rows hold its tiles (`npu.tiling=onnxim`). The NPU of the presets keeps blocks for reuse by default, of
  which no reference has cycles: on ONNXim's machines they take 0.76 to 0.99 of its time, and tests hold them against
  bounds of communication and against a machine that plays them step by step.
- The rows of ONNXim's 32x32 machine are stated to be of 8 MB + 1 MB buffers; ONNXim itself gives them exactly with
  512 KB + 128 KB and not with those, so the smaller ones are used (figures in `tests/reference/README-npu.md`).

## What was measured

Samsung PIMSimulator (HBM2-PIM, 64 pseudo-channels); SCALE-Sim 3.0.0; ONNXim, one weight-stationary core at 1 GHz;
Ramulator 2.1, LPDDR5-6400; the published run logs of AMUSD (arXiv 2410.17375); passes of several rows on GPUs, as
people published them in the threads that the rows name.
"""


def validation_page(reports: Sequence[FileReport]) -> str:
    """A page with every figure, targets beside them, failures included."""
    parts = [
        "# Validation\n\nWritten by `ahasd validate`. Errors are relative and absolute in size; each row is "
        "predicted by the code that runs use, and none is stored in the package.\n",
        targets_table(predicted_of(reports)).markdown(aligned=True),
    ]
    for report in reports:
        if report.null:
            parts.append(
                f"Without the mechanism ({report.null_model}) {report.name} is missed by "
                f"{mean_error(report.null):.1%} in the mean.\n"
            )
    parts += [_LIMITS, _energy()]
    for report in unpredicted_of(reports):
        rows = Table(left("row", "not predicted here"), report.unpredictable)
        parts += [f"## {report.name}\n", rows.markdown(aligned=True)]
    for report in predicted_of(reports):
        parts += [f"## {report.name}\n", rows_table(report).markdown(aligned=True), f"Unit: {report.unit}.\n"]
    return wrapped("\n".join(parts))


def targets_table(reports: Sequence[FileReport]) -> Table:
    """Errors of each file, or of its groups that have targets of their own, beside the targets."""
    titles = ("file", "rows", "mean", "target", "worst", "target", "worst row", "predicted by")
    rows = [
        _target_row(report.name, group, comparisons)
        for report in reports
        for group, comparisons in rows_by_target(report).items()
    ]
    return Table(left(*titles), rows)


def rows_table(report: FileReport) -> Table:
    """Every row of a file."""
    rows = [
        (_describe(row), f"{row.measured:.6g}", f"{row.predicted:.6g}", f"{row.error:+.2%}")
        for row in report.comparisons
    ]
    return Table(left("row", "measured", "predicted", "error"), rows)


def _summary_row(name: str, comparisons: tuple[PredictedRow, ...]) -> tuple[str, ...]:
    errors = f"{mean_error(comparisons):.2%}", f"{max_error(comparisons):.2%}"
    return name, str(len(comparisons)), *errors, _describe(worst(comparisons))


def _below(report: FileReport, rows: bool) -> str:
    if isinstance(report, FieldReport):
        return field_text(report, rows)
    if isinstance(report, OffloadReport):
        return offload_text(report) + (_row_lines(report) if rows else "")
    return _row_lines(report) if rows else ""


def _row_lines(report: FileReport) -> str:
    return "".join(
        f"    {_describe(row)}: measured {row.measured:.6g}, predicted {row.predicted:.6g} {report.unit} "
        f"({row.error:+.2%})\n"
        for row in report.comparisons
    )


def _describe(comparison: PredictedRow) -> str:
    return " ".join(text for _, text in comparison.row if text)


def _target_row(file: str, group: str, comparisons: tuple[PredictedRow, ...]) -> list[str]:
    target = target_for(file, group)
    mean_target = worst_target = predicted_by = ""
    if target is not None:
        mean_target, predicted_by = f"{target.mean:.1%}", target.predicted_by
        worst_target = f"{target.worst:.0%}" + ("" if target.met_by(comparisons) else " **missed**")
    return [
        f"{file}, {group}" if group else file,
        str(len(comparisons)),
        f"{mean_error(comparisons):.2%}",
        mean_target,
        f"{max_error(comparisons):.2%}",
        worst_target,
        _describe(worst(comparisons)),
        predicted_by,
    ]


def _energy() -> str:
    """The flat constants of the presets beside the energies of commands."""
    constants = load_preset(DEFAULT_PRESET).hardware.require_energy()
    streams = [
        (row.level, row.stream, f"{row.pj_per_bit:.2f}", f"{row.difference:+.0%}")
        for row in energy_rows(constants.offchip_pj_per_bit)
    ]
    arrays = [(row.level, f"{row.share:.0%}", f"{row.pj_per_bit:.2f}") for row in in_array_rows()]
    parts = [
        "## Energy per bit: commands beside flat constants\n",
        f"Runs charge {constants.offchip_pj_per_bit:g} pJ/bit for what crosses the bus. By the commands of a stream "
        "(16 Gb LPDDR5X data sheet; all-bank refresh, standby and both drivers included) it would be:\n",
        Table(left("currents", "stream", "pJ/bit", "against the constant"), streams).markdown(aligned=True),
        f"A read inside the arrays is charged {constants.pim_array_pj_per_bit:g} pJ/bit: a share of the read "
        "burst, plus activate and precharge of a 2 KB row.\n",
        Table(left("currents", "share of a read burst", "pJ/bit"), arrays).markdown(aligned=True),
    ]
    return "\n".join(parts)


def _entry(report: FileReport, rows: bool) -> dict[str, Any]:
    if not report.comparisons:
        return unpredicted_json(report)
    entry: dict[str, Any] = {
        "rows": len(report.comparisons),
        "mean_error": report.mean_error,
        "max_error": report.max_error,
        "worst": _row_json(worst(report.comparisons)),
    }
    groups = report.groups()
    if len(groups) > 1:
        entry["groups"] = {
            name: {
                "rows": len(comparisons),
                "mean_error": mean_error(comparisons),
                "max_error": max_error(comparisons),
            }
            for name, comparisons in groups.items()
        }
    if report.null:
        entry["null_mean_error"] = mean_error(report.null)
    if isinstance(report, FieldReport):
        entry |= field_json(report, rows)
    elif isinstance(report, OffloadReport):
        entry |= offload_json(report, rows)
    elif rows:
        entry["all"] = [_row_json(comparison) for comparison in report.comparisons]
    return entry


def _row_json(comparison: PredictedRow) -> dict[str, Any]:
    return {
        **dict(comparison.row),
        "measured": comparison.measured,
        "predicted": comparison.predicted,
        "error": comparison.error,
    }
