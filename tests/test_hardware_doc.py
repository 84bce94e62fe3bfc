"""docs/hardware.md says what the code says, as far as that takes no synthesis; else run its script again."""

from pathlib import Path

import pytest

pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")

from ahasd.report.hardware_cost.page import latencies_table, registers_table
from ahasd.report.hardware_cost.texts import AAU, EQUIVALENCE, HEAD, WIDTHS
from ahasd.rtl.parameters import HardwareParameters

PAGE = (Path(__file__).parent.parent / "docs" / "hardware.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", [HEAD, EQUIVALENCE, WIDTHS, AAU])
def test_its_texts_are_those_of_the_program(part):
    assert part.rstrip() in PAGE


@pytest.mark.parametrize("table", [registers_table(), latencies_table(HardwareParameters())])
def test_its_registers_and_latencies_are_those_of_the_hardware(table):
    assert f"\n{table.markdown(aligned=True)}\n" in PAGE
