"""Searches: the optimum of small spaces, fronts that nothing beats, constraints, and the same points for a seed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd import simulate
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.carry_out import Running
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.search.constraint import Constraint
from ahasd.experiments.search.definition import Method, Search, read_search
from ahasd.experiments.search.evaluate import Evaluated, Evaluator
from ahasd.experiments.search.optimise import Effort, all_points, search_space
from ahasd.experiments.search.outcome import Found, pareto_set
from ahasd.experiments.search.starts import starting_points
from ahasd.experiments.store.store import Store
from ahasd.experiments.sweep.objective import Objective, read_objective, read_objectives
from ahasd.hardware.area import area_mm2
from ahasd.hardware.preset.preset import load_preset

RUN = {
    "pair": "tiny-draft:tiny-target",
    "tokens": 8,
    "fidelity": "first-order",
    "algorithm": "fixed:2",
    "hardware": "module-mac",
    "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400",
}
SPACE: dict[str, Any] = {
    "system": ["npu", "ahasd", "pim-autoregressive"],
    "npu.chips": [1, 2, 4],
    "npu.launch_us": [0.5, 1, 2],
}
OPTUNA = [Method.NSGA2, Method.TPE, Method.RANDOM]


def search(**document: Any) -> Search:
    return read_search({"run": RUN, "space": SPACE, **document}, "search 'x'")


@pytest.fixture(scope="module")
def store() -> Store:
    return Store()


@pytest.fixture(scope="module")
def every(store: Store) -> Found:
    return search_space(search(), Effort(Method.EXHAUSTIVE, 27), Running(store))


@pytest.mark.parametrize("method", OPTUNA)
def test_a_small_space_s_optimum_is_found(method: Method, store: Store, every: Found) -> None:
    pytest.importorskip("optuna")
    for objective in every.search.objectives:
        asked = replace(every.search, objectives=(objective,))
        best = max if objective.largest else min
        optimum = best(point.figures[objective.figure] for point in every.feasible)
        found = search_space(asked, Effort(method, 120), Running(store))
        assert found.pareto[0].figures[objective.figure] == optimum


def test_an_exhaustive_search_tries_each_point_once(every: Found) -> None:
    assert len(every.tried) == 27 == len({str(point.values) for point in every.tried})


def test_the_front_of_a_search_is_beaten_by_none_of_all_points(store: Store, every: Found) -> None:
    pytest.importorskip("optuna")
    found = search_space(search(), Effort(Method.NSGA2, 150), Running(store))
    objectives = every.search.objectives
    for point in found.pareto:
        assert not any(dominates(other, point, objectives) for other in found.feasible)
    assert len(found.tried) <= 27
    fronts = [{tuple(point.figures.values()) for point in one.pareto} for one in (found, every)]
    assert fronts[0] == fronts[1]


def test_a_seed_proposes_the_same_points_and_another_others(store: Store) -> None:
    pytest.importorskip("optuna")
    one, again, other = (
        [
            point.values
            for point in search_space(search(), Effort(Method.RANDOM, 12, seed), Running(store)).tried
        ]
        for seed in (1, 1, 2)
    )
    assert one == again != other


def test_a_search_that_is_repeated_runs_nothing_again(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    with Store(tmp_path / "s") as kept:
        first = search_space(search(), Effort(Method.TPE, 10), Running(kept))
        keys = [key for (key,) in kept._connection.execute("SELECT key FROM runs")]
        again = search_space(search(), Effort(Method.TPE, 10), Running(kept))
        assert kept.computed(keys) == len(keys)
    assert [point.figures for point in first.tried] == [point.figures for point in again.tried]


@pytest.mark.slow
def test_two_processes_search_through_one_storage(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    with Store(tmp_path / "s") as kept:
        found = search_space(search(), Effort(Method.NSGA2, 30), Running(kept, Means(2)))
        keys = [key for (key,) in kept._connection.execute("SELECT key FROM runs")]
        assert kept.computed(keys) == len(keys)
    assert found.trials >= 30
    assert list(tmp_path.glob("s.*.journal"))


def test_several_processes_need_a_store_in_a_file() -> None:
    pytest.importorskip("optuna")
    with pytest.raises(AhasdError, match="--store"):
        search_space(search(), Effort(), Running(means=Means(2)))


def test_the_presets_are_where_a_search_begins() -> None:
    asked = search(space=SPACE | {"pim.gmac_per_second": {"low": 10, "high": 90}}, start=[{"system": "npu"}])
    starts = starting_points(asked)
    assert [start["system"] for start in starts] == ["npu", "ahasd", "pim-autoregressive"]
    assert all((start["npu.chips"], start["npu.launch_us"]) == (2, 1) for start in starts)
    assert all(start["pim.gmac_per_second"] == 90 for start in starts)  # the nearest to the preset's 102.4


def test_figures_are_the_means_of_the_seeds() -> None:
    asked = search(seeds=3)
    point = {"system": "npu", "npu.chips": 2, "npu.launch_us": 1}
    found = Evaluator(asked, Running()).of(point)
    alone = [simulate(**asked.configured(point) | {"seed": seed}).tokens_per_second for seed in range(3)]  # type: ignore[attr-defined]
    assert found.figures["tokens_per_second"] == pytest.approx(sum(alone) / 3)


def test_the_area_is_that_of_the_machine(store: Store) -> None:
    asked = search(objectives=["area_mm2:min"], space={"system": ["npu"], "npu.chips": [2]})
    assert Evaluator(asked, Running(store)).of({"system": "npu", "npu.chips": 2}).figures == {
        "area_mm2": area_mm2(load_preset("module-mac").hardware)
    }


def test_constraints_exclude_and_the_one_that_excludes_all_is_named(store: Store, every: Found) -> None:
    speeds = sorted(point.figures["tokens_per_second"] for point in every.feasible)
    middle = speeds[len(speeds) // 2]
    found = search_space(
        search(constraints={"tokens_per_second": {"least": middle}}),
        Effort(Method.EXHAUSTIVE, 27),
        Running(store),
    )
    assert {point.figures["tokens_per_second"] for point in found.feasible} == {
        one for one in speeds if one >= middle
    }
    nothing = search_space(
        search(constraints={"tokens_per_second": {"least": 2 * speeds[-1]}, "tpot_s": {"most": 1e9}}),
        Effort(Method.EXHAUSTIVE, 27),
        Running(store),
    )
    assert nothing.feasible == nothing.pareto == []
    assert (
        f"{2 * speeds[-1]:g} <= tokens_per_second excludes all of them (nearest: {speeds[-1]:.4g})"
        in nothing.why_none
    )
    assert "tpot_s" not in nothing.why_none


def test_constraints_that_leave_nothing_only_together_are_both_named(store: Store, every: Found) -> None:
    speeds = sorted({point.figures["tokens_per_second"] for point in every.feasible})
    low, high = speeds[1], speeds[-2]
    tpot = {"most": 1 / (high * 1.0001)}
    both = search(constraints={"tokens_per_second": {"most": low}, "tpot_s": tpot})
    found = search_space(both, Effort(Method.EXHAUSTIVE, 27), Running(store))
    assert found.feasible == []
    assert found.why_none.startswith("no condition excludes all of them by itself, but together they do")


def test_what_cannot_run_is_counted_with_its_reason(store: Store) -> None:
    asked = search(space=SPACE | {"npu.chips": [0, 1]})
    found = search_space(asked, Effort(Method.EXHAUSTIVE, 18), Running(store))
    assert len(found.feasible) == 9
    assert [(one.points, "must be at least 1" in one.condition) for one in found.exclusions] == [(9, True)]
    none = search_space(
        replace(asked, axes=asked.axes[:1], base=asked.base | {"npu.chips": 0}),
        Effort(Method.EXHAUSTIVE, 9),
        Running(store),
    )
    assert none.why_none.startswith("none can run; of 3 the reason is: ")


POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@settings(deadline=None)
@given(POINTS)
def test_a_pareto_set_is_all_that_nothing_dominates(figures: list[tuple[int, int, int]]) -> None:
    objectives = read_objectives("a:max,b:min,c:max")
    points = [
        Evaluated({"n": n}, dict(zip("abc", map(float, one), strict=True))) for n, one in enumerate(figures)
    ]
    front = pareto_set(points, objectives)
    kept = {tuple(point.figures.values()) for point in front}
    undominated = {
        tuple(point.figures.values())
        for point in points
        if not any(dominates(other, point, objectives) for other in points)
    }
    assert kept == undominated
    assert len(front) == len(kept)


def dominates(one: Evaluated, other: Evaluated, objectives: Sequence[Objective]) -> bool:
    pairs = [
        (one.figures[objective.figure], other.figures[objective.figure], objective)
        for objective in objectives
    ]
    return all(a == b or objective.better(a, b) for a, b, objective in pairs) and any(
        objective.better(a, b) for a, b, objective in pairs
    )


@pytest.mark.parametrize(
    ("bounds", "value", "excess"),
    [
        ((None, 10.0), 12.0, 0.2),
        ((None, 10.0), 9.0, -0.1),
        ((10.0, None), 8.0, 0.2),
        ((1.0, 2.0), 1.5, -0.25),
    ],
)
def test_the_excess_is_a_share_of_the_bound(
    bounds: tuple[float | None, float | None], value: float, excess: float
) -> None:
    assert Constraint("x", *bounds).excess(value) == pytest.approx(excess)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"space": {}}, "empty space"),
        ({"space": {"npu.chips": []}}, "has no value"),
        ({"space": {"seed": [1]}}, "seeds: 3"),
        (
            {"constraints": {"tpot_s": {"least": 2, "most": 1}}},
            "at least 2 and at most 1, which excludes everything",
        ),
        ({"constraints": {"tpot_s": {"most": "x"}}}, "a bound is a number"),
        ({"constraints": {"tpot_s": {}}}, "needs a bound"),
        ({"seeds": 0}, "from 1 to 1000"),
        ({"start": [{"system": "npuu"}]}, "system: npuu, which the space does not have: npu, ahasd, pim"),
        ({"start": [{"npu.chips": "2"}]}, "npu.chips: 2, which the space does not have: 1, 2, 4"),
        (
            {"space": {"npu.clock_ghz": {"low": 0.5, "high": 2}}, "start": [{"npu.clock_ghz": 2.5}]},
            "npu.clock_ghz: 2.5, which the space does not have: from 0.5 to 2",
        ),
        (
            {"space": {"npu.chips": {"low": 1, "high": 4, "whole": True}}, "start": [{"npu.chips": 1.5}]},
            "npu.chips: 1.5, which the space does not have: whole numbers from 1 to 4",
        ),
        ({"objectives": "tokens_per_second:max"}, "must be a list"),
    ],
)
def test_what_has_no_meaning_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        search(**document)


@pytest.mark.parametrize(
    ("document", "near"),
    [
        ({"spase": {}}, "space"),
        ({"space": {"npu.chip": [1]}}, "npu.chips"),
        ({"start": [{"sistem": "npu"}]}, "system"),
        ({"constraints": {"tpot_s": {"mst": 1}}}, "most"),
        ({"objectives": ["tpot_s:maxx"]}, "max"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(document: dict[str, Any], near: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        search(**document)


def test_a_figure_that_results_lack_is_refused_with_the_nearest(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'tokens_per_second'"):
        search_space(
            search(objectives=["tokens_per_secnd:max"]), Effort(Method.EXHAUSTIVE, 27), Running(store)
        )


def test_an_exhaustive_search_says_what_it_cannot_do(store: Store) -> None:
    with pytest.raises(AhasdError, match="27 points and the budget is 26"):
        search_space(search(), Effort(Method.EXHAUSTIVE, 26), Running(store))
    with pytest.raises(AhasdError, match="no end"):
        search_space(
            search(space={"npu.clock_ghz": {"low": 1, "high": 2}}),
            Effort(Method.EXHAUSTIVE, 26),
            Running(store),
        )


def test_whole_ranges_can_be_gone_through() -> None:
    asked = search(space={"npu.chips": {"low": 1, "high": 3, "whole": True}, "tokens": [4, 8]})
    assert asked.points == 6 == len(list(all_points(asked)))


def test_without_a_direction_rates_are_to_be_large_and_all_else_small() -> None:
    assert read_objective("tokens_per_second").largest
    assert not read_objective("joules_per_token").largest
    with pytest.raises(AhasdError, match="twice"):
        read_objectives("tpot_s:min,tpot_s:max")
