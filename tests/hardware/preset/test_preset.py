from pathlib import Path

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset, preset_from_document, preset_names


@pytest.mark.parametrize("name", preset_names())
def test_every_constant_has_a_source_and_lies_in_its_range(name: str) -> None:
    preset = load_preset(name)
    document = preset.hardware.model_dump(exclude_none=True)
    constants = {f"{s}.{k}": v for s, c in document.items() if isinstance(c, dict) for k, v in c.items()}
    assert len(constants) > 20
    for key, value in constants.items():
        assert len(preset.sources[key]) > 3, key
        if key in preset.ranges:
            low, high = preset.ranges[key]
            assert low <= value <= high, key


def test_the_array_read_energy_is_what_its_source_says() -> None:
    # 18 % of a typical 32-byte read burst, and a full activate and precharge per row of 2 KB.
    assert load_preset("module-mac").hardware.energy.pim_array_pj_per_bit == pytest.approx(
        0.18 * 505 / 256 + 569 / (2048 * 8), abs=0.005
    )


@pytest.mark.parametrize("name", preset_names())
def test_a_shown_preset_reads_back_as_the_same_machine(name: str, tmp_path: Path) -> None:
    preset = load_preset(name)
    path = tmp_path / "mine.yaml"
    path.write_text(preset.to_yaml(), encoding="utf-8")
    again = load_preset(str(path))
    assert again.hardware == preset.hardware
    assert again.sources == preset.sources
    assert again.ranges == preset.ranges
    assert preset_from_document(preset.to_document()).hardware == preset.hardware


def test_a_changed_constant_says_that_it_was_given() -> None:
    preset = override(load_preset("module-mac"), ["npu.clock_ghz=1.2", "npu.clock_ghz=1.5"])
    assert preset.hardware.npu.clock_ghz == 1.5
    assert "given" in preset.sources["npu.clock_ghz"]
    assert "given" not in preset.sources["npu.chips"]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("npu.clock_ghz=-1", "must be above 0"),
        ("npu.clock_ghz=nan", "finite"),
        ("npu.clock_ghz=inf", "finite"),
        ("npu.clock_ghz=fast", "must be a number"),
        ("npu.clock_ghz", "expected KEY=VALUE"),
        ("memory.bus_efficiency=1.5", "must be at most 1"),
    ],
)
def test_a_bad_value_is_refused_with_its_key(assignment: str, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        override(load_preset("module-mac"), [assignment])


def test_an_unknown_key_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'npu\.clock_ghz'"):
        override(load_preset("module-mac"), ["npu.clok_ghz=1"])
    with pytest.raises(
        AhasdError, match=r"'lpddr5' has no 'pim' section; presets that have one: module-mac, "
    ):
        override(load_preset("lpddr5"), ["pim.clock_ghz=1"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("npu: [", "not valid YAML"),
        ("just text", "not a hardware preset"),
        ("npu: {clock_ghz: {value: 1}}", r"npu\.clock_ghz"),
        ("colour: blue", "unknown key 'colour'"),
    ],
)
def test_a_broken_file_is_refused_by_name(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AhasdError, match=message) as error:
        load_preset(str(path))
    assert "broken.yaml" in str(error.value)


def test_a_missing_preset_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'module-mac'"):
        load_preset("module-mak")
    with pytest.raises(AhasdError, match="does not exist"):
        load_preset("nowhere.yaml")
