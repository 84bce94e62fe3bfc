"""What is compared with what: every combination of the values chosen is a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ahasd.hardware.placement.device_kinds import has_device
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset
from ahasd.speculation.configuration import RunConfiguration
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.system import AnySystem
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.speculation.trees.simulated.suit import suits
from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS


@dataclass(frozen=True, slots=True)
class Selection:
    """Values to combine.

    Attributes
    ----------
    systems
        Names; empty for every built-in one.
    hardware
        Machines. A system whose devices none of them has runs on its ``default_hardware``, unless ``everywhere``.
    everywhere
        Whether every system is tried on every machine; where it cannot run, its cell says why.
    options
        Further fields of the configuration, such as ``trace``, each with its values.
    constants
        Keys of ``--set``, such as ``npu.chips``, each with its values as text.
    """

    pairs: Sequence[str] = PAIRS
    algorithms: Sequence[str] = CALIBRATED_ALGORITHMS
    systems: Sequence[str] = ()
    hardware: Sequence[str] = (DEFAULT_PRESET,)
    everywhere: bool = False
    options: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    constants: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One combination.

    Attributes
    ----------
    configuration
        All of it.
    varied
        Name and value of what has several values beside pair, system, hardware and algorithm.
    """

    configuration: RunConfiguration
    varied: tuple[tuple[str, str], ...] = ()


def combinations(base: RunConfiguration, selection: Selection) -> list[Choice]:
    """Every pair with every system on its machines under every algorithm and all the rest.

    A system without a draft runs without an algorithm, once for all of them; so does one whose trees no drafting
    algorithm chooses. Where every system is meant, that is those that the trace suits, but for chains on heads, for
    which algorithms cannot be calibrated.

    Parameters
    ----------
    base
        Everything that is not selected; seeds are the grid's business.

    Raises
    ------
    UnknownNameError
        There is no such system or machine.
    """
    systems = {name: SYSTEMS.load(name) for name in selection.systems or every_system()}
    choices = []
    for pair, (changes, varied) in product(selection.pairs, _changes(base, selection)):
        for name, system in systems.items():
            if not selection.systems and not suits(system, changes.get("trace", base.trace)):
                continue
            algorithms = _algorithms(system, selection.algorithms)
            machines = selection.hardware if selection.everywhere else _machines(system, selection.hardware)
            for hardware, algorithm in product(machines, algorithms):
                update = {"pair": pair, "system": name, "hardware": hardware, "algorithm": algorithm}
                choices.append(Choice(base.model_copy(update=changes | update), varied))
    return choices


def every_system() -> list[str]:
    """Names of the systems that run with any algorithm."""
    systems = {name: SYSTEMS.load(name) for name in SYSTEMS.names}
    return [name for name, one in systems.items() if not (one.schedule == "tree" and one.asks_policy)]


def _algorithms(system: AnySystem, asked: Sequence[str]) -> Sequence[str]:
    """Those of the asked-for ones that a system is run with."""
    if system.schedule == "autoregressive":
        return (NO_SPECULATION,)
    return asked[:1] if system.schedule == "tree" and not system.asks_policy else asked


def _changes(
    base: RunConfiguration, selection: Selection
) -> list[tuple[dict[str, Any], tuple[tuple[str, str], ...]]]:
    """Combinations of options and constants, each with what a reader must know to tell it from the others."""
    found = []
    for values in product(*selection.options.values(), *selection.constants.values()):
        options = dict(zip(selection.options, values, strict=False))
        constants = dict(zip(selection.constants, values[len(options) :], strict=True))
        given = [f"{key}={value}" for key, value in constants.items()]
        several = [
            (name, str(value))
            for name, value in (options | constants).items()
            if len({**selection.options, **selection.constants}[name]) > 1
        ]
        found.append((options | {"set": (*base.set, *given)}, tuple(several)))
    return found


def _machines(system: AnySystem, hardware: Sequence[str]) -> Sequence[str]:
    """The machines that have a system's devices, or the system's own."""
    having = [
        name
        for name in hardware
        if all(has_device(load_preset(name).hardware, device) for device in system.devices.values())
    ]
    return having or (system.default_hardware,)
