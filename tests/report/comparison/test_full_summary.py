"""``summary.md`` of everything, and the page of an ablation, on results made by hand."""

from collections.abc import Callable

from ahasd.experiments.ablation import STAGES, Ablation
from ahasd.experiments.cell import Cell
from ahasd.report.comparison.ablation import ablation_page, ablation_table
from ahasd.report.comparison.cell_text import joules_text
from ahasd.report.comparison.full_summary import full_summary, overview_table, pair_table

MakeCell = Callable[..., Cell]
PAIR = "llama2-7b:llama2-13b"
REASON = "does not fit: weights | cache = 30 GB; choose another"


def grid(made_cell: MakeCell) -> list[Cell]:
    cells = []
    for algorithm in ("svip", "adaedl"):
        cells += [
            made_cell("npu", [2.0, 2.0], [2.0, 2.0], PAIR, algorithm=algorithm),
            made_cell("ahasd", [6.0, 8.0], [1.0, 1.0], PAIR, algorithm=algorithm),
            Cell(PAIR, "gpu", "laptop", (), REASON, algorithm),
        ]
    return cells


def test_a_reason_with_a_pipe_stays_in_its_cell(made_cell: MakeCell) -> None:
    summary = full_summary(grid(made_cell))
    assert f"| gpu | laptop | {PAIR} | does not fit: weights \\| cache = 30 GB; choose another |" in summary
    (row,) = [row for row in pair_table(grid(made_cell), joules_text).rows if row[0] == "gpu"]
    assert row[2:] == ["does not fit", "does not fit"]


def test_an_overview_sets_the_published_mean_beside_ours(made_cell: MakeCell) -> None:
    rows = {row[0]: list(row[2:]) for row in overview_table(grid(made_cell), "npu").rows}
    assert rows["ahasd"] == ["3.50", "3.50 to 3.50", "3.10", "0.50", "0.50 to 0.50", "0.48", "2"]
    assert rows["gpu"] == ["", "", "", "", "", "", "0"]


def test_only_references_that_ran_have_an_overview(made_cell: MakeCell) -> None:
    summary = full_summary(grid(made_cell))
    assert "## Over `npu`" in summary
    assert "## Over `gpu`" not in summary
    assert "4 of 6 cells ran, each with 2 seeds and 16 tokens." in summary


def test_an_ablation_says_once_what_cannot_run(made_cell: MakeCell) -> None:
    page = ablation_page(Ablation(grid(made_cell)))
    assert page.count("gpu on laptop cannot run") == 1


def test_an_ablation_over_several_algorithms_shows_the_ends_of_its_means(made_cell: MakeCell) -> None:
    cells = [made_cell("npu", [2.0], [2.0], PAIR, algorithm=name) for name in ("svip", "adaedl")]
    cells += [
        made_cell("ahasd", [speed], [1.0], PAIR, algorithm=name)
        for speed, name in ((6.0, "svip"), (8.0, "adaedl"))
    ]
    table = ablation_table(Ablation(cells))
    rows = {row[0]: list(row[1:]) for row in table.rows}
    assert [column.title for column in table.columns][-1] == STAGES["ahasd"] == "+TVC"
    assert rows["tokens/s"][-1] == "7.00 (6.00 to 8.00)"
    assert rows["throughput / npu"][-1] == "3.50 (3.00 to 4.00)"
    assert rows["energy / npu"][0] == "1.00 (1.00 to 1.00)"
    assert rows["tokens/s"][2] == ""
    assert "throughput / gpu" not in rows
