"""Energy over the ranges of its constants: components scale, durations stay."""

from collections.abc import Iterable
from dataclasses import dataclass

from ahasd.hardware.components import COMPONENTS
from ahasd.hardware.energy_ranges import energy_ranges
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.preset import HardwarePreset, load_preset

#: The energy of a bit on the memory's bus, of which publications say the most different things.
OFFCHIP_KEY = "energy.offchip_pj_per_bit"


@dataclass(frozen=True, slots=True)
class Scale:
    """By how much a component of the energy can shrink and grow.

    Attributes
    ----------
    group
        Components of one group move together: those of equal constants on machines with the same constants.
    low, high
        Factors, around 1.
    """

    group: str
    low: float
    high: float


def offchip_range(reading: str) -> tuple[float, float]:
    """Range of the off-chip energy of a preset of the platform, pJ/bit."""
    return energy_ranges(load_preset(reading))[OFFCHIP_KEY]


def component_scales(preset: HardwarePreset) -> dict[str, Scale]:
    """Scales of the components that a machine has a range for.

    What a component has ``besides`` is counted with the rest of it, and what is taken off its constants stays as the
    preset has it. A change of array energy that would bring the power cap into play is not followed.
    """
    ranges, scales = energy_ranges(preset), {}
    for component in COMPONENTS:
        constants = _values(preset.hardware, component.constants)
        offset = sum(_values(preset.hardware, component.less).values())
        nominal = sum(constants.values()) - offset
        if nominal <= 0:
            continue
        spans = [ranges.get(key, (value, value)) for key, value in constants.items()]
        low, high = (max(0.0, sum(span[end] for span in spans) - offset) / nominal for end in (0, 1))
        if (low, high) != (1.0, 1.0):
            group = f"{'+'.join(constants)} of {low:.9g} to {high:.9g}"
            scales[component.name] = Scale(group, low, high)
    return scales


def _values(hardware: Hardware, keys: Iterable[str]) -> dict[str, float]:
    """Those of the constants that the machine has."""
    found = ((key, hardware.constant(key)) for key in keys)
    return {key: value for key, value in found if value is not None}
