"""However energy is grouped, it is the same energy; and what a battery makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.family.energy_report import energy_report
from ahasd.hardware.components import COMPONENTS, DYNAMIC_COMPONENTS

JOULES = st.dictionaries(
    st.sampled_from([part.name for part in COMPONENTS]), st.floats(0.0, 1e3, allow_subnormal=False)
)


@given(joules=JOULES)
def test_devices_and_kinds_sum_to_the_components(joules: dict[str, float]) -> None:
    report = energy_report(joules, tokens=1, seconds=1.0)
    total = pytest.approx(sum(joules.values()))
    assert report.dynamic_j + report.static_j == total
    assert sum(device.dynamic_j + device.static_j for device in report.by_device.values()) == total


@pytest.mark.parametrize("part", COMPONENTS, ids=lambda part: part.name)
def test_a_component_shows_with_its_device_and_kind_alone(part) -> None:
    report = energy_report({part.name: 2.0}, tokens=1, seconds=1.0)
    assert list(report.by_device) == [part.device]
    static = part.watts is not None
    assert (report.dynamic_j, report.static_j) == ((0.0, 2.0) if static else (2.0, 0.0))


def test_every_component_belongs_to_one_device() -> None:
    """Powers of two: a sum tells what is in it."""
    names = (*DYNAMIC_COMPONENTS, "npu_static", "dram_idle", "gpu_idle")
    given = {name: 2.0**power for power, name in enumerate(names)}
    report = energy_report(given, tokens=1, seconds=1.0)
    parts = {name: (device.dynamic_j, device.static_j) for name, device in report.by_device.items()}
    assert parts == {
        "npu": (given["npu_compute"] + given["npu_vector"] + given["scratchpad"], given["npu_static"]),
        "memory": (given["dram_offchip"] + given["dram_active"], given["dram_idle"]),
        "pim": (given["pim_array"] + given["pim_compute"] + given["aau"], 0.0),
        "gpu": (given["gpu"], given["gpu_idle"]),
    }


def test_a_watt_hour_is_3600_joules() -> None:
    """20 tokens for 8 J in 4 s: 2 W run for half an hour and write 9000 tokens."""
    report = energy_report({"gpu": 5.0, "gpu_idle": 3.0}, tokens=20, seconds=4.0)
    assert report.tokens_per_wh == pytest.approx(9000)
    assert report.minutes_per_wh == pytest.approx(30)


def test_without_energy_nothing_can_be_said_of_a_battery() -> None:
    report = energy_report({"gpu": 0.0, "gpu_idle": 0.0}, tokens=20, seconds=4.0)
    assert (report.tokens_per_wh, report.minutes_per_wh) == (None, None)
