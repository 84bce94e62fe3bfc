"""Conservation: however energy is grouped, it is the same energy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.family.energy_report import energy_report
from ahasd.hardware.components import COMPONENTS

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
