"""A comparison as a table for people and as CSV."""

import csv
from collections.abc import Sequence
from io import StringIO
from itertools import repeat
from statistics import fmean
from typing import Literal

from ahasd.experiments.cell import Cell
from ahasd.intervals import Interval, interval
from ahasd.report.comparison.published import published_ratio
from ahasd.speculation.results import SpeculationResult

#: "/ npu" is the ratio to that system, "/ alone" to the target alone on the device that verifies; the last two
#: are the shares of time in which the NPU or else the GPU, and the PIM or else the second GPU, work.
COLUMNS = (
    "system",
    "tokens/s",
    "/ {reference}",
    "paper",
    "/ alone",
    "J/token",
    "/ {reference}",
    "paper",
    "accept.",
    "tok/pass",
    "NPU/GPU",
    "PIM/GPU2",
)

#: Devices whose busy shares the CSV file has.
SINGLE_DEVICES = ("npu", "pim", "gpu", "gpu2")


def reference_system(cells: Sequence[Cell]) -> str:
    """The system that ratios are taken to: ``npu`` where it is compared, else the first."""
    systems = [cell.system for cell in cells]
    return "npu" if "npu" in systems else systems[0]


def table_rows(cells: Sequence[Cell], hardware: str) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of one machine; ratios are taken seed by seed.

    A row whose system cannot run there has the reason in :func:`refusals`.
    """
    reference = reference_system(cells)
    of_reference = next(
        (cell.results for cell in cells if cell.system == reference and cell.hardware == hardware), ()
    )
    head = [column.format(reference=reference) for column in COLUMNS]
    rows = [_row(cell, of_reference, reference) for cell in cells if cell.hardware == hardware]
    return head, rows


def ratio_rows(
    cells: Sequence[Cell], quantity: Literal["throughput", "energy"]
) -> tuple[list[str], list[list[str]]]:
    """Head and rows of ratios to the reference system: a row per system, the paper's figure, a column per machine."""
    reference = reference_system(cells)
    machines = list(dict.fromkeys(cell.hardware for cell in cells))
    by_place = {(cell.system, cell.hardware): cell for cell in cells}
    rows = []
    for system in dict.fromkeys(cell.system for cell in cells):
        if system == reference:
            continue
        published = published_ratio(cells[0].pair, system, reference, _speculates(cells))
        row = [system, f"{getattr(published, quantity):.2f}" if published else ""]
        for machine in machines:
            cell, base = by_place[system, machine], by_place[reference, machine]
            row.append(
                "cannot run" if cell.refused else _ratio(_values(cell, quantity), _values(base, quantity))
            )
        rows.append(row)
    return [f"{quantity} / {reference}", "paper", *machines], rows


def refusals(cells: Sequence[Cell]) -> list[str]:
    """Why systems cannot run where they cannot."""
    return [f"{cell.system} on {cell.hardware} cannot run: {cell.refused}" for cell in cells if cell.refused]


