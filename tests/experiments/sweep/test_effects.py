"""What each field is worth by itself."""

import json

import pytest

from ahasd.experiments.store.row import Labels, Row
from ahasd.experiments.sweep.effects import MANY, PARTS, Effect, findings
from ahasd.experiments.sweep.kept import KeptPoint, KeptSweep
from ahasd.experiments.sweep.objective import read_objective
from ahasd.report.sweep.findings import plot


def effect(numbers: list[float]) -> Effect:
    """The effect of a field on a figure that is ten times as much."""
    points = [
        KeptPoint({"x": number}, key, Row(key, "done", json.dumps({"seconds": 10 * number}), Labels("run")))
        for key, number in zip(map(str, numbers), numbers, strict=True)
    ]
    (found,) = findings(KeptSweep("s", points, len(points)), read_objective("seconds:min")).effects
    return found


def test_a_few_numbers_stand_by_themselves_in_their_order() -> None:
    assert [(level.value, level.mean) for level in effect([2, 0.5, 1]).levels] == [(0.5, 5), (1, 10), (2, 20)]


def test_many_numbers_are_taken_together_with_their_neighbours() -> None:
    numbers = [float(number) for number in range(2 * (MANY + 2))]
    levels = effect(numbers[::-1]).levels
    each = len(numbers) // PARTS
    assert [level.value for level in levels] == [
        f"{each * part} to {each * (part + 1) - 1}" for part in range(PARTS)
    ]
    assert [(level.low, level.high, level.points) for level in levels][1] == (
        10 * each,
        10 * (2 * each - 1),
        each,
    )
    assert levels[0].mean == pytest.approx(10 * (each - 1) / 2)


def test_numbers_are_shown_rounded() -> None:
    assert plot(effect([0.123456789, 2.0]), "seconds")[1].startswith("0.1235 o")
