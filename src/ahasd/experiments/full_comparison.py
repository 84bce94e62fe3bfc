"""Every pair, every algorithm, every system: the configurations of ``ahasd compare --all``."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.speculation.configuration import RunConfiguration
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS


@dataclass(frozen=True, slots=True)
class Selection:
    """What is compared with what.

    Attributes
    ----------
    hardware
        Machines for the systems that run on the default one; the others run on their own ``default_hardware``.
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
            own = system.default_hardware
            alone = system.schedule == "autoregressive"
            for hardware in selection.hardware if own == DEFAULT_PRESET else (own,):
                for algorithm in (NO_SPECULATION,) if alone else selection.algorithms:
                    update = {"pair": pair, "system": name, "hardware": hardware, "algorithm": algorithm}
                    configurations.append(base.model_copy(update=update))
    return configurations
