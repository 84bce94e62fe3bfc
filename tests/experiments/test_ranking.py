"""Which cell is best, also beside what was not compared."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ahasd.experiments.cell import Cell
from ahasd.experiments.ranking import Ranking, rankings
from ahasd.family.result import Way

MakeCell = Callable[..., Cell]


def cell(
    made_cell: MakeCell, system: str, speed: float, joules: float, plain: float = 1.0, pair: str = "a:b"
) -> Cell:
    """A cell of one run whose verdict knows a plain way of that speed; it drafts unless it is a plain way itself."""
    made = made_cell(system, [speed], [joules], pair)
    (result,) = made.results
    way = Way(name="npu-autoregressive", tokens_per_second=plain, joules_per_token=0.5)
    update = {
        "verdict": result.verdict.model_copy(
            update={"alternatives": [way], "speedup_over_best_alone": speed / plain}
        ),
        "speculation": result.speculation.model_copy(
            update={"drafted": 0 if "autoregressive" in system else 5}
        ),
    }
    return replace(made, results=(result.model_copy(update=update),))


def ranking(*cells: Cell) -> Ranking:
    (found,) = rankings(cells)
    return found


def test_the_fastest_comes_first_and_energy_is_named_apart(made_cell: MakeCell) -> None:
    found = ranking(cell(made_cell, "npu", 2.0, 0.3), cell(made_cell, "ahasd", 3.0, 0.4))
    assert [one.system for one in found.cells] == ["ahasd", "npu"]
    assert (found.best.system, found.frugal.system) == ("ahasd", "npu")


def test_targets_are_ranked_apart_and_drafts_of_one_target_together(made_cell: MakeCell) -> None:
    pairs = ["x:big", "y:big", "x:small"]
    found = rankings(
        [cell(made_cell, "npu", speed, 1.0, pair=pair) for speed, pair in enumerate(pairs, start=1)]
    )
    assert {one.target: [each.pair for each in one.cells] for one in found} == {
        "big": ["y:big", "x:big"],
        "small": ["x:small"],
    }


def test_a_plain_way_that_was_not_compared_and_is_faster_is_not_missed(made_cell: MakeCell) -> None:
    found = ranking(cell(made_cell, "ahasd", 3.0, 0.4, plain=4.0))
    assert found.missed is not None
    assert found.missed.way.tokens_per_second == 4.0
    assert found.pays is False


@pytest.mark.parametrize("plain", [2.9, 3.02])
def test_a_plain_way_that_is_not_clearly_faster_is_not_held_out(made_cell: MakeCell, plain: float) -> None:
    found = ranking(cell(made_cell, "ahasd", 3.0, 0.4, plain=plain))
    assert found.missed is None
    assert found.pays is True


def test_a_plain_way_that_was_compared_is_a_cell_and_not_missed(made_cell: MakeCell) -> None:
    alone = cell(made_cell, "npu-autoregressive", 4.0, 0.5, plain=4.0)
    found = ranking(cell(made_cell, "ahasd", 3.0, 0.4, plain=4.0), alone)
    assert found.best is alone
    assert found.missed is None
    assert found.pays is False
    assert found.drafting is not None
    assert found.drafting.system == "ahasd"


def test_where_nothing_drafts_nothing_is_said_of_paying(made_cell: MakeCell) -> None:
    found = ranking(cell(made_cell, "npu-autoregressive", 4.0, 0.5))
    assert (found.drafting, found.pays) == (None, None)


def test_what_cannot_run_has_no_rank(made_cell: MakeCell) -> None:
    assert rankings([Cell("a:b", "npu", "x", (), "too large")]) == []
    assert len(ranking(Cell("a:b", "npu", "x", (), "too large"), cell(made_cell, "npu", 1.0, 1.0)).cells) == 1


def test_a_plain_way_of_less_energy_is_named_though_it_was_not_compared(made_cell: MakeCell) -> None:
    found = ranking(cell(made_cell, "ahasd", 3.0, 0.6, plain=1.0))
    assert found.missed is None
    assert found.missed_frugal is not None
    assert found.missed_frugal.way.joules_per_token == 0.5
    assert ranking(cell(made_cell, "ahasd", 3.0, 0.4, plain=1.0)).missed_frugal is None


def test_a_plain_way_comes_with_what_was_varied_beside_it(made_cell: MakeCell) -> None:
    slow, fast = (cell(made_cell, "ahasd", 1.0, 0.6, plain=plain) for plain in (2.0, 4.0))
    slow, fast = replace(slow, varied=(("npu.chips", "1"),)), replace(fast, varied=(("npu.chips", "4"),))
    found = ranking(slow, fast)
    assert found.missed is not None
    assert found.missed.beside.varied == (("npu.chips", "4"),)


def bound(made: Cell) -> Cell:
    (result,) = made.results
    about = result.speculation.model_copy(update={"bound": "it knows the future"})
    return replace(made, results=(result.model_copy(update={"speculation": about}),))


def test_a_bound_is_listed_and_never_named_best(made_cell: MakeCell) -> None:
    """Nor are the plain ways beside it, whose hardware may be idealised."""
    knowing = bound(cell(made_cell, "clairvoyant", 9.0, 0.1, plain=8.0))
    found = ranking(knowing, cell(made_cell, "ahasd", 3.0, 0.4, plain=1.0))
    assert found.cells[0] is knowing
    assert [found.best.system, found.frugal.system] == ["ahasd", "ahasd"]
    assert found.drafting is found.best
    assert found.missed is None
    assert ranking(knowing).best is knowing


def test_a_draft_pays_on_its_own_machine_or_not_at_all(made_cell: MakeCell) -> None:
    """A slow machine's target alone says nothing of a draft on a fast one."""
    slow = replace(cell(made_cell, "npu-autoregressive", 2.0, 0.5, plain=2.0), hardware="slow")
    fast = replace(cell(made_cell, "ahasd", 6.0, 0.4, plain=8.0), hardware="fast")
    found = ranking(slow, fast)
    assert found.drafting is fast
    assert found.gain == 0.75
    assert found.pays is False
