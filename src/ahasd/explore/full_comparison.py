"""Every pair, every algorithm, every system: the configurations of ``ahasd compare --all``."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.hardware.preset import DEFAULT_PRESET
from ahasd.systems.configuration import NO_SPECULATION, RunConfiguration
from ahasd.systems.preset import load_system, system_names
from ahasd.validation.claims.measure import PAIRS

#: AHASD's four algorithms. Thresholds are calibrated on held-out prompts to a mean length of 4 tokens (ours): the
#: published ones stop after one or two tokens on the shipped traces' entropies, and systems are to be compared on
#: equal drafts. BanditSpec has no threshold.
ALGORITHMS = ("specdecpp:calibrated", "svip:calibrated", "adaedl:calibrated", "banditspec-ucb")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is compared with what.

    Attributes
    ----------
    hardware
        Machines for the systems that run on the default one; the others run on their own ``default_hardware``.
    """

    pairs: Sequence[str] = PAIRS
    algorithms: Sequence[str] = ALGORITHMS
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
        for name in selection.systems or system_names():
            system = load_system(name)
            own = system.default_hardware
            alone = system.schedule == "autoregressive"
            for hardware in selection.hardware if own == DEFAULT_PRESET else (own,):
                for algorithm in (NO_SPECULATION,) if alone else selection.algorithms:
                    update = {"pair": pair, "system": name, "hardware": hardware, "algorithm": algorithm}
                    configurations.append(base.model_copy(update=update))
    return configurations
