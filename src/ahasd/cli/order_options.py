"""What the options of ``ahasd order`` mean."""

import re
from math import isfinite

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.graph_ordering.arena.plan import Fit
from ahasd.graph_ordering.order import Method
from ahasd.graph_ordering.outcome import Scratchpad
from ahasd.graph_ordering.problem import Aliases
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset

_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?", re.IGNORECASE)


def parse_method(name: str) -> Method:
    """A method by its name."""
    if name not in [method.value for method in Method]:
        raise UnknownNameError("method", name, [method.value for method in Method])
    return Method(name)


def parse_aliases(name: str) -> Aliases:
    """Where values lie, by name."""
    if name not in [aliases.value for aliases in Aliases]:
        raise UnknownNameError("--aliases", name, [aliases.value for aliases in Aliases])
    return Aliases(name)


def parse_fit(name: str) -> Fit:
    """How offsets are chosen, by name."""
    if name not in [fit.value for fit in Fit]:
        raise UnknownNameError("--arena", name, [fit.value for fit in Fit])
    return Fit(name)


def parse_seconds(seconds: float) -> float:
    """A time that is none or more."""
    if not isfinite(seconds) or seconds <= 0:
        raise AhasdError(f"--seconds is {seconds:g}; it must be above 0")
    return seconds


def parse_size(said: str) -> int:
    """Bytes of ``2MB``, ``512 KiB`` or ``4096``; K, M and G are powers of 1024.

    Raises
    ------
    AhasdError
        It is none.
    """
    found = _SIZE.fullmatch(said.strip())
    if found is None or not float(found[1]):
        raise AhasdError(f"--sram {said}: expected a size above 0, such as 2MB, 512KB or 4096")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def scratchpad(size: str | None, preset: str | None) -> Scratchpad | None:
    """The scratchpad that is meant, if any: of a size, of a machine, or both.

    Raises
    ------
    AhasdError
        The size is none, or the machine has no NPU or no module of memory.
    """
    if size is None and preset is None:
        return None
    name = preset or DEFAULT_PRESET
    capacity = None if size is None else parse_size(size)
    hardware = load_preset(name).hardware
    hardware.require_memory()
    if capacity is None:
        npu = hardware.require_npu()
        capacity = int(npu.scratchpad_mb * 1e6 * npu.chips)
    return Scratchpad(capacity, name, hardware)
