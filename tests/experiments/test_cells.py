"""What the cells of a comparison have in common."""

from collections.abc import Callable

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import (
    DraftedBy,
    Extent,
    Refusal,
    drafted_by,
    extent,
    notes,
    notes_by_frequency,
    refusals,
)

MakeCell = Callable[..., Cell]


def test_a_refusal_counts_once_for_all_algorithms() -> None:
    cells = [Cell("a:b", "gpu", "m", (), "too large", algorithm) for algorithm in ("svip", "adaedl")]
    cells += [Cell("c:d", "gpu", "m", (), "too large")]
    assert refusals(cells) == [
        Refusal("gpu", "m", "a:b", "too large"),
        Refusal("gpu", "m", "c:d", "too large"),
    ]


def test_notes_that_many_share_come_first_and_equals_as_they_come(made_cell: MakeCell) -> None:
    cells = [
        made_cell("npu", [1.0], [1.0], notes=["rare", "common"]),
        made_cell("npu", [1.0], [1.0], notes=["other", "common"]),
    ]
    assert notes(cells) == ["rare", "common", "other"]
    assert notes_by_frequency(cells) == ["common", "rare", "other"]


def test_algorithms_are_those_of_cells_that_draft(made_cell: MakeCell) -> None:
    named = {"algorithm": "svip:0.3", "algorithm_provenance": "given"}
    cells = [
        made_cell("npu", [1.0], [1.0], drafted=4),
        Cell("a:b", "gpu", "m", (), "too large"),
        Cell("a:b", "npu", "m", made_cell("npu", [1.0], [1.0], drafted=0).results, None, "none"),
    ]
    about = cells[0].results[0].speculation
    assert drafted_by(cells) == [DraftedBy(about.algorithm, about.algorithm_provenance)]
    run = cells[0].results[0].model_copy(update={"speculation": about.model_copy(update=named)})
    other = Cell("a:b", "npu", "m", (run,))
    assert drafted_by([other, *cells, other])[0] == DraftedBy("svip:0.3", "given")
    assert len(drafted_by([other, *cells, other])) == 2


def test_what_could_not_run_has_no_extent(made_cell: MakeCell) -> None:
    cells = [
        made_cell("npu", [1.0, 1.0], [1.0, 1.0], tokens=24),
        made_cell("npu", [1.0], [1.0], tokens=16),
        Cell("a:b", "gpu", "m", (), "too large"),
    ]
    assert extent(cells) == Extent(3, 2, 2, (16, 24))
    assert extent(cells[2:]) == Extent(1, 0, 0, ())
