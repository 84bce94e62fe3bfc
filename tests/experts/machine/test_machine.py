"""Machines: rates between the sizes that were measured, and what an expert costs."""

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.machine.machine import load_machine, machine_names, parse_machine
from ahasd.experts.mixture import Mixture

MIXTURE = Mixture("m", 4, 8, 2, 1e7, 4e8, 4e8 + 4 * 8 * 1e7)


@pytest.mark.parametrize("name", machine_names())
def test_every_machine_says_where_its_figures_are_from(name: str) -> None:
    machine = load_machine(name)
    assert machine.source
    assert machine.description
    assert machine.costs(MIXTURE).copy > 0


def test_small_reads_are_slow_and_rates_lie_between_those_measured() -> None:
    disk = load_machine("laptop-ssd")
    assert disk.link_rate(4096) == pytest.approx(0.0039e9)
    assert disk.link_rate(1048576) == pytest.approx(1.077e9)
    assert 0.193e9 < disk.link_rate(500_000) < 1.077e9
    assert disk.link_rate(1e9) == pytest.approx(1.052e9)


def test_an_expert_costs_its_bytes_over_the_rate_and_its_overhead() -> None:
    costs = load_machine("pcie3-desktop").costs(MIXTURE)
    assert costs.copy == pytest.approx(1e7 / 13.09e9 + 10e-6)
    assert costs.host == pytest.approx(1e7 / 29.97e9)
    assert costs.host_together * 29.97 == pytest.approx(21.89, abs=0.01)
    assert costs.copy_together * 13.09 == pytest.approx(8.41, abs=0.01)


def test_as_many_experts_fit_as_the_rest_leaves_room_for() -> None:
    machine = load_machine("phone-flash")
    assert machine.experts_that_fit(MIXTURE) == 32
    small = machine.model_copy(update={"fast_gb": 0.455})
    assert small.experts_that_fit(MIXTURE) == 5
    with pytest.raises(AhasdError, match=r"without its experts takes 0\.4 GB"):
        machine.model_copy(update={"fast_gb": 0.3}).experts_that_fit(MIXTURE)


def test_what_is_no_machine_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'phone-flash'"):
        load_machine("phone")
    with pytest.raises(AhasdError, match="fast_gb"):
        parse_machine({**load_machine("phone-flash").model_dump(), "fast_gb": -1})
