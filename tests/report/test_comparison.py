"""The table of a comparison, on results made by hand."""

import csv
from io import StringIO

import pytest

from ahasd import simulate
from ahasd.experiments.cell import Cell
from ahasd.report.comparison.comparison import csv_text, markdown, reference_system, table_rows
from ahasd.speculation.results import SpeculationResult as Result


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16, system="npu")


def cell(result: Result, system: str, speeds: list[float], joules: list[float], pair: str = "a:b") -> Cell:
    results = [
        result.model_copy(update={"system": system, "tokens_per_second": speed, "joules_per_token": energy})
        for speed, energy in zip(speeds, joules, strict=True)
    ]
    return Cell(pair, system, "module-mac", tuple(results))


def test_ratios_are_taken_seed_by_seed(result: Result) -> None:
    # Both vary by a factor of four, their ratio not at all: paired, the interval has no width.
    slow = cell(result, "npu", [1.0, 2.0, 4.0], [1.0, 2.0, 4.0])
    fast = cell(result, "ahasd", [3.0, 6.0, 12.0], [0.5, 1.0, 2.0])
    head, rows = table_rows([slow, fast], "module-mac")
    assert len(head) == len(rows[0]) == len(rows[1])
    assert rows[1][0] == "ahasd"
    assert rows[1][1].startswith("7.00 ± ")
    assert "3.00 ± 0.00" in rows[1]
    assert "0.50 ± 0.00" in rows[1]


def test_the_mean_of_ratios_is_not_the_ratio_of_means(result: Result) -> None:
    slow = cell(result, "npu", [1.0, 4.0], [1.0, 1.0])
    fast = cell(result, "ahasd", [2.0, 4.0], [1.0, 1.0])
    # Ratios 2 and 1: mean 1.5, deviation 0.7071, t = 12.706 with one degree of freedom.
    assert "1.50 ± 6.35" in table_rows([slow, fast], "module-mac")[1][1]


def test_the_reference_is_npu_or_the_first(result: Result) -> None:
    npu, other = cell(result, "npu", [1.0], [1.0]), cell(result, "ahasd", [1.0], [1.0])
    assert reference_system([other, npu]) == "npu"
    assert reference_system([other]) == "ahasd"


def test_published_ratios_stand_only_beside_their_own_pair(result: Result) -> None:
    def row(pair: str) -> list[str]:
        cells = [cell(result, name, [1.0], [1.0], pair) for name in ("npu", "ahasd")]
        return table_rows(cells, "module-mac")[1][1]

    assert {"3.10", "0.48"} <= set(row("llama2-7b:llama2-13b"))
    assert not {"3.10", "0.48"} & set(row("qwen2.5-0.5b:qwen2.5-7b"))


def test_no_ratio_to_a_reference_that_cannot_run(result: Result) -> None:
    cells = [Cell("a:b", "npu", "module-mac", (), "it is too large"), cell(result, "ahasd", [2.0], [1.0])]
    _, rows = table_rows(cells, "module-mac")
    assert rows[0][1] == "cannot run"
    assert rows[1][1] == "2.00"
    assert rows[1][2] == ""
    assert "npu on module-mac cannot run: it is too large" in markdown(cells)


def test_every_line_of_the_csv_has_every_column(result: Result) -> None:
    refused = Cell("a:b", "ahasd", "module-mac", (), 'weights, "cache" and\nmore')
    lines = list(csv.reader(StringIO(csv_text([cell(result, "npu", [1.0, 2.0], [1.0, 2.0]), refused]))))
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert lines[3][0] == "ahasd"
    assert dict(zip(lines[0], lines[3], strict=True))["refused"] == 'weights, "cache" and\nmore'


def test_numbers_of_the_csv_are_not_rounded(result: Result) -> None:
    third = 1 / 3
    lines = list(csv.DictReader(StringIO(csv_text([cell(result, "npu", [third], [third])]))))
    assert float(lines[0]["tokens_per_second"]) == third
