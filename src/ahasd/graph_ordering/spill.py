"""What does not fit a scratchpad, and what it costs to keep that in memory.

The rule: at every step, what lives beyond the capacity passes over the memory's bus once. It is ours, and a floor: a
compiler that must write a tensor and read it back moves it twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.hardware.energy import bits_j
from ahasd.hardware.preset.hardware import Hardware


@dataclass(frozen=True, slots=True)
class Spill:
    """What an order spills.

    Attributes
    ----------
    bytes
        Over all steps.
    steps
        How many spill.
    seconds
        Time of the bus, all channels of the module streaming.
    joules
        Of the bus, and of ranks that are open.
    """

    bytes: int
    steps: int
    seconds: float
    joules: float


def spill(during: Sequence[int], capacity: int, hardware: Hardware) -> Spill:
    """Cost what lives beyond a capacity.

    Parameters
    ----------
    during
        Bytes that live at every step.
    capacity
        Bytes of the scratchpad.
    hardware
        Its module: rate of the bus, energy of a bit, power of an open rank of each channel.

    Raises
    ------
    AhasdError
        The machine has no module of memory.
    """
    memory, energy = hardware.require_memory(), hardware.require_energy()
    over = [live - capacity for live in during if live > capacity]
    moved = sum(over)
    seconds = moved / (memory.channels * memory.channel_bytes_per_second)
    joules = (
        bits_j(moved, energy.offchip_pj_per_bit) + seconds * memory.channels * energy.rank_active_mw * 1e-3
    )
    return Spill(moved, len(over), seconds, joules)
