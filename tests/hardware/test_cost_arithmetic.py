"""Costs, loads and counts add up field by field, whatever fields they have."""

from dataclasses import fields
from typing import Any

import pytest

from ahasd.hardware.channel.slowdown import ChannelLoad
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.dram.streams.result import CommandCounts

SUMMED: list[type[Any]] = [StepCost, ChannelLoad, CommandCounts]


def made(kind: type[Any], start: int) -> Any:
    """An object whose fields all differ, the components of energy too."""
    values: dict[str, Any] = {field.name: start + 10 * place for place, field in enumerate(fields(kind))}
    if "energy_j" in values:
        values["energy_j"] = tuple(start + 0.5 + place for place in range(len(DYNAMIC_COMPONENTS)))
    return kind(**values)


def figures(thing: Any) -> list[float]:
    found: list[float] = []
    for field in fields(thing):
        value = getattr(thing, field.name)
        found += value if isinstance(value, tuple) else [value]
    return found


@pytest.mark.parametrize("kind", SUMMED)
def test_a_sum_adds_every_field(kind: type[Any]) -> None:
    one, other = made(kind, 3), made(kind, 100)
    assert figures(one + other) == [a + b for a, b in zip(figures(one), figures(other), strict=True)]
    assert one + kind() == one
    assert kind() + one == one


@pytest.mark.parametrize("kind", [ChannelLoad, CommandCounts])
def test_a_multiple_is_that_of_every_field(kind: type[Any]) -> None:
    assert figures(made(kind, 3) * 4) == [4 * value for value in figures(made(kind, 3))]


def test_counts_are_taken_off_one_by_one() -> None:
    one, other = made(CommandCounts, 100), made(CommandCounts, 3)
    assert (one - other) + other == one


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_between_two_costs_every_field_lies_at_the_same_share(share: float) -> None:
    one, other = made(StepCost, 3), made(StepCost, 100)
    expected = [(1 - share) * a + share * b for a, b in zip(figures(one), figures(other), strict=True)]
    assert figures(one.toward(other, share)) == pytest.approx(expected)


def test_joules_are_those_of_all_components() -> None:
    cost = made(StepCost, 3)
    assert cost.joules == pytest.approx(sum(cost.energy_j))
    assert NO_COST.joules == 0
