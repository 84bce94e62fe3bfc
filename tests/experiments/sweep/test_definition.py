"""Which points a sweep has, and what is refused."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.sweep.axis import Span, read_axis
from ahasd.experiments.sweep.definition import Sweep, read_sweep
from ahasd.experiments.sweep.fields import configuration_values

VALUES = st.lists(st.integers(0, 20), min_size=1, max_size=4, unique=True)


def read(**document: Any) -> Sweep:
    return read_sweep(document, "sweep 'x'")


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["npu.chips", "tokens", "seed", "memory.channels"]), VALUES, min_size=1)
)
def test_a_grid_is_every_combination_once(grid: dict[str, list[int]]) -> None:
    points = read(grid=grid).points
    expected = {tuple(zip(grid, values, strict=True)) for values in product(*grid.values())}
    assert {tuple((name, point[name]) for name in grid) for point in points} == expected
    assert len(points) == len(expected)


def test_points_that_differ_in_the_seed_alone_lie_side_by_side() -> None:
    points = read(grid={"seed": [0, 1], "npu.chips": [1, 2]}).points
    assert [(point["npu.chips"], point["seed"]) for point in points] == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_listed_points_stand_under_the_whole_grid() -> None:
    sweep = read(list=[{"system": "npu"}, {"system": "ahasd", "npu.chips": 4}], grid={"seed": [0, 1]})
    assert [(point["system"], point.get("npu.chips"), point["seed"]) for point in sweep.points] == [
        ("npu", None, 0), ("npu", None, 1), ("ahasd", 4, 0), ("ahasd", 4, 1),
    ]  # fmt: skip


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 5))
def test_a_sample_is_distinct_points_of_the_grid_and_the_same_for_a_seed(points: int, seed: int) -> None:
    grid = {
        "npu.chips": [1, 2, 3],
        "tokens": [8, 16],
        "memory.channels": {"low": 1, "high": 4, "whole": True},
    }
    sweep = read(grid=grid, sample={"points": points, "seed": seed})
    found = [tuple(point.items()) for point in sweep.points]
    assert len(found) == len(set(found)) == min(points, 24)
    assert found == [tuple(point.items()) for point in sweep.points]


@settings(deadline=None)
@given(st.floats(0.001, 10), st.floats(1.5, 100), st.booleans(), st.integers(0, 9))
def test_drawn_values_lie_in_their_range(low: float, factor: float, log: bool, seed: int) -> None:
    axis = {"low": low, "high": low * factor, "log": log}
    for point in read(grid={"npu.clock_ghz": axis}, sample={"points": 5, "seed": seed}).points:
        assert low <= point["npu.clock_ghz"] <= low * factor


def test_a_logarithmic_range_favours_no_decade() -> None:
    sweep = read(grid={"npu.clock_ghz": {"low": 0.01, "high": 100, "log": True}}, sample=400)
    below = sum(point["npu.clock_ghz"] < 1 for point in sweep.points)
    assert 150 < below < 250


def test_a_point_s_own_values_go_over_those_of_all() -> None:
    sweep = read(run={"npu.chips": 1, "set": {"npu": {"clock_ghz": 2}}, "tokens": 4}, grid={"npu.chips": [3]})
    configured = sweep.configured(sweep.points[0])
    assert configured == {"tokens": 4, "set": ("npu.chips=3", "npu.clock_ghz=2")}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"grid": {}}, "empty grid"),
        ({}, "empty grid"),
        ({"grid": {"npu.chips": []}}, "npu.chips has no value"),
        ({"list": []}, "list has no point"),
        ({"grid": {"npu.chips": {"low": 2, "high": 1}}, "sample": 3}, "holds nothing"),
        ({"grid": {"npu.clock_ghz": {"low": 1, "high": 2}}}, "say how many"),
        ({"grid": {"npu.chips": [1]}, "list": [{"npu.chips": 2}]}, "in the grid and in the list"),
        ({"grid": {"seed": [1]}, "sample": 0}, "sample must say how many"),
        ({"grid": {"seed": [[1]]}}, "values are texts"),
        ({"grid": {"seed": list(range(1001)), "tokens": list(range(1, 1001))}}, "at most 1000000"),
    ],
)
def test_what_has_no_meaning_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        _ = read(**document).points


@pytest.mark.parametrize(
    ("document", "near"),
    [
        ({"gird": {"seed": [1]}}, "grid"),
        ({"grid": {"npu.chip": [1]}}, "npu.chips"),
        ({"grid": {"sistem": ["npu"]}}, "system"),
        ({"run": {"system.edcs": True}, "grid": {"seed": [1]}}, "system.edc"),
        ({"grid": {"npu.clock_ghz": {"low": 1, "hihg": 2}}, "sample": 2}, "high"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(document: dict[str, Any], near: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        read(**document)


def test_one_value_is_a_list_of_one_and_repeats_count_once() -> None:
    assert read_axis("tokens", 4).values == (4,)  # type: ignore[union-attr]
    assert read_axis("tokens", [4, 5, 4]).values == (4, 5)  # type: ignore[union-attr]
    assert read_axis("tokens", {"low": 1, "high": 3, "whole": True}) == Span("tokens", 1, 3, whole=True)


def test_constants_may_be_given_as_texts_or_groups_and_the_last_counts() -> None:
    one = configuration_values({"set": ["npu.chips=1"]}, {"npu.chips": 2}, {"set": {"npu": {"chips": 3}}})
    assert one == {"set": ("npu.chips=3",)}
