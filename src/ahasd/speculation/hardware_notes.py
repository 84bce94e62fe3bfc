"""What a reader must know of a machine whose constants were changed, or that no measurement covers."""

from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.systolic import MEASURED_ARRAYS
from ahasd.hardware.preset.owned.constant import ALL_IN_STATIC, NOT_READ, USUAL
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
    return [
        *_unmeasured_array(preset, works, fidelity),
        *_shared_totals(preset, works),
        *_unpublished(preset, works),
        *_energy(preset),
    ]


def _unpublished(preset: HardwarePreset, works: frozenset[str]) -> list[str]:
    """Figures of a device that nobody read, and those that are published of others of its kind only."""
    used = {
        key: source for key, source in preset.sources.items() if key.partition(".")[0] in {*works, "memory"}
    }
    unread = [key for key, source in used.items() if source.startswith(NOT_READ)]
    medians = [key for key, source in used.items() if source.startswith(USUAL) and "the median of" in source]
    found = []
    if any(gpu.backend == "llama.cpp-cpu" for gpu in preset.hardware.gpus.values()) and "gpu" in works:
        found.append(
            "'gpu' stands for the cores of a CPU here: a roofline with launches, and a CPU's kernels"
        )
    if unread:
        found.append(f"recalled or derived, and read on no page: {', '.join(unread)}")
    if medians:
        found.append(f"not published of this device, but usual of its kind: {', '.join(medians)}")
    return found


def _energy(preset: HardwarePreset) -> list[str]:
    hardware = preset.hardware
    if not hardware.energy_is_known:
        gives = (
            "--set gpu.idle_w=W --set gpu.limit_w=W gives it"
            if hardware.energy is None and hardware.memory is None
            else "a hardware file with a section 'energy' gives it"
        )
        return [f"energy is not known: no power of {hardware.name} is published; {gives}"]
    if hardware.energy is not None and preset.sources.get("energy.npu_mac_pj") == ALL_IN_STATIC:
        watts = hardware.energy.npu_static_mw * 1e-3
        return [
            f"energy is time at the power that is published, {watts:g} W; what that figure leaves out, such as the "
            "memory, is not in it, and work that brought no token is not told apart"
        ]
    return []


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
