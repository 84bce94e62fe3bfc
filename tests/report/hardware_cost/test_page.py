"""Reports on the hardware, from made-up modules."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")

from ahasd.report.files import to_json
from ahasd.report.hardware_cost.cost import cost_text, synthesis_text
from ahasd.report.hardware_cost.json import cost_json
from ahasd.report.hardware_cost.page import LayerErrors, SimulatedLatencies, hardware_page
from ahasd.rtl.aau.errors import FunctionError
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.area import block_cost
from ahasd.rtl.synthesis.cost import HardwareCost
from ahasd.rtl.synthesis.power import Power
from ahasd.rtl.synthesis.published import BLOCKS
from ahasd.rtl.synthesis.scaling import area_scaling, delay_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule
from ahasd.rtl.top.registers import REGISTERS


def cost_at(node_nm: int) -> HardwareCost:
    modules = [
        SynthesizedModule(name, 1200, 100, 500, 1000, 1e6, 5e5, 2000.0)
        for names, _ in BLOCKS.values()
        for name in names
    ]
    parameters, scaling = HardwareParameters(), area_scaling(node_nm)
    found = {module.name: module for module in modules}
    blocks = tuple(block_cost(name, parameters, found, scaling) for name in BLOCKS)
    power = Power(10.0, 1e-9, 1e-8, 0.02, 0.03, 0.01, 0.1)
    return HardwareCost(parameters, scaling, tuple(modules), blocks, power)


@pytest.fixture(scope="module")
def cost() -> HardwareCost:
    return cost_at(28)


def test_nothing_is_held_against_figures_for_another_process():
    cost = cost_at(65)
    text = cost_text(cost, 50.0)
    assert "hold" not in text.replace("nothing is held against it", "")
    assert "published paper" not in text
    document = cost_json(cost, 50.0)
    assert {block["verdict"] for block in document["blocks"].values()} == {None}
    assert document["dies"]["50"]["published"] == {}


def test_the_text_sets_ours_beside_the_published_on_both_dies(cost):
    text = cost_text(cost, 50.0)
    assert "10.0 batches/s of the simulated run of ahasd 10 nW with its clock gated, 20 mW" in text
    # 9 modules of 1 mm² and 16 times 18, x 0.0191.
    total = (9 + 16 * 18) * 0.025 * (28 / 32) ** 2
    assert f"Of a die of 50 mm2: {total / 50:.2%}" in text
    assert f"Of a die of 18 mm2: {total / 18:.2%}" in text
    assert "published paper: 2.68% of 50 mm2" in text
    assert text.count("does not hold") >= 3
    assert cost_json(cost, 30.0)["share_of_die"] == pytest.approx(
        {"30": total / 30, "50": total / 50, "18": total / 18}
    )


def test_the_table_has_a_line_per_module(cost):
    assert all(module.name in synthesis_text(cost.modules) for module in cost.modules)


def test_the_json_tells_how_each_figure_came_about(cost):
    document = cost_json(cost, 50.0)
    assert json.loads(to_json(document)) == document
    edc = document["blocks"]["EDC"]
    assert (edc["modules"], edc["register_bits"], edc["memory_bits"]) == (["controller_edc"], -400, 500)
    assert edc["range_mm2"][0] <= edc["area_mm2"] <= edc["range_mm2"][1]
    assert edc["verdict"].startswith("does not hold: published")
    assert edc["verdict_on_earlier"].startswith("does not hold: ours")
    assert document["blocks"]["control block"]["verdict"] is None
    assert document["dies"]["50"]["published"] == {"paper": 0.0268}
    assert document["dies"]["18"]["published"] == {"earlier version": 0.025}
    for die in document["dies"].values():
        assert die["below_3_percent"]["cells"] == (die["share"] < 0.03)
        assert die["share_range"][0] < die["share"] < die["share_placed"] < die["share_range"][1]
    assert set(document["modules"]) == {module.name for module in cost.modules}
    assert "estimate" in document["power"]["method"]
    # 2 ns at 180 nm.
    paths = document["timing"]["longest_path_32_nm_s"]
    assert paths["high performance"] == pytest.approx(2e-9 * delay_factor("high performance"))


def test_the_clock_is_said_to_hold_or_not(cost):
    assert "high performance 0.21 ns, within the clock's 1.25 ns" in cost_text(cost, 50.0)
    slow = replace(cost.modules[0], name="slow", longest_path_ps=8000.0)
    text = cost_text(replace(cost, modules=(slow, *cost.modules)), 50.0)
    assert "(slow)" in text
    assert "low power 3.98 ns, NOT within the clock's 1.25 ns (251 MHz)" in text


def test_the_page_has_every_register_and_what_holds(cost):
    page = hardware_page(
        cost,
        50.0,
        "controller\n└─ edc\n",
        [(8, 0.01, 0.002, 1)],
        [FunctionError("2^-f", "[0, 1)", 1e-4, 1e-5)],
        [FunctionError("GELU", "±8", 0.031, 0.006, 0.5, 0.1)],
        LayerErrors((0.02, 0.03), (0.04, 0.05), 0.97, 0.94),
        SimulatedLatencies(68.75e-9, 3.75e-9, 65e-9),
    )
    for register in REGISTERS:
        assert f"| 0x{register.offset:02X} | `{register.name}` |" in page
    assert "| 8 | 1.00% | 0.200% | 1 |" in page
    prose = " ".join(page.split())
    assert "charges 68.75 ns for a decision" in prose
    assert "and 65.00 ns for a vector operator" in prose
    assert "└─ edc\n```" in page
    assert "| GELU | ±8 | 0.031 | 0.006 | 0.50 | 0.10 |" in page
    assert "changes by 2.0%, 3.0%" in prose
    assert "- EDC, 0.05 mm²:" in page
    assert page.count("```") % 2 == 0
    assert "\n\n\n" not in page
