"""Verilog, and what yosys makes of it."""

import re
import shutil
from pathlib import Path

import pytest
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.errors import AhasdError
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis import synthesis
from ahasd.rtl.synthesis.instances import instance_tree
from ahasd.rtl.synthesis.modules import PARTS, top_modules
from ahasd.rtl.synthesis.verilog import emit

needs_yosys = pytest.mark.skipif(
    shutil.which("yosys") is None or not synthesis.LIBERTY.is_file(), reason=f"needs {synthesis.INSTALL}"
)


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    return emit(top_modules(HardwareParameters()))


def test_a_file_per_module_and_one_for_all_lanes(modules):
    assert {name for parts in PARTS.values() for name in parts} <= set(modules)
    assert len(re.findall(r"^  aau_lane +lane_\d+ \(", modules["aau"], flags=re.MULTILINE)) == 16
    for name, text in modules.items():
        assert re.findall(r"^module (\w+)", text, flags=re.MULTILINE) == [name]


def test_ports_keep_their_names_and_nothing_is_escaped(modules):
    header = modules["controller"].partition(";")[0]
    for port in ("entropy", "batch_ready", "rank_enable", "read_data", "interrupt"):
        assert re.search(rf"\b{port}\b", header)
    assert not [name for name, text in modules.items() if "\\" in text]
    assert not [name for name, text in modules.items() if re.search(r"\bport_\d+_\d+\b", text)]


def test_an_input_that_is_put_together_is_named_after_what_it_is_part_of(modules):
    assert "assign entry = { entry_2 , entry_1 , entry_0  };" in modules["controller_draft_queue"]
    instance = (
        modules["controller"].partition("controller_draft_queue  draft_queue (")[2].partition(");\n")[0]
    )
    assert re.search(r"\.entry_0 \(batch_start\)", instance)
    assert re.search(r"\.entry_1 \(batch_length\)", instance)


def test_the_tree_of_instances_is_that_of_the_documentation(modules):
    tree = instance_tree(modules, PARTS)
    assert "└─ aau_lane x 16\n" in tree
    assert tree in (Path(__file__).parents[2] / "docs" / "hardware.md").read_text(encoding="utf-8")


class Adder(wiring.Component):
    """A register of 8 bits that adds."""

    def __init__(self) -> None:
        super().__init__({"step": In(8), "sum": Out(8), "table": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        before = Signal(8)
        m.d.comb += self.sum.eq(before)
        m.d.sync += before.eq(before + self.step)
        return m


def test_a_keyword_of_verilog_is_not_used_as_a_name():
    assert "table_" in emit({"adder": Adder()})["adder"]


@needs_yosys
def test_an_adder_has_eight_flip_flops_and_their_area():
    (found,) = synthesis.synthesize(emit({"adder": Adder()}), "adder", ())
    assert (found.name, found.flip_flops, found.memory_bits) == ("adder", 8, 0)
    # DFFPOSX1 of 96 µm² each; the sum takes at least a NAND2 of 24 µm² a bit.
    assert 8 * (96 + 24) < found.area_um2 < 8 * 400
    assert found.area_um2 == found.area_without_memories_um2
    assert 200 < found.longest_path_ps < 5000
    assert found.generic_cells > 8


def test_a_missing_yosys_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AhasdError, match="yosys is not installed; apt-get install yosys"):
        synthesis.synthesize({}, "adder", ())


@needs_yosys
def test_a_missing_library_is_named(tmp_path):
    with pytest.raises(AhasdError, match=r"cell library '.*cells\.lib' does not exist"):
        synthesis.synthesize({}, "adder", (), tmp_path / "cells.lib")


@needs_yosys
@pytest.mark.parametrize(
    "name", ["cells\nexec -- touch ran\n.lib", "a cell; library.lib", "$(touch ran).lib"]
)
def test_the_path_of_a_library_is_not_part_of_a_script(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    other = tmp_path / name
    other.write_bytes(synthesis.LIBERTY.read_bytes())
    modules = emit({"adder": Adder()})
    assert synthesis.synthesize(modules, "adder", (), other) == synthesis.synthesize(modules, "adder", ())
    assert [path.name for path in tmp_path.iterdir()] == [name]


@needs_yosys
@pytest.mark.parametrize("name", ["adder\nexec -- touch ran", "a b", "", "a;b", "1a"])
def test_what_is_no_name_of_a_module_goes_into_no_script(name):
    with pytest.raises(AhasdError, match="is no name of a module"):
        synthesis.synthesize({name: ""}, "adder", ())
    with pytest.raises(AhasdError, match="is no name of a module"):
        synthesis.synthesize({}, name, ())
    with pytest.raises(AhasdError, match="is no name of a module"):
        synthesis.synthesize({}, "adder", (name,))


@needs_yosys
def test_a_library_with_other_names_of_cells_is_counted_alike(tmp_path):
    other = tmp_path / "cells.lib"
    text = synthesis.LIBERTY.read_text(encoding="utf-8")
    other.write_text(re.sub(r"\bcell \((\w+)\)", lambda cell: f'cell ("lib__{cell[1].lower()}")', text))
    modules = emit({"adder": Adder()})
    ours, renamed = (synthesis.synthesize(modules, "adder", (), liberty)[0] for liberty in (None, other))
    assert (renamed.cells, renamed.flip_flops, renamed.area_um2) == (ours.cells, 8, ours.area_um2)


@needs_yosys
def test_a_library_that_is_none_is_reported_with_what_yosys_says(tmp_path):
    broken = tmp_path / "cells.lib"
    broken.write_text("no library {", encoding="utf-8")
    with pytest.raises(AhasdError, match="yosys failed"):
        synthesis.synthesize(emit({"adder": Adder()}), "adder", (), broken)


@needs_yosys
@pytest.mark.slow
def test_the_whole_hardware_is_below_three_percent_of_the_papers_die():
    from ahasd.rtl.synthesis.cost import hardware_cost, synthesize_all

    parameters = HardwareParameters()
    cost = hardware_cost(parameters, synthesize_all(parameters), 28, [[1.0, 2.0]] * 4, 10.0)
    assert cost.area_mm2 / 50 < 0.03
    assert {block.name: block.memory_bits for block in cost.blocks if block.memory_bits} == {
        "EDC": 512 * 2,
        "queues": 64 * 36 + 32 * 22 + 16 * 24,
    }
