"""``results.csv``: a line per run with every digit."""

import csv
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

from ahasd.experiments.cell import Cell
from ahasd.report.comparison.runs_csv import runs_csv

MakeCell = Callable[..., Cell]


def test_every_line_of_the_csv_has_every_column(made_cell: MakeCell) -> None:
    refused = Cell("a:b", "ahasd", "module-mac", (), 'weights, "cache" and\nmore', "adaedl")
    lines = list(csv.reader(StringIO(runs_csv([made_cell("npu", [1.0, 2.0], [1.0, 2.0]), refused]))))
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    last = dict(zip(lines[0], lines[3], strict=True))
    assert (last["system"], last["algorithm"]) == ("ahasd", "adaedl")
    assert last["refused"] == 'weights, "cache" and\nmore'
    assert [name for name, cell in last.items() if cell] == [
        "system",
        "hardware",
        "pair",
        "algorithm",
        "refused",
    ]


def test_numbers_of_the_csv_are_not_rounded(made_cell: MakeCell) -> None:
    third = 1 / 3
    cell = replace(made_cell("npu", [third], [third]), joules_low=(third / 2,), joules_high=(third * 2,))
    (line,) = csv.DictReader(StringIO(runs_csv([cell])))
    assert float(line["tokens_per_second"]) == third
    assert float(line["joules_per_token_low"]) == third / 2
    assert float(line["joules_per_token_high"]) == third * 2
    assert float(line["npu_busy"]) == cell.results[0].devices["npu"].busy
    assert line["pim_busy"] == ""
