"""``results.csv`` of a comparison: every run, unrounded."""

from collections.abc import Callable, Sequence
from itertools import repeat

from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import busy, speedup
from ahasd.report.table import Table, left, unrounded
from ahasd.speculation.results import SpeculationResult

#: Column -> what stands in it. Devices are those that work alone.
RUN_COLUMNS: dict[str, Callable[[SpeculationResult], float | None]] = {
    "tokens_per_second": lambda result: result.tokens_per_second,
    "joules_per_token": lambda result: result.joules_per_token,
    "draft_acceptance_rate": lambda result: result.speculation.draft_acceptance_rate,
    "mean_acceptance_length": lambda result: result.speculation.mean_acceptance_length,
    "drafted": lambda result: result.speculation.drafted,
    "accepted": lambda result: result.speculation.accepted,
    "rejected": lambda result: result.speculation.rejected,
    "flushed": lambda result: result.speculation.flushed,
    "in_flight": lambda result: result.speculation.in_flight,
    "joules_wasted": lambda result: result.speculation.joules_wasted,
    "average_power_w": lambda result: result.average_power_w,
    "npu_busy": busy("npu"),
    "pim_busy": busy("pim"),
    "gpu_busy": busy("gpu"),
    "gpu2_busy": busy("gpu2"),
    "speedup": speedup,
}


def runs_csv(cells: Sequence[Cell]) -> str:
    """One line per run, and one per cell that was refused."""
    names = ("system", "hardware", "pair", "algorithm", "seed")
    columns = left(*names, *RUN_COLUMNS, "refused", "joules_per_token_low", "joules_per_token_high")
    return Table(columns, [row for cell in cells for row in _rows(cell)]).csv()


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
