"""Machines that reference measurements name, such as ``128_hbm2`` or ``32_lpddr5x4``."""

import re
from dataclasses import dataclass

from ahasd.errors import UnknownNameError
from ahasd.hardware.npu.systolic.core import NpuConfig
from ahasd.hardware.npu.systolic.memory_port import MemoryPort, MemoryTiming

_KIB = 1024
_MIB = 1024 * _KIB

#: Scratchpad and accumulator bytes of a core, by array size and memory.
_BUFFERS = {
    (128, "hbm2"): (32 * _MIB, 4 * _MIB),
    (128, "lpddr5"): (8 * _MIB, 1 * _MIB),
    # The measurement says 8 MB and 1 MB, but ONNXim itself, run again with those, gives other cycles and requests
    # than were measured; with these, or with 1 MiB and 256 KiB, it gives the measured ones exactly.
    (32, "lpddr5"): (512 * _KIB, 128 * _KIB),
}

#: Sides of the square arrays that were measured.
MEASURED_ARRAYS = tuple(sorted({array for array, _ in _BUFFERS}))

#: Of one channel. HBM2 of 8 Gb at 2.4 Gbit/s: 32 B per 0.833 ns, tRFC 350 ns, tREFI 3.9 µs, tRCD = CL = 9 cycles.
#: LPDDR5-6400 x16 of 8 Gb: 12.8 GB/s, tRFCab 210 ns, tREFI 3.906 µs, tRCD 15, CL 20 and 2 cycles of 1.25 ns.
_CHANNEL = {
    "hbm2": MemoryTiming(38.4e9, 350e-9, 3.9e-6, (9 + 9 + 2) * 0.833e-9, 1),
    "lpddr5": MemoryTiming(12.8e9, 210e-9, 3.906e-6, (15 + 20 + 2) * 1.25e-9, 1),
}
_DEFAULT_CHANNELS = {"hbm2": 16, "lpddr5": 1}


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores and the memory behind them."""

    npu: NpuConfig
    memory: MemoryTiming

    @property
    def port(self) -> MemoryPort:
        """The memory as the cores see it."""
        return self.memory.port(self.npu.clock_hz)


def machine(name: str) -> Machine:
    """Return the FP16 machine called ``<array>_<memory>[x<channels>]``, one core at 1 GHz.

    Raises
    ------
    UnknownNameError
        If the array with that memory is not among the known ones.
    """
    match = re.fullmatch(r"(\d+)_(hbm2|lpddr5)(?:x(\d+))?", name)
    buffers = _BUFFERS.get((int(match[1]), match[2])) if match else None
    if match is None or buffers is None:
        names = [f"{array}_{memory}{'x4' if memory == 'lpddr5' else ''}" for array, memory in _BUFFERS]
        raise UnknownNameError("machine", name, names)
    channels = int(match[3] or _DEFAULT_CHANNELS[match[2]])
    return Machine(NpuConfig(int(match[1]), int(match[1]), *buffers), _CHANNEL[match[2]].channels(channels))
