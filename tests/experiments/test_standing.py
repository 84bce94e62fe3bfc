"""Systems beside a reference on their machine."""

from collections.abc import Callable

from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import tokens_per_second
from ahasd.experiments.standing import reference_system, standings, standings_by_system

MakeCell = Callable[..., Cell]


def test_the_reference_is_npu_or_the_first(made_cell: MakeCell) -> None:
    npu, other = made_cell("npu", [1.0], [1.0]), made_cell("ahasd", [1.0], [1.0])
    assert reference_system([other, npu]) == "npu"
    assert reference_system([other]) == "ahasd"


def test_a_system_is_compared_with_the_reference_on_its_own_machine(made_cell: MakeCell) -> None:
    cells = [
        made_cell(system, [speed], [1.0], hardware=hardware)
        for hardware, npu, ahasd in (("m", 1.0, 3.0), ("n", 2.0, 8.0))
        for system, speed in (("npu", npu), ("ahasd", ahasd))
    ]
    ratios = [one.ratio(tokens_per_second) for one in standings(cells, "n")]
    assert [ratio.mean if ratio else None for ratio in ratios] == [1.0, 4.0]
    (everywhere,) = standings_by_system(cells).values()
    assert [one.cell.hardware for one in everywhere] == ["m", "n"]
    assert [found.mean for one in everywhere if (found := one.ratio(tokens_per_second))] == [3.0, 4.0]


def test_there_is_no_ratio_where_the_reference_cannot_run(made_cell: MakeCell) -> None:
    cells = [Cell("a:b", "npu", "module-mac", (), "too large"), made_cell("ahasd", [2.0], [1.0])]
    assert [one.ratio(tokens_per_second) for one in standings(cells, "module-mac")] == [None, None]
    elsewhere = made_cell("ahasd", [2.0], [1.0], hardware="n")
    (alone,) = standings([*cells, elsewhere], "n")
    assert alone.reference is None
    assert alone.ratio(tokens_per_second) is None
