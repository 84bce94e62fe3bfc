"""The components that energy is counted in: the device that draws each, when, and by which constants.

This is the one list. What device models charge, what a machine draws at rest, how results are grouped by device, over
which ranges energy is shown, and what published powers are held against all derive from it. A device of another kind
adds its components here; its constants go into a section of the presets.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ahasd.hardware.dram.refresh import rank_idle_w
from ahasd.hardware.preset.hardware import Hardware


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a machine's energy.

    At a fixed schedule its joules are a sum over ``constants``, ``less`` and ``besides``: each constant times a
    count, which is negative for ``less``. So doubling them all doubles it, and no other energy constant moves it.

    Attributes
    ----------
    name
        As results have it.
    device
        Which draws it, as energy reports group it.
    section
        Of a preset: machines that have it count this component.
    constants
        Keys of the preset's constants to whose sum the joules are proportional: they have one count, but that each of
        two GPUs has its own. Those of a section that a machine lacks are nothing.
    less
        Keys of constants that are taken off that sum, such as a board's power at rest off its power at work.
    besides
        Keys of constants with counts of their own, which make up less than a per cent of the joules.
    watts
        What a machine draws of it all the time, at work or not; None for what only work draws.
    """

    name: str
    device: str
    section: str
    constants: tuple[str, ...]
    less: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    watts: Callable[[Hardware], float] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All constants that move it."""
        return self.constants + self.less + self.besides


def _npu_static_w(hardware: Hardware) -> float:
    return hardware.require_energy().npu_static_mw * 1e-3


def _dram_idle_w(hardware: Hardware) -> float:
    return rank_idle_w(hardware) * hardware.require_memory().ranks


def _gpu_idle_w(hardware: Hardware) -> float:
    return sum((gpu.idle_w or 0.0) for gpu in hardware.gpus.values())


_GPU_IDLE, _GPU_LIMIT = ("gpu.idle_w", "gpu2.idle_w"), ("gpu.limit_w", "gpu2.limit_w")

#: What work draws, then what is drawn all the time. ``memory`` is the module without its compute units: what moves
#: over its bus, what open ranks draw, and what all ranks draw at rest. Machines with a module count all that can work
#: on it, at nothing where they lack it. Two GPUs count together.
COMPONENTS = (
    Component("npu_compute", "npu", "memory", ("energy.npu_mac_pj",)),
    Component("npu_vector", "npu", "memory", ("energy.vector_operation_pj",)),
    Component("scratchpad", "npu", "memory", ("energy.scratchpad_pj_per_byte",)),
    # Rows are opened to append keys and values to a cache.
    Component(
        "dram_offchip",
        "memory",
        "memory",
        ("energy.offchip_pj_per_bit",),
        besides=("energy.row_activation_pj",),
    ),
    Component("dram_active", "memory", "memory", ("energy.rank_active_mw",)),
    Component("pim_array", "pim", "memory", ("energy.pim_array_pj_per_bit",)),
    Component("pim_compute", "pim", "memory", ("energy.pim_mac_pj",)),
    Component("aau", "pim", "memory", ("energy.vector_operation_pj",)),
    Component("gpu", "gpu", "gpu", _GPU_LIMIT, less=_GPU_IDLE),
    Component("npu_static", "npu", "npu", ("energy.npu_static_mw",), watts=_npu_static_w),
    Component(
        "dram_idle",
        "memory",
        "memory",
        ("energy.rank_power_down_mw", "energy.rank_refresh_mw"),
        watts=_dram_idle_w,
    ),
    Component("gpu_idle", "gpu", "gpu", _GPU_IDLE, watts=_gpu_idle_w),
)

#: Names of the components that work draws, in the order of :attr:`~ahasd.hardware.cost.StepCost.energy_j`.
DYNAMIC_COMPONENTS = tuple(component.name for component in COMPONENTS if component.watts is None)

#: Devices that draw energy, and their components.
COMPONENTS_BY_DEVICE: dict[str, tuple[Component, ...]] = {
    device: tuple(component for component in COMPONENTS if component.device == device)
    for device in dict.fromkeys(component.device for component in COMPONENTS)
}

#: Keys of all constants that energy hangs on.
ENERGY_KEYS = frozenset(key for component in COMPONENTS for key in component.keys)


def components_of(hardware: Hardware) -> list[Component]:
    """The components that a machine's energy is counted in, used or not; none where its energy is not known."""
    if not hardware.energy_is_known:
        return []
    return [part for part in COMPONENTS if getattr(hardware, part.section) is not None]


def drawn_by(devices: Iterable[str]) -> frozenset[str]:
    """Names of the components that some devices draw."""
    return frozenset(part.name for device in devices for part in COMPONENTS_BY_DEVICE[device])


def proportional_to(key: str) -> frozenset[str]:
    """Names of the components whose joules are proportional to a constant alone, such as ``"energy.npu_mac_pj"``."""
    return frozenset(part.name for part in COMPONENTS if part.constants == (key,) and not part.less)
