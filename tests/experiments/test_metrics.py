"""Metrics of a run in closed form."""

from collections.abc import Callable

import pytest

from ahasd.experiments import metrics
from ahasd.experiments.cell import Cell
from ahasd.family.result import DeviceShares

MakeCell = Callable[..., Cell]


def test_wasted_drafts_are_counted_by_draft_and_by_token(made_cell: MakeCell) -> None:
    (result,) = made_cell("npu", [1.0], [1.0], drafted=12, wasted=3, tokens=24).results
    assert metrics.wasted_share(result) == 0.25
    assert metrics.wasted_per_token(result) == 0.125
    (alone,) = made_cell("npu", [1.0], [1.0], drafted=0, wasted=0, tokens=24).results
    assert metrics.wasted_share(alone) is None
    assert metrics.wasted_per_token(alone) == 0.0
    assert not metrics.has_drafts(alone)


def test_shares_are_of_the_first_of_the_devices_that_there_is(made_cell: MakeCell) -> None:
    devices = {
        "gpu": DeviceShares(busy=0.5, idle=0.25, blocked=0.25),
        "gpu2": DeviceShares(busy=0.125, idle=0.875, blocked=0.0),
    }
    (result,) = made_cell("amusd", [1.0], [1.0], devices=devices).results
    assert metrics.busy("npu", "gpu")(result) == 0.5
    assert metrics.idle("npu", "gpu", "gpu2")(result) == 0.25
    assert metrics.busy("pim", "gpu2")(result) == 0.125
    assert metrics.idle("pim")(result) is None


def test_what_a_battery_gives_is_an_hour_of_joules_over_those_of_a_token(made_cell: MakeCell) -> None:
    (result,) = made_cell("npu", [1.0], [1.0]).results
    joules = sum(result.energy_j.values())
    assert metrics.tokens_per_wh(result) == pytest.approx(3600 * result.tokens / joules)
    assert metrics.minutes_per_wh(result) == pytest.approx(60 / metrics.average_power_w(result))
