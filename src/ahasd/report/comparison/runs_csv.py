"""``results.csv`` of a comparison: every run, unrounded."""

from collections.abc import Sequence
from itertools import repeat

from ahasd.experiments import metrics
from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import PartialMetric
from ahasd.report.table import Table, left, unrounded

#: Column -> what stands in it. Devices are those that work alone.
RUN_COLUMNS: dict[str, PartialMetric] = {
    "tokens_per_second": metrics.tokens_per_second,
    "joules_per_token": metrics.joules_per_token,
    "draft_acceptance_rate": metrics.acceptance_rate,
    "mean_acceptance_length": metrics.acceptance_length,
    "drafted": metrics.drafts("drafted"),
    "accepted": metrics.drafts("accepted"),
    "rejected": metrics.drafts("rejected"),
    "flushed": metrics.drafts("flushed"),
    "in_flight": metrics.drafts("in_flight"),
    "joules_wasted": metrics.joules_wasted,
    "average_power_w": metrics.average_power_w,
    "npu_busy": metrics.busy("npu"),
    "pim_busy": metrics.busy("pim"),
    "gpu_busy": metrics.busy("gpu"),
    "gpu2_busy": metrics.busy("gpu2"),
    "speedup": metrics.speedup,
}


def runs_csv(cells: Sequence[Cell]) -> str:
    """One line per run, and one per cell that was refused; what else is varied has columns of its own, at the end."""
    names = ("system", "hardware", "pair", "algorithm", "seed")
    varied = list(dict.fromkeys(name for cell in cells for name, _ in cell.varied))
    columns = left(*names, *RUN_COLUMNS, "refused", "joules_per_token_low", "joules_per_token_high", *varied)
    rows = [
        [*row, *(dict(cell.varied).get(name, "") for name in varied)] for cell in cells for row in _rows(cell)
    ]
    return Table(columns, rows).csv()


def _rows(cell: Cell) -> list[list[str]]:
    ends = zip(cell.joules_low, cell.joules_high, strict=True) if cell.joules_low else repeat((None, None))
    rows = []
    for result, (low, high) in zip(cell.results, ends, strict=False):
        where = [
            cell.system,
            cell.hardware,
            result.pair,
            result.speculation.algorithm,
            result.reproduce["seed"],
        ]
        figures = [of_run(result) for of_run in RUN_COLUMNS.values()]
        rows.append([unrounded(value) for value in (*where, *figures, None, low, high)])
    if cell.refused:
        nothing = [""] * len(RUN_COLUMNS)
        rows.append(
            [cell.system, cell.hardware, cell.pair, cell.algorithm, "", *nothing, cell.refused, "", ""]
        )
    return rows
