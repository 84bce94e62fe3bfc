"""Figures of a cell: over its seeds, and over those of another cell."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import joules_per_token, speedup, tokens_per_second

MakeCell = Callable[..., Cell]


def test_the_mean_of_ratios_is_not_the_ratio_of_means(made_cell: MakeCell) -> None:
    slow, fast = made_cell("npu", [1.0, 4.0], [1.0, 1.0]), made_cell("ahasd", [2.0, 4.0], [1.0, 1.0])
    assert fast.ratios(slow, tokens_per_second) == [2.0, 1.0]
    found = fast.ratio(slow, tokens_per_second)
    assert found is not None
    # Ratios 2 and 1: mean 1.5, deviation 0.7071, t = 12.706 with one degree of freedom.
    assert (found.mean, found.half_width) == (1.5, pytest.approx(12.706 * 0.5, rel=1e-4))


def test_there_is_no_ratio_to_a_cell_of_other_seeds(made_cell: MakeCell) -> None:
    one, two = made_cell("npu", [1.0], [1.0]), made_cell("npu", [1.0, 2.0], [1.0, 2.0])
    nothing = Cell("a:b", "npu", "module-mac", (), "too large")
    for cell, base in ((one, two), (two, one), (one, nothing), (nothing, nothing)):
        assert cell.ratios(base, joules_per_token) == []
        assert cell.ratio(base, joules_per_token) is None


def test_runs_without_a_metric_do_not_count(made_cell: MakeCell) -> None:
    without, with_it = (made_cell("npu", [1.0], [1.0], speedup=value).results[0] for value in (None, 3.0))
    mixed = Cell("a:b", "npu", "module-mac", (without, with_it))
    assert mixed.values(speedup) == [3.0]
    assert mixed.mean(speedup) == 3.0
    alone = Cell("a:b", "npu", "module-mac", (without,))
    assert alone.mean(speedup) is None
    assert alone.interval(speedup) is None


def test_the_ends_of_the_energy_are_means_over_seeds(made_cell: MakeCell) -> None:
    cell = made_cell("npu", [1.0, 2.0], [1.0, 2.0])
    assert cell.joules_ends is None
    assert replace(cell, joules_low=(0.5, 0.7), joules_high=(3.0, 5.0)).joules_ends == (0.6, 4.0)


@pytest.mark.parametrize(("drafted", "drafts"), [(0, False), (3, True)])
def test_a_cell_drafts_if_any_run_did(made_cell: MakeCell, drafted: int, drafts: bool) -> None:
    quiet, other = (made_cell("npu", [1.0], [1.0], drafted=count).results[0] for count in (0, drafted))
    assert Cell("a:b", "npu", "module-mac", (quiet, other)).drafts is drafts
