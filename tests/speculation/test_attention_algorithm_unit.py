"""Systems that ask for the attention algorithm unit on machines with and without it."""

from pathlib import Path

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError

GIVEN = {
    "pair": "tiny-draft:tiny-target",
    "algorithm": "fixed:3",
    "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400",
    "tokens": 16,
}


@pytest.fixture
def without_aau(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text("base: module-mac\naau: null\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("fidelity", ["first-order", "detailed"])
@pytest.mark.parametrize("system", ["ahasd", "pim-autoregressive", "npu-pim-async+aau"])
def test_a_machine_without_it_refuses_a_system_that_asks_for_it(
    without_aau: str, system: str, fidelity: str
) -> None:
    with pytest.raises(
        AhasdError, match=r"'mine' has no attention algorithm unit \(AAU\); .*section 'aau': module-mac"
    ):
        simulate(system=system, hardware=without_aau, fidelity=fidelity, **GIVEN)


@pytest.mark.parametrize("hardware", ["specpim-hbm", "specpim-gddr6"])
def test_specpim_has_none(hardware: str) -> None:
    with pytest.raises(AhasdError, match="no attention algorithm unit"):
        simulate(system="specpim", hardware=hardware, set=("system.aau=true",), **GIVEN)


@pytest.mark.parametrize("fidelity", ["first-order", "detailed"])
@pytest.mark.parametrize("system", ["npu-pim-async", "npu-pim-split", "npu-pim-sync"])
def test_a_system_that_does_not_ask_for_it_runs_as_with_it(
    without_aau: str, system: str, fidelity: str
) -> None:
    with_it, without = (
        simulate(system=system, hardware=hardware, fidelity=fidelity, **GIVEN)
        for hardware in ("module-mac", without_aau)
    )
    assert (with_it.seconds, with_it.energy_j) == (without.seconds, without.energy_j)
    assert with_it.energy_j["aau"] == 0


def test_more_lanes_and_a_shorter_latency_are_faster() -> None:
    def seconds(*changes: str) -> float:
        return simulate(system="pim-autoregressive", set=changes, **GIVEN).seconds

    assert seconds("aau.lanes=32") < seconds() < seconds("aau.lanes=8")
    assert seconds("aau.latency_cycles=0") < seconds() < seconds("aau.latency_cycles=100")
