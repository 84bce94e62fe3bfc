"""docs/hardware.md says what the code says, as far as that takes no synthesis; else run its script again."""

from pathlib import Path

import pytest

pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")

from ahasd.report.hardware_cost.cost import latency_rows
from ahasd.report.hardware_cost.texts import AAU, EQUIVALENCE, HEAD, WIDTHS
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.registers import REGISTERS

PAGE = (Path(__file__).parent.parent / "docs" / "hardware.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", [HEAD, EQUIVALENCE, WIDTHS, AAU])
def test_its_texts_are_those_of_the_program(part):
    assert part.rstrip() in PAGE


def test_its_register_map_is_that_of_the_hardware():
    lines = [line for line in PAGE.splitlines() if line.startswith("| 0x")]
    assert lines == [
        f"| 0x{r.offset:02X} | `{r.name}` | {r.access.value} | {r.bits} | {r.meaning} |" for r in REGISTERS
    ]


def test_its_latencies_are_those_of_the_hardware():
    for name, cycles, seconds in latency_rows(HardwareParameters()):
        assert f"| {name} | {cycles} | {seconds * 1e9:.2f} ns |" in PAGE