def markdown(cells: Sequence[Cell]) -> str:
    """All machines' tables in Markdown."""
    parts = []
    for hardware in dict.fromkeys(cell.hardware for cell in cells):
        parts.append(f"### {hardware}\n\n{markdown_table(*table_rows(cells, hardware))}")
    parts.append("### Ratios\n")
    parts.append(markdown_table(*ratio_rows(cells, "throughput")))
    parts.append(markdown_table(*ratio_rows(cells, "energy")))
    return "\n".join([*parts, *refusals(cells)])


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def csv_text(cells: Sequence[Cell]) -> str:
    """One line per run, and one per cell that was refused."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    fields = (
        "tokens_per_second",
        "joules_per_token",
        "draft_acceptance_rate",
        "mean_acceptance_length",
        "drafted",
        "accepted",
        "rejected",
        "flushed",
        "in_flight",
        "joules_wasted",
        "average_power_w",
    )
    writer.writerow(
        [
            "system",
            "hardware",
            "pair",
            "algorithm",
            "seed",
            *fields,
            *(f"{device}_busy" for device in SINGLE_DEVICES),
            "speedup",
            "refused",
            "joules_per_token_low",
            "joules_per_token_high",
        ]
    )
    for cell in cells:
        ends = zip(cell.joules_low, cell.joules_high, strict=True) if cell.joules_low else repeat(("", ""))
        for result, (low, high) in zip(cell.results, ends, strict=False):
            writer.writerow(
                [
                    cell.system,
                    cell.hardware,
                    result.pair,
                    result.speculation.algorithm,
                    result.reproduce["seed"],
                    *[_figure(result, field) for field in fields],
                    *[_busy(result, device) for device in SINGLE_DEVICES],
                    result.speedup,
                    "",
                    low,
                    high,
                ]
            )
        if cell.refused:
            writer.writerow(
                [
                    cell.system,
                    cell.hardware,
                    cell.pair,
                    cell.algorithm,
                    *[""] * (len(fields) + len(SINGLE_DEVICES) + 2),
                    cell.refused,
                    "",
                    "",
                ]
            )
    return buffer.getvalue()


def _figure(result: SpeculationResult, name: str) -> float | None:
    """A figure of the result, or of its section."""
    found: float | None = getattr(result if hasattr(result, name) else result.speculation, name)
    return found


def joules_text(cell: Cell) -> str:
    """Mean joules per token and its 95 % interval over seeds, and the ends over the constants' ranges, if known."""
    text = interval([result.joules_per_token for result in cell.results]).text(3)
    if not cell.joules_low:
        return text
    return f"{text} ({fmean(cell.joules_low):.3f} to {fmean(cell.joules_high):.3f})"


def _speculates(cells: Sequence[Cell]) -> bool:
    return any(result.speculation.drafted for cell in cells for result in cell.results)


def _values(cell: Cell, quantity: Literal["throughput", "energy"]) -> list[float]:
    if quantity == "throughput":
        return [result.tokens_per_second for result in cell.results]
    return [result.joules_per_token for result in cell.results]


def _row(cell: Cell, of_reference: Sequence[SpeculationResult], reference: str) -> list[str]:
    if cell.refused:
        return [cell.system, "cannot run", *[""] * (len(COLUMNS) - 2)]
    results = cell.results
    published = published_ratio(cell.pair, cell.system, reference, _speculates([cell]))
    speedups = [result.speedup for result in results if result.speedup is not None]
    return [
        cell.system,
        interval([result.tokens_per_second for result in results]).text(2),
        _ratio([r.tokens_per_second for r in results], [r.tokens_per_second for r in of_reference]),
        f"{published.throughput:.2f}" if published else "",
        interval(speedups).text(2) if speedups else "",
        joules_text(cell),
        _ratio([r.joules_per_token for r in results], [r.joules_per_token for r in of_reference]),
        f"{published.energy:.2f}" if published else "",
        _mean(
            [
                r.speculation.draft_acceptance_rate
                for r in results
                if r.speculation.draft_acceptance_rate is not None
            ],
            2,
        ),
        _mean([r.speculation.mean_acceptance_length for r in results], 2),
        _percent(_shares(results, "npu", "gpu")),
        _percent(_shares(results, "pim", "gpu2")),
    ]


def _busy(result: SpeculationResult, device: str) -> float | None:
    shares = result.devices.get(device)
    return shares.busy if shares else None


def _shares(results: Sequence[SpeculationResult], *devices: str) -> list[float]:
    """Busy shares of the first of the devices that each run has; nothing for a run without them."""
    found = [[_busy(result, device) for device in devices] for result in results]
    return [
        next(busy for busy in shares if busy is not None)
        for shares in found
        if any(s is not None for s in shares)
    ]


def _ratio(values: Sequence[float], reference: Sequence[float]) -> str:
    if len(values) != len(reference):
        return ""
    ratios: Interval = interval([a / b for a, b in zip(values, reference, strict=True)])
    return ratios.text(2)


def _mean(values: Sequence[float], digits: int) -> str:
    return f"{sum(values) / len(values):.{digits}f}" if values else ""


def _percent(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.0%}" if values else ""
