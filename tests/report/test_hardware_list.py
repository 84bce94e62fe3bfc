"""The list of hardware: readable on a narrow terminal, complete, and searchable by words."""

import json

import pytest

from ahasd.errors import UnknownNameError
from ahasd.hardware.preset.builtin import preset_names
from ahasd.hardware.preset.owned.owned_presets import owned_processors
from ahasd.hardware.preset.owned.owned_processor import GROUPS
from ahasd.report.hardware_list import hardware_json, hardware_text
from ahasd.report.names import list_hardware


def test_every_device_stands_in_a_row_under_its_group() -> None:
    text = hardware_text(None)
    lines = text.splitlines()
    places = [next(i for i, line in enumerate(lines) if line.startswith(f"{group}  ")) for group in GROUPS]
    assert places == sorted(places)
    for processor in owned_processors():
        (row,) = [line for line in lines if line.startswith(f"{processor.name} ")]
        assert len(row) <= 72
        assert processor.kind in row
    assert text.startswith(f"{len(owned_processors())} processors of devices that people own and")
    assert all(name in text for name in preset_names())


def test_words_choose_among_them() -> None:
    text = hardware_text("m3 max npu")
    assert "apple-m3-max-npu" in text
    assert "apple-m3-max-40-core" not in text
    assert "machines of the studies" not in text
    assert "1 processor of a device that people own." in text
    with pytest.raises(UnknownNameError, match="unknown hardware 'abacus'"):
        hardware_text("abacus")


def test_marks_say_what_the_figures_rest_on() -> None:
    marks = {
        line.split()[0]: line.split()[-1]
        for line in hardware_text("rtx").splitlines()
        if line.startswith("rtx")
    }
    assert marks["rtx-3090"] == "W"
    assert marks["rtx-2060"] == "~?"
    assert "W" not in marks["rtx-3070-laptop-8gb"]


def test_programs_get_the_same() -> None:
    document = json.loads(json.dumps(hardware_json("phones")))
    entry = document["devices"]["snapdragon-8-elite-npu"]
    assert entry["systems"] == ["npu", "npu-autoregressive"]
    assert entry["energy_known"] is False
    assert document["machines"] == {}


def test_the_list_of_names_has_machines_and_devices() -> None:
    found = list_hardware()
    assert list(found)[: len(preset_names())] == preset_names()
    assert found["rtx-3090"].startswith("PCs: GPU, ")
