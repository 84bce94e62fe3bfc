"""Every pair, every algorithm, every system: the configurations of ``ahasd compare --all``."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.hardware.placement.device_kinds import has_device
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset
from ahasd.speculation.configuration import RunConfiguration
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.system import AnySystem
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS


@dataclass(frozen=True, slots=True)
class Selection:
    """What is compared with what.

    Attributes
    ----------
    hardware
        Machines; systems whose devices none of them has run on their own ``default_hardware``.
    """

    pairs: Sequence[str] = PAIRS
    algorithms: Sequence[str] = CALIBRATED_ALGORITHMS
    systems: Sequence[str] = ()
    hardware: Sequence[str] = (DEFAULT_PRESET,)


def full_grid(base: RunConfiguration, selection: Selection) -> list[RunConfiguration]:
    """Every pair with every system on its machines under every algorithm, in this order of loops.

    A system without a draft runs once for each pair and machine.

    Parameters
    ----------
    base
        Everything else; seeds are the grid's business.

    Raises
    ------
    UnknownNameError
        There is no such system.
    """
    configurations = []
    for pair in selection.pairs:
        for name in selection.systems or SYSTEMS.names:
            system = SYSTEMS.load(name)
            alone = system.schedule == "autoregressive"
            for hardware in _machines(system, selection.hardware):
                for algorithm in (NO_SPECULATION,) if alone else selection.algorithms:
                    update = {"pair": pair, "system": name, "hardware": hardware, "algorithm": algorithm}
                    configurations.append(base.model_copy(update=update))
    return configurations


def _machines(system: AnySystem, hardware: Sequence[str]) -> Sequence[str]:
    """The machines that have a system's devices, or the system's own."""
    having = [
        name
        for name in hardware
        if all(has_device(load_preset(name).hardware, device) for device in system.devices.values())
    ]
    return having or (system.default_hardware,)
