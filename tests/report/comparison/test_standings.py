"""The tables of a comparison, on results made by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ahasd.experiments.cell import Cell
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, ratios_table, standings_table
from ahasd.report.comparison.summary import comparison_page, comparison_text

MakeCell = Callable[..., Cell]


def test_ratios_are_taken_seed_by_seed(made_cell: MakeCell) -> None:
    # Both vary by a factor of four, their ratio not at all: paired, the interval has no width.
    slow = made_cell("npu", [1.0, 2.0, 4.0], [1.0, 2.0, 4.0])
    fast = made_cell("ahasd", [3.0, 6.0, 12.0], [0.5, 1.0, 2.0])
    row = standings_table([slow, fast], "module-mac").rows[1]
    assert row[0] == "ahasd"
    assert row[1].startswith("7.00 ± ")
    assert "3.00 ± 0.00" in row
    assert "0.50 ± 0.00" in row


def test_published_ratios_stand_only_beside_their_own_pair(made_cell: MakeCell) -> None:
    def row(pair: str) -> list[str]:
        cells = [made_cell(name, [1.0], [1.0], pair) for name in ("npu", "ahasd")]
        return list(standings_table(cells, "module-mac").rows[1])

    assert {"3.10", "0.48"} <= set(row("llama2-7b:llama2-13b"))
    assert not {"3.10", "0.48"} & set(row("qwen2.5-0.5b:qwen2.5-7b"))


def test_no_ratio_to_a_reference_that_cannot_run(made_cell: MakeCell) -> None:
    cells = [Cell("a:b", "npu", "module-mac", (), "it is too | large"), made_cell("ahasd", [2.0], [1.0])]
    rows = standings_table(cells, "module-mac").rows
    assert rows[0][1] == "cannot run"
    assert rows[1][1] == "2.00"
    assert rows[1][2] == ""
    assert "npu on module-mac cannot run: it is too | large" in comparison_page(cells)
    assert "npu on module-mac cannot run: it is too | large" in comparison_text(cells)


@pytest.mark.parametrize(
    ("ratio", "published", "ours"), [(THROUGHPUT, "3.10", "3.00"), (ENERGY, "0.48", "0.50")]
)
def test_a_ratio_has_a_column_for_each_machine(
    made_cell: MakeCell, ratio: object, published: str, ours: str
) -> None:
    pair = "llama2-7b:llama2-13b"
    cells = [made_cell("npu", [1.0], [1.0], pair), made_cell("ahasd", [3.0], [0.5], pair)]
    cells += [replace(cell, hardware="rank-both") for cell in cells[:1]]
    cells += [Cell(pair, "ahasd", "rank-both", (), "too large")]
    table = ratios_table(cells, ratio)  # type: ignore[arg-type]
    assert [column.title for column in table.columns][1:] == ["paper", "module-mac", "rank-both"]
    assert [list(row) for row in table.rows] == [["ahasd", published, ours, "cannot run"]]


def test_a_terminal_has_the_range_of_energy_where_it_was_asked_for(made_cell: MakeCell) -> None:
    cells = [made_cell(name, [1.0, 2.0], [1.0, 3.0]) for name in ("npu", "ahasd")]
    line = next(line for line in comparison_text(cells).splitlines() if line.startswith("ahasd "))
    assert line.split()[1:5] == ["1.50", "±", "6.35", "2.000"]
    ranged = [replace(cell, joules_low=(0.5, 0.5), joules_high=(4.0, 4.0)) for cell in cells]
    line = next(line for line in comparison_text(ranged).splitlines() if line.startswith("ahasd "))
    assert "(0.500 to 4.000)" in line


def test_ratios_stand_in_the_page_and_not_in_the_terminal(made_cell: MakeCell) -> None:
    cells = [made_cell(name, [1.0], [1.0]) for name in ("npu", "ahasd")]
    assert "throughput / npu" not in comparison_text(cells)
    assert "throughput / npu" in comparison_page(cells)
