"""What a reader must know of a machine whose constants were changed, or that no measurement covers."""

from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.systolic import MEASURED_ARRAYS
from ahasd.hardware.preset.preset import HardwarePreset

#: Constants that change how many ranks share the totals of the PIM.
_RANKS = ("memory.channels", "memory.ranks_per_channel")

#: The totals, and what they are measured in.
_TOTALS = {"gmac_per_second": "G MAC/s", "gb_per_second": "GB/s", "power_cap_w": "W"}


def hardware_notes(preset: HardwarePreset, works: frozenset[str], fidelity: Fidelity) -> list[str]:
    """Caveats of a machine.

    Parameters
    ----------
    preset
        The machine, and which of its constants were given.
    works
        Sections of the devices that the system has.
    fidelity
        Which device models.
    """
    return [*_unmeasured_array(preset, works, fidelity), *_shared_totals(preset, works)]


def _unmeasured_array(preset: HardwarePreset, works: frozenset[str], fidelity: Fidelity) -> list[str]:
    npu = preset.hardware.npu
    if npu is None or "npu" not in works or fidelity is Fidelity.FIRST_ORDER:
        return []
    if npu.array_rows == npu.array_columns and npu.array_rows in MEASURED_ARRAYS:
        return []
    measured = " and ".join(f"{size}x{size}" for size in MEASURED_ARRAYS)
    return [
        f"the NPU's array of {npu.array_rows}x{npu.array_columns} is not among those that reference measurements "
        f"cover ({measured}): its preload and skew are those of the same mechanism"
    ]


def _shared_totals(preset: HardwarePreset, works: frozenset[str]) -> list[str]:
    """Totals of the PIM that stay as they are when there are more ranks, or fewer."""
    pim, memory = preset.hardware.pim, preset.hardware.memory
    changed = [key for key in _RANKS if preset.sources.get(key, "").startswith("given")]
    if pim is None or memory is None or "pim" not in works or not changed:
        return []
    totals = ", ".join(
        f"pim.{name} {getattr(pim, name):g} ({getattr(pim, name) / memory.ranks:.4g} {unit} a rank)"
        for name, unit in _TOTALS.items()
    )
    return [
        f"totals of the module are held while {' and '.join(changed)} changed: {totals}; for ranks that compute as "
        "before, change them by as much"
    ]
