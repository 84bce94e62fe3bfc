"""Latencies and longest paths against the clock, in closed form."""

from dataclasses import replace

import pytest

from ahasd.rtl.latencies import aau_norm_cycles, edc_decision_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.scaling import delay_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule
from ahasd.rtl.synthesis.timing import EDC_DECISION, latencies, longest_paths

MODULE = SynthesizedModule("slow", 1200, 100, 500, 1000, 1e6, 5e5, 2000.0)


def test_a_latency_is_its_cycles_at_800_mhz():
    found = {one.name: one for one in latencies(HardwareParameters())}
    assert found[EDC_DECISION].cycles == edc_decision_cycles(HardwareParameters())
    assert found["AAU layer norm beyond its 2 passes"].cycles == aau_norm_cycles(HardwareParameters())
    for latency in found.values():
        assert latency.seconds == pytest.approx(latency.cycles * 1.25e-9)


@pytest.mark.parametrize(("path_ps", "holds"), [(2000.0, [True, True]), (8000.0, [True, False])])
def test_a_path_holds_if_its_scaled_delay_fits_into_a_cycle(path_ps, holds):
    paths = longest_paths(replace(MODULE, longest_path_ps=path_ps))
    assert [path.transistors for path in paths] == ["high performance", "low power"]
    assert [path.holds for path in paths] == holds
    for path in paths:
        assert path.seconds == pytest.approx(path_ps * 1e-12 * delay_factor(path.transistors))
        assert path.cycles == pytest.approx(path.seconds / 1.25e-9)
        assert path.most_hz * path.seconds == pytest.approx(1.0)
        assert path.holds == (path.most_hz > 800e6)
