"""Energy over the ranges of its constants: components scale, durations stay."""

from dataclasses import dataclass

from ahasd.hardware.preset.preset import HardwarePreset

#: Component of a result -> the constants that it is proportional to the sum of. Rows opened to append to a cache are
#: counted with what crosses the bus, of which they are below a per cent; a change of array energy that would bring
#: the power cap into play is not followed.
CONSTANTS: dict[str, tuple[str, ...]] = {
    "npu_compute": ("energy.npu_mac_pj",),
    "npu_vector": ("energy.vector_operation_pj",),
    "scratchpad": ("energy.scratchpad_pj_per_byte",),
    "dram_offchip": ("energy.offchip_pj_per_bit",),
    "dram_active": ("energy.rank_active_mw",),
    "pim_array": ("energy.pim_array_pj_per_bit",),
    "pim_compute": ("energy.pim_mac_pj",),
    "aau": ("energy.vector_operation_pj",),
    "npu_static": ("energy.npu_static_mw",),
    "dram_idle": ("energy.rank_power_down_mw", "energy.rank_refresh_mw"),
    "gpu": ("gpu.limit_w",),
    "gpu_idle": ("gpu.idle_w",),
}


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


def component_scales(preset: HardwarePreset) -> dict[str, Scale]:
    """Scales of the components that a machine has a range for.

    A board's power counts above idle, as the simulation charges it; a constant that a user gave has no range.
    """
    scales = {}
    for component, keys in CONSTANTS.items():
        values = [_value(preset, key) for key in keys]
        if any(value is None for value in values):
            continue
        spans = [
            _span(preset, key, value) for key, value in zip(keys, values, strict=True) if value is not None
        ]
        offset = (_value(preset, "gpu.idle_w") or 0.0) if component == "gpu" else 0.0
        nominal = sum(value for value in values if value is not None) - offset
        if nominal <= 0:
            continue
        low, high = (max(0.0, sum(span[end] for span in spans) - offset) / nominal for end in (0, 1))
        if (low, high) != (1.0, 1.0):
            group = f"{'+'.join(keys)} of {low:.9g} to {high:.9g}"
            scales[component] = Scale(group, low, high)
    return scales


def _value(preset: HardwarePreset, key: str) -> float | None:
    section_name, name = key.split(".")
    section = getattr(preset.hardware, section_name)
    return None if section is None else float(getattr(section, name))


def _span(preset: HardwarePreset, key: str, value: float) -> tuple[float, float]:
    given = preset.sources.get(key, "").startswith("given")
    return preset.ranges.get(key, (value, value)) if not given else (value, value)
