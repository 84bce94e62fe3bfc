"""The constants that energy hangs on, and over which values each can lie."""

from dataclasses import replace

import pytest

from ahasd.hardware.components import ENERGY_KEYS
from ahasd.hardware.energy_ranges import energy_ranges
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset, preset_names

KEY = "energy.offchip_pj_per_bit"


@pytest.mark.parametrize("name", preset_names())
def test_every_energy_constant_with_a_range_has_one_that_holds_its_value(name: str) -> None:
    preset = load_preset(name)
    found = energy_ranges(preset)
    assert set(found) == {key for key in preset.ranges if key in ENERGY_KEYS}
    for key, (low, high) in found.items():
        assert low <= preset.hardware.constant(key) <= high
        assert (low, high) == preset.ranges[key]


def test_what_a_user_gave_is_known() -> None:
    preset = load_preset("module-mac")
    given = override(preset, [f"{KEY}=25"])
    assert set(energy_ranges(preset)) - set(energy_ranges(given)) == {KEY}


@pytest.mark.parametrize(("stated", "widened"), [((1.0, 2.0), (1.0, None)), ((1e3, 2e3), (None, 2e3))])
def test_a_range_is_widened_to_hold_the_value(
    stated: tuple[float, float], widened: tuple[float | None, float | None]
) -> None:
    preset = load_preset("module-mac")
    value = preset.hardware.constant(KEY)
    moved = replace(preset, ranges={**preset.ranges, KEY: stated})
    assert energy_ranges(moved)[KEY] == tuple(value if end is None else end for end in widened)
