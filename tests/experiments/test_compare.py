"""Systems over seeds: what is run, in which order, and what is refused."""

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Progress, Running
from ahasd.experiments.cell import Cell
from ahasd.experiments.compare import compare as compare_selection
from ahasd.experiments.selection import Selection
from ahasd.speculation.configuration import RunConfiguration

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400"
BASE = RunConfiguration(trace=TRACE, tokens=24)


def compare(
    base: RunConfiguration,
    systems: list[str],
    hardware: list[str],
    seeds: list[int],
    progress: Progress = lambda done, total: None,
) -> list[Cell]:
    chosen = Selection((base.pair,), (base.algorithm,), systems, hardware, everywhere=True)
    return compare_selection(base, chosen, seeds, Running(progress=progress))


def test_every_cell_is_the_run_of_its_seed() -> None:
    cells = compare(BASE, ["npu", "ahasd"], ["module-mac", "rank-both"], [0, 4])
    assert [(cell.system, cell.hardware, cell.refused) for cell in cells] == [
        ("npu", "module-mac", None),
        ("npu", "rank-both", None),
        ("ahasd", "module-mac", None),
        ("ahasd", "rank-both", None),
    ]
    for cell in cells:
        assert [result.reproduce["seed"] for result in cell.results] == [0, 4]
        for result in cell.results:
            searched = {"speculation": {"break_even_acceptance", "always_pays"}, "verdict": {"sentence"}}
            documents = {"options": True, "placement": True, "reproduce": True}
            alone = simulate(
                trace=TRACE,
                tokens=24,
                system=cell.system,
                hardware=cell.hardware,
                seed=result.reproduce["seed"],
            )
            assert result.model_dump(exclude=searched | documents) == alone.model_dump(
                exclude=searched | documents
            )


def test_progress_counts_every_run_also_those_that_are_refused() -> None:
    calls: list[tuple[int, int]] = []
    compare(
        BASE, ["npu", "ahasd", "npu-autoregressive"], ["lpddr5"], [0, 1], lambda *call: calls.append(call)
    )
    assert calls == sorted(calls)
    assert calls[-1] == (6, 6)
    assert all(total == 6 for _, total in calls)


def test_a_system_without_its_device_is_a_cell_that_says_why() -> None:
    cells = compare(BASE, ["ahasd", "npu"], ["lpddr5"], [0])
    assert cells[0].results == ()
    assert cells[0].refused is not None
    assert "no processing in memory" in cells[0].refused
    assert cells[1].refused is None
    assert len(cells[1].results) == 1


@pytest.mark.parametrize(
    ("systems", "hardware", "cause"),
    [
        (["npu", "ahsd"], ["module-mac"], "unknown system 'ahsd'"),
        (["npu"], ["module-mac", "x"], "unknown hardware preset 'x'"),
    ],
)
def test_a_wrong_name_is_an_error_before_anything_runs(
    systems: list[str], hardware: list[str], cause: str
) -> None:
    calls: list[tuple[int, int]] = []
    with pytest.raises(AhasdError, match=cause):
        compare(BASE, systems, hardware, [0], lambda *call: calls.append(call))
    assert calls == []
