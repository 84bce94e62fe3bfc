"""Energy and shares of a run, against sums by hand from the constants of its machine."""

from typing import Any

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import SpeculationRun


def run(**values: Any) -> SpeculationResult:
    given: dict[str, Any] = {
        "trace": "synthetic:acceptance=0.8,auc=0.7,positions=800",
        "pair": "tiny-draft:tiny-target",
        "algorithm": "fixed:4",
        "tokens": 32,
    }
    resolved = resolve(RunConfiguration.checked(**{**given, **values}))
    return SpeculationRun(resolved).result(search_break_even=False)


@pytest.mark.parametrize(
    ("system", "hardware", "changes", "watts"),
    [
        # Four channels of four ranks, each 8 mW in power-down and 25 mW of refresh.
        ("npu", "lpddr5", (), 16 * 0.033),
        ("npu", "module-mac", (), 16 * 0.033),
        ("ahasd", "module-mac", (), 16 * 0.033),
        ("ahasd", "module-mac", ("memory.ranks_per_channel=8",), 32 * 0.033),
        ("ahasd", "module-mac", ("memory.channels=2",), 8 * 0.033),
        ("ahasd", "module-mac", ("memory.refresh_rate=4",), 16 * (0.008 + 4 * 0.025)),
        # 64 pseudo-channels of HBM2 at 10 + 5 mW.
        ("specpim", "specpim-hbm", (), 64 * 0.015),
    ],
)
def test_every_rank_of_the_module_draws_idle_power_all_the_time(
    system: str, hardware: str, changes: tuple[str, ...], watts: float
) -> None:
    result = run(system=system, hardware=hardware, set=changes)
    assert result.energy_j["dram_idle"] == pytest.approx(watts * result.seconds, rel=1e-9)


def test_the_npu_draws_its_static_power_all_the_time() -> None:
    result = run(system="pim-autoregressive", hardware="module-mac", algorithm="none")
    assert result.energy_j["npu_static"] == pytest.approx(0.1 * result.seconds, rel=1e-9)
    assert result.energy_j["npu_compute"] == 0


def test_a_machine_without_a_module_has_no_ranks_to_keep() -> None:
    assert "dram_idle" not in run(system="gpu", hardware="rtx-4090-laptop").energy_j
