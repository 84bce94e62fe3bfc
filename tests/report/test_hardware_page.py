"""Reports on the hardware, from made-up modules."""

import pytest

pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")

from ahasd.report.hardware_cost import cost_json, cost_text, synthesis_text
from ahasd.report.hardware_page import hardware_page
from ahasd.rtl.cost import BLOCKS, HardwareCost, hardware_cost
from ahasd.rtl.error_analysis import FunctionError
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.registers import REGISTERS
from ahasd.rtl.synthesis import SynthesizedModule


@pytest.fixture(scope="module")
def cost() -> HardwareCost:
    modules = [
        SynthesizedModule(name, 1200, 100, 500, 1000, 1e6, 5e5, 2000.0)
        for names, _ in BLOCKS.values()
        for name in names
    ]
    return hardware_cost(HardwareParameters(), modules, 28, [[1.0, 2.0]] * 4, decisions_per_second=10.0)


def test_the_text_sets_ours_beside_the_published_on_both_dies(cost):
    text = cost_text(cost, 50.0)
    # 8 modules of 1 mm² and 16 times 18, x 0.0191.
    total = (8 + 16 * 18) * 0.025 * (28 / 32) ** 2
    assert f"Of a die of 50 mm2: {total / 50:.2%}" in text
    assert f"Of a die of 18 mm2: {total / 18:.2%}" in text
    assert "published paper: 2.68% of 50 mm2" in text
    assert text.count("does not hold") >= 3
    assert cost_json(cost, 30.0)["share_of_die"] == pytest.approx(
        {"30": total / 30, "50": total / 50, "18": total / 18}
    )


def test_the_table_has_a_line_per_module(cost):
    assert all(module.name in synthesis_text(cost.modules) for module in cost.modules)


def test_the_page_has_every_register_and_what_holds(cost):
    error = FunctionError("2^-f", 1e-4, 1e-5, "[0, 1)")
    page = hardware_page(
        cost, 50.0, [(8, 0.01, 0.002, 1)], [error], [error], (0.02, 0.04), (68.75e-9, 3.75e-9)
    )
    for register in REGISTERS:
        assert f"| 0x{register.offset:02X} | `{register.name}` |" in page
    assert "| 8 | 1.00% | 0.200% | 1 |" in page
    assert "charges 68.75 ns for a decision" in page
    assert "- EDC, 0.05 mm²:" in page
