"""Means over pairs and algorithms of ratios that are taken seed by seed."""

from collections.abc import Callable

import pytest

from ahasd.experiments.ablation import Ablation
from ahasd.experiments.cell import Cell
from ahasd.experiments.full_results import algorithms, by_algorithm, readings
from ahasd.experiments.metrics import tokens_per_second
from ahasd.experiments.over_cells import over_cells
from ahasd.experiments.overview import overview

MakeCell = Callable[..., Cell]


def test_cells_count_alike_whatever_their_seeds() -> None:
    found = over_cells([[1.0, 3.0], [], [8.0]])
    assert found is not None
    assert (found.mean, found.least, found.most, found.cells) == (5.0, 2.0, 8.0, 2)
    assert found.over_seeds is None
    assert over_cells([[], []]) is None


def test_a_single_cell_has_the_interval_of_its_seeds() -> None:
    found = over_cells([[1.0, 3.0]])
    assert found is not None
    assert found.over_seeds is not None
    # Deviation 1.414, t = 12.706 with one degree of freedom.
    assert found.over_seeds.half_width == pytest.approx(12.706, rel=1e-4)


def grid(made_cell: MakeCell) -> list[Cell]:
    """Two pairs, two algorithms; the target alone has none, and the GPU lacks room for the second pair."""
    cells = []
    for pair, factor in (("a:b", 1.0), ("c:d", 2.0)):
        for algorithm in ("svip", "adaedl"):
            cells.append(made_cell("npu", [factor], [2.0], pair, algorithm=algorithm))
            fast = 3.0 if algorithm == "svip" else 5.0
            cells.append(made_cell("ahasd", [fast], [1.0], pair, algorithm=algorithm))
            refused = Cell(pair, "gpu", "laptop", (), "too large", algorithm)
            cells.append(
                refused if pair == "c:d" else made_cell("gpu", [4.0], [8.0], pair, "laptop", algorithm)
            )
        cells.append(made_cell("npu-autoregressive", [factor / 2], [1.0], pair, algorithm="none"))
    return cells


def test_an_overview_has_the_mean_and_the_ends_over_pairs_and_algorithms(made_cell: MakeCell) -> None:
    rows = {row.system: row for row in overview(grid(made_cell), "npu")}
    ahasd = rows["ahasd"].speed
    assert ahasd is not None
    assert (ahasd.mean, ahasd.least, ahasd.most) == ((3 + 5 + 1.5 + 2.5) / 4, 1.5, 5.0)
    assert rows["ahasd"].energy is not None
    assert rows["ahasd"].energy.mean == 0.5
    assert (rows["ahasd"].cells, rows["gpu"].cells) == (4, 2)
    # The target alone is compared with the reference under each algorithm.
    alone = rows["npu-autoregressive"]
    assert alone.speed is not None
    assert (alone.speed.mean, alone.cells) == (0.5, 4)


def test_a_reference_that_never_runs_leaves_rows_without_ratios(made_cell: MakeCell) -> None:
    cells = [Cell("a:b", "gpu", "laptop", (), "too large"), made_cell("npu", [1.0], [1.0])]
    assert [(row.speed, row.energy, row.cells) for row in overview(cells, "gpu")] == [(None, None, 0)] * 2


def test_a_reading_has_its_own_cells_and_those_on_hardware_of_their_own(made_cell: MakeCell) -> None:
    cells = [made_cell("npu", [1.0], [1.0], hardware=name) for name in ("m", "n")]
    cells.append(made_cell("gpu", [1.0], [1.0], hardware="laptop"))
    found = readings(cells)
    assert [(one.hardware, [cell.hardware for cell in one.cells]) for one in found] == [
        ("m", ["m", "laptop"]),
        ("n", ["n", "laptop"]),
    ]
    (only,) = readings(cells[2:])
    assert (only.hardware, only.cells) == ("", tuple(cells[2:]))


def test_a_system_without_a_draft_stands_under_every_algorithm(made_cell: MakeCell) -> None:
    of_pair = [cell for cell in grid(made_cell) if cell.pair == "a:b"]
    assert algorithms(of_pair) == ["svip", "adaedl"]
    rows = {row.system: row for row in by_algorithm(of_pair)}
    assert [cell.algorithm for cell in rows["ahasd"].cells] == ["svip", "adaedl"]
    assert [cell.algorithm for cell in rows["npu-autoregressive"].cells] == ["none", "none"]
    alone = [cell for cell in of_pair if cell.algorithm == "none"]
    assert algorithms(alone) == ["none"]
    assert len(by_algorithm(alone)[0].cells) == 1


def test_an_ablation_takes_ratios_where_both_can_run(made_cell: MakeCell) -> None:
    ablation = Ablation(grid(made_cell))
    found = ablation.ratio("ahasd", "gpu", tokens_per_second)
    assert found is not None
    assert (found.mean, found.least, found.most, found.cells) == (1.0, 0.75, 1.25, 2)
    assert ablation.mean("npu", tokens_per_second) == 1.5
    assert ablation.over("specpim", tokens_per_second) is None
    assert ablation.mean("specpim", tokens_per_second) is None
    assert len(ablation.of("gpu")) == 2
