"""The ranges of a machine's energy constants."""

from ahasd.hardware.components import ENERGY_KEYS
from ahasd.hardware.preset.preset import HardwarePreset


def energy_ranges(preset: HardwarePreset) -> dict[str, tuple[float, float]]:
    """Keys and ranges of the constants that energy hangs on; one that a user gave is known, so it has none.

    A range is widened to hold the preset's own value.
    """
    found = {}
    for key, (low, high) in preset.ranges.items():
        given = preset.sources.get(key, "").startswith("given")
        if key in ENERGY_KEYS and not given:
            value = preset.hardware.constant(key)
            assert value is not None, "what has a range has a value"
            found[key] = min(low, value), max(high, value)
    return found
