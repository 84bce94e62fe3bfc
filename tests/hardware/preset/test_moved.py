"""Constants of earlier versions that stand elsewhere today."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.preset.moved import MOVED_KEYS
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset, preset_from_document

PLACES = [("pim.aau_lanes", "aau.lanes"), ("pim.aau_latency_cycles", "aau.latency_cycles")]


def earlier(preset: str) -> dict[str, Any]:
    """A document as the version before wrote it: the constants of the AAU among those of the PIM."""
    document = load_preset(preset).to_document()
    for name, entry in document.pop("aau").items():
        document["pim"][f"aau_{name}"] = entry
    return document


def test_the_moves_are_those_that_were_made() -> None:
    assert sorted(MOVED_KEYS.items()) == PLACES


@pytest.mark.parametrize("preset", ["module-mac", "rank-both"])
def test_a_document_of_an_earlier_version_is_the_same_machine(preset: str) -> None:
    document = earlier(preset)
    document["pim"]["aau_lanes"] = {"value": 8, "source": "measured", "range": [4, 16]}
    found, today = preset_from_document(document), load_preset(preset)
    assert found.hardware.require_aau().lanes == 8
    assert found.hardware.require_aau().latency_cycles == today.hardware.require_aau().latency_cycles
    assert found.hardware.model_copy(update={"aau": today.hardware.aau}) == today.hardware
    assert (found.sources["aau.lanes"], found.ranges["aau.lanes"]) == ("measured", (4, 16))
    assert found.sources.keys() == today.sources.keys()
    assert "aau_lanes" in document["pim"], "what was given stays as it was"


def test_a_constant_in_both_places_is_refused() -> None:
    document = earlier("module-mac")
    document["aau"] = {"lanes": 8}
    with pytest.raises(AhasdError, match=r"'pim\.aau_lanes' is now 'aau\.lanes'; give it once"):
        preset_from_document(document)


def test_an_old_constant_over_a_base_changes_the_new_one() -> None:
    document = {"base": "module-mac", "pim": {"aau_lanes": 8}}
    aau, base = preset_from_document(document).hardware.require_aau(), load_preset("module-mac").hardware.aau
    assert base is not None
    assert (aau.lanes, aau.latency_cycles) == (8, base.latency_cycles)


@pytest.mark.parametrize(("old", "new"), PLACES)
@pytest.mark.parametrize("preset", ["module-mac", "specpim-hbm", "lpddr5"])
def test_setting_an_old_key_is_refused_with_the_new_one(preset: str, old: str, new: str) -> None:
    with pytest.raises(AhasdError, match=f"--set {old}: this constant is now '{new}'"):
        override(load_preset(preset), [f"{old}=8"])
