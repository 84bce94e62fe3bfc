"""Energy over the ranges of its constants, and grouped by device."""

import pytest

from ahasd import simulate
from ahasd.assignments import assign
from ahasd.experiments import run_task
from ahasd.experiments.energy_range import energy_range
from ahasd.experiments.grid import run_grid
from ahasd.experiments.shelf import Shelf
from ahasd.hardware.components import COMPONENTS, COMPONENTS_BY_DEVICE
from ahasd.hardware.energy_ranges import energy_ranges
from ahasd.speculation.configuration import Resolved, RunConfiguration, resolve

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400"
SYSTEMS = ("ahasd", "npu", "npu-pim-split", "gpu", "amusd", "specpim")


def configuration(system: str, *assignments: str) -> RunConfiguration:
    pair = "opt-1.3b:opt-6.7b"
    return RunConfiguration(
        system=system, trace=TRACE, tokens=24, pair=pair, algorithm="fixed:3", set=assignments
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_components_devices_and_kinds_sum_to_the_total(system: str) -> None:
    result = simulate(**configuration(system).model_dump(exclude_none=True))
    report, total = result.energy_report, sum(result.energy_j.values())
    assert total == pytest.approx(result.joules_per_token * result.tokens)
    assert report.dynamic_j + report.static_j == pytest.approx(total)
    assert sum(d.dynamic_j + d.static_j for d in report.by_device.values()) == pytest.approx(total)
    assert result.average_power_w * result.seconds == pytest.approx(total)
    of_devices = {part.name for device in report.by_device for part in COMPONENTS_BY_DEVICE[device]}
    assert set(result.energy_j) <= of_devices
    static = sum(result.energy_j.get(part.name, 0.0) for part in COMPONENTS if part.watts is not None)
    assert report.static_j == pytest.approx(static)
    assert report.tokens_per_wh == pytest.approx(3600 / result.joules_per_token)
    # A watt-hour lasts as long as it takes to generate the tokens that it buys.
    assert report.minutes_per_wh == pytest.approx(report.tokens_per_wh / result.tokens_per_second / 60)
    assert result.speculation.wasted
    assert result.speculation.joules_per_wasted_token == pytest.approx(
        result.speculation.joules_wasted / result.speculation.wasted
    )


def test_a_machine_without_energy_has_no_battery_life() -> None:
    keys = resolve(configuration("npu")).preset.hardware.require_energy().model_dump()
    result = simulate(
        **configuration("npu", *(f"energy.{key}=0" for key in keys)).model_dump(exclude_none=True)
    )
    assert result.joules_per_token == 0
    assert result.energy_report.tokens_per_wh is None
    assert result.energy_report.minutes_per_wh is None


@pytest.mark.parametrize("system", SYSTEMS)
def test_intervals_hold_the_default_and_time_stays(system: str) -> None:
    found = energy_range(resolve(configuration(system)))
    assert found.time_fixed
    assert found.constants
    spans = [found.joules_per_token, found.average_power_w, *found.devices.values()]
    assert all(span.low <= span.default <= span.high for span in spans)
    assert found.joules_per_token.low < found.joules_per_token.default < found.joules_per_token.high
    assert (found.joules_wasted is None) == ("gpu" in found.devices)


@pytest.mark.parametrize(
    "system",
    ["ahasd", "gpu", *(pytest.param(name, marks=pytest.mark.slow) for name in ("npu-pim-split", "specpim"))],
)
def test_energy_is_linear_and_rising_in_every_constant(system: str) -> None:
    resolved, shelf = resolve(configuration(system)), Shelf()

    def joules(key: str, value: float) -> tuple[float, float]:
        from dataclasses import replace

        hardware = assign(resolved.preset.hardware, key, repr(value))
        result = shelf.run_one(replace(resolved, preset=replace(resolved.preset, hardware=hardware)))
        return result.joules_per_token, result.seconds

    for key, (low, high) in energy_ranges(resolved.preset).items():
        if low == high:
            continue
        (at_low, t_low), (middle, t_middle), (at_high, t_high) = (
            joules(key, value) for value in (low, (low + high) / 2, high)
        )
        assert t_low == t_middle == t_high, key
        assert middle == pytest.approx((at_low + at_high) / 2, rel=1e-9), key
        assert at_low <= at_high, key


def test_where_the_power_cap_binds_time_moves_and_is_not_called_fixed() -> None:
    asked = configuration("pim-only").model_copy(update={"hardware": "rank-both"})
    assert not energy_range(resolve(asked)).time_fixed


def test_a_constant_that_is_given_has_no_range() -> None:
    free = energy_ranges(resolve(configuration("ahasd")).preset)
    given = energy_ranges(resolve(configuration("ahasd", "energy.offchip_pj_per_bit=25")).preset)
    assert free.keys() - given.keys() == {"energy.offchip_pj_per_bit"}


def test_cells_have_the_ends_of_each_seed() -> None:
    (cell,) = run_grid([configuration("npu")], [0, 1], energy_range=True)
    for seed, low, result, high in zip([0, 1], cell.joules_low, cell.results, cell.joules_high, strict=True):
        one = energy_range(resolve(configuration("npu").model_copy(update={"seed": seed})))
        assert (low, high) == (one.joules_per_token.low, one.joules_per_token.high)
        assert low < result.joules_per_token < high


def test_a_refusal_at_an_end_of_the_ranges_is_no_empty_range(monkeypatch: pytest.MonkeyPatch) -> None:
    def beyond(resolved: Resolved, end: int) -> Resolved:
        return resolve(configuration("npu", "memory.rank_capacity_gib=0.01"))

    monkeypatch.setattr("ahasd.experiments.run_task.at_corner", beyond)
    run_task._resolved.cache_clear()
    (cell,) = run_grid([configuration("npu")], [0], energy_range=True)
    run_task._resolved.cache_clear()
    assert cell.refused is not None
    assert cell.refused.startswith("at an end of the energy constants' ranges: ")
