"""A user's hardware file laid over a base."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.preset.preset import HardwarePreset, load_preset, preset_from_document

Document = dict[str, Any]

#: Constants that take any positive number, so that a drawn value is valid.
FREE = (
    "npu.clock_ghz",
    "npu.launch_us",
    "memory.channel_gb_per_second",
    "pim.gmac_per_second",
    "cpu.polling_us",
    "energy.offchip_pj_per_bit",
)


def write(path: Path, document: Document) -> str:
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(path)


def leaves(preset: HardwarePreset) -> dict[str, Any]:
    document = preset.hardware.model_dump(exclude_none=True)
    return {f"{s}.{k}": v for s, c in document.items() if isinstance(c, dict) for k, v in c.items()}


def test_a_file_that_gives_a_base_alone_is_that_machine(tmp_path: Path) -> None:
    mine, base = load_preset(write(tmp_path / "mine.yaml", {"base": "module-mac"})), load_preset("module-mac")
    assert mine.hardware == base.hardware.model_copy(update={"name": "mine"})
    assert (mine.sources, mine.ranges) == (base.sources, base.ranges)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(changes=st.dictionaries(st.sampled_from(FREE), st.floats(0.1, 100.0), min_size=1))
def test_what_a_file_gives_is_its_own_and_all_else_the_base_s(
    changes: dict[str, float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    document: Document = {"base": "rank-both", "description": "mine"}
    for key, value in changes.items():
        section, name = key.split(".")
        document.setdefault(section, {})[name] = value
    base = load_preset("rank-both")
    mine = load_preset(write(tmp_path_factory.mktemp("given") / "mine.yaml", document))
    assert leaves(mine) == leaves(base) | changes
    assert mine.hardware.description == "mine"
    for key in leaves(base):
        given_here = key in changes
        assert mine.sources[key] == ("given in mine.yaml" if given_here else base.sources[key])
        assert mine.ranges.get(key) == (None if given_here else base.ranges.get(key))


def test_a_file_may_be_based_on_another_seen_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    first = {"base": "module-mac", "name": "first", "npu": {"clock_ghz": 2.0, "chips": 4}}
    write(tmp_path / "shared" / "first.yaml", first)
    second = {"base": "../shared/first.yaml", "npu": {"chips": 1}}
    preset = load_preset(write(tmp_path / "shared" / "second.yaml", second))
    assert preset.hardware.name == "second"
    npu = preset.hardware.require_npu()
    assert (npu.clock_ghz, npu.chips) == (2.0, 1)
    assert preset.sources["npu.clock_ghz"] == "given in first.yaml"
    assert preset.sources["npu.chips"] == "given in second.yaml"


def test_a_constant_may_be_given_with_a_source_and_a_range(tmp_path: Path) -> None:
    entry = {"value": 5.0, "source": "a data sheet", "range": [4.0, 6.0]}
    document = {"base": "module-mac", "energy": {"offchip_pj_per_bit": entry}}
    preset = load_preset(write(tmp_path / "mine.yaml", document))
    key = "energy.offchip_pj_per_bit"
    assert (preset.sources[key], preset.ranges[key]) == ("a data sheet", (4.0, 6.0))


def test_the_second_of_two_like_gpus_follows_the_first_until_it_is_refined(tmp_path: Path) -> None:
    both = load_preset(
        write(tmp_path / "a.yaml", {"base": "two-a100-40gb", "gpu": {"limit_w": 300}})
    ).hardware
    assert both.gpu == both.gpu2
    one = load_preset(
        write(tmp_path / "b.yaml", {"base": "two-a100-40gb", "gpu2": {"limit_w": 300}})
    ).hardware
    assert one.gpu == load_preset("two-a100-40gb").hardware.gpu
    assert one.gpu2 == both.gpu


def test_a_section_given_as_null_is_left_out(tmp_path: Path) -> None:
    preset = load_preset(write(tmp_path / "mine.yaml", {"base": "module-mac", "aau": None}))
    assert preset.hardware.aau is None
    assert preset.hardware.pim == load_preset("module-mac").hardware.pim


def test_a_section_that_the_base_lacks_is_added(tmp_path: Path) -> None:
    document = {"base": "specpim-hbm", "aau": {"lanes": 4, "latency_cycles": 9}}
    assert load_preset(write(tmp_path / "mine.yaml", document)).hardware.require_aau().lanes == 4


def test_a_document_in_a_configuration_may_have_a_base() -> None:
    hardware = preset_from_document({"base": "module-mac", "name": "mine", "npu": {"chips": 3}}).hardware
    assert (hardware.name, hardware.require_npu().chips) == ("mine", 3)


def test_bases_in_a_circle_are_refused_with_the_circle(tmp_path: Path) -> None:
    first = write(tmp_path / "first.yaml", {"base": "second.yaml"})
    write(tmp_path / "second.yaml", {"base": "first.yaml"})
    with pytest.raises(AhasdError, match=r"circle: .*first\.yaml -> .*second\.yaml -> .*first\.yaml"):
        load_preset(first)
    with pytest.raises(AhasdError, match=r"circle: .*own\.yaml -> .*own\.yaml"):
        load_preset(write(tmp_path / "own.yaml", {"base": "own.yaml"}))


@pytest.mark.parametrize(
    ("base", "error", "message"),
    [
        ("module-mak", UnknownNameError, r"unknown base of .*mine\.yaml 'module-mak'.*'module-mac'"),
        ("_pim", UnknownNameError, "unknown base"),
        ("gone.yaml", AhasdError, r"mine\.yaml: its base 'gone\.yaml' does not exist"),
        (3, AhasdError, r"mine\.yaml: base is 3; must be the name"),
        (None, AhasdError, r"mine\.yaml: base is None; must be the name"),
        ([], AhasdError, r"mine\.yaml: base is \[\]; must be the name"),
    ],
)
def test_a_base_that_is_none_is_refused(
    base: object, error: type[AhasdError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        load_preset(write(tmp_path / "mine.yaml", {"base": base}))


def test_a_bad_value_over_a_base_is_refused_with_file_and_key(tmp_path: Path) -> None:
    for document in ({"npu": {"clock_ghz": -1}}, {"npu": {"clok_ghz": 1}}, {"pim": None}):
        path = write(tmp_path / "mine.yaml", {"base": "module-mac", **document})
        with pytest.raises(AhasdError, match=r"mine\.yaml: .*(npu\.clo|'pim' is missing)"):
            load_preset(path)
