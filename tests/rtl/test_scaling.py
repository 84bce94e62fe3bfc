"""Scaling against the numbers that the sources give, and costs of made-up modules."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.cost import HardwareCost, check_die, hardware_cost
from ahasd.rtl.synthesis.die_share import die_share, die_shares
from ahasd.rtl.synthesis.published import BLOCKS
from ahasd.rtl.synthesis.scaling import area_scaling, delay_factor, energy_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule


def test_180_nm_is_the_unit():
    assert area_scaling(180).rules == {"Stillmaker and Baas": 1.0, "square of the length": 1.0}


def test_28_nm_has_three_rules():
    rules = area_scaling(28).rules
    assert rules["Stillmaker and Baas"] == pytest.approx(0.025 * (28 / 32) ** 2)
    assert rules["square of the length"] == pytest.approx(1 / 41.3, rel=1e-3)
    # A NAND2 of 24 µm² against 3.9 million in a mm².
    assert rules["published gate density"] == pytest.approx(0.2564 / 24, rel=1e-3)


def test_energy_and_delay_are_the_papers_polynomials():
    # Energy: 24.64 · 1.8 - 17.98 = 26.372 at 180 nm; 0.8367 · 0.81 - 0.4341 · 0.9 + 0.1701 = 0.4571 (its erratum).
    assert energy_factor() == pytest.approx(0.4571 / 26.372, rel=1e-3)
    # Delay: 97.09 · 3.24 - 356.7 · 1.8 + 406.5 = 79.01; at 32 nm and 0.9 V 8.357.
    assert delay_factor() == pytest.approx(8.357 / 79.01, rel=1e-3)


@pytest.mark.parametrize("node", [22, 0, -28, 5])
def test_a_node_without_data_is_refused(node):
    with pytest.raises(AhasdError, match=f"no scaling data for {node} nm; there is for 180, 130"):
        area_scaling(node)


@pytest.mark.parametrize("die", [0.0, -3.0, float("nan"), float("inf")])
def test_a_die_without_area_is_refused(die):
    with pytest.raises(AhasdError, match="give its area"):
        check_die(die)


@pytest.fixture(scope="module")
def cost() -> HardwareCost:
    """Each module: 1000 cells on 10,000 µm², 100 of them flip-flops; a memory of 500 bits has half the area."""
    modules = [
        SynthesizedModule(name, 1200, 100, 500, 1000, 10_000.0, 5_000.0, 1000.0)
        for names, _ in BLOCKS.values()
        for name in names
    ]
    return hardware_cost(HardwareParameters(), modules, 28, [[1.0, 2.0]] * 4, decisions_per_second=10.0)


def test_instances_and_lanes_are_multiplied(cost):
    blocks = {block.name: block for block in cost.blocks}
    assert blocks["queues"].cells_180_um2 == 30_000
    # 16 ranks of one shared part, one factor unit and 16 lanes.
    assert blocks["AAU"].cells_180_um2 == 16 * 18 * 10_000
    assert blocks["AAU"].flip_flops == 16 * 18 * 100
    assert blocks["EDC"].area_mm2 == pytest.approx(0.01 * 0.025 * (28 / 32) ** 2)
    assert blocks["EDC"].with_macros_mm2 == pytest.approx(
        0.005 * 0.025 * (28 / 32) ** 2 + 500 * 0.127e-6 / 0.3
    )
    assert cost.area_mm2 == pytest.approx(sum(block.area_mm2 for block in cost.blocks))


def test_a_die_is_shared_by_cells_by_placed_cells_and_by_one_aau(cost):
    share = die_share(cost, 50.0)
    unit = 0.01 * 0.025 * (28 / 32) ** 2
    # 9 modules of the controller and 16 ranks of 18; with one AAU, 9 and 18.
    assert share.cells == pytest.approx((9 + 16 * 18) * unit / 50)
    assert share.one_aau == pytest.approx((9 + 18) * unit / 50)
    assert share.placed == pytest.approx(share.cells / 0.7)
    assert share.lowest < share.cells < share.placed < share.highest
    assert cost.aau_share == pytest.approx(16 * 18 / (9 + 16 * 18))
    assert share.published == {"paper": 0.0268}
    assert die_share(cost, 49.0).published == {}
    assert die_share(replace(cost, scaling=area_scaling(65)), 50.0).published == {}
    assert [one.die_mm2 for one in die_shares(cost, 50.0)] == [50.0, 18.0]


@pytest.mark.parametrize(
    ("part", "below"), [(0.02, (True, True)), (0.025, (True, False)), (0.03, (False, False))]
)
def test_three_per_cent_are_the_limit_for_cells_and_for_placed_ones(cost, part, below):
    share = die_share(cost, cost.area_mm2 / part)
    assert (share.cells_below, share.placed_below) == below


def test_verdicts_follow_the_range(cost):
    edc = cost.blocks[0]
    assert "published 10.0x ours" in edc.verdict(edc.area_mm2 * 10)
    assert "ours 10.0x published" in edc.verdict(edc.area_mm2 / 10)
    assert edc.verdict(edc.highest_mm2 * 0.99).startswith("within our range")


def test_a_clock_that_never_stops_dominates_the_power(cost):
    power = cost.power
    # 9 controller modules of 100 flip-flops at 0.23 pJ, scaled, at 800 MHz.
    clock = 9 * 100 * 0.23e-12 * energy_factor() * 800e6
    assert power.controller_ungated_w - power.controller_w == pytest.approx(clock)
    assert power.controller_w == pytest.approx(power.energy_per_batch_j * 10)
    assert 0 < power.controller_w < 1e-3 * clock
