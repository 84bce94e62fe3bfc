"""The memory of a machine at its refresh rate: timing, and what its ranks draw at rest."""

from dataclasses import replace

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.timings import TimingSet, load_timing_set
from ahasd.hardware.preset.preset import Hardware

#: Cycles between the refreshes of a memory that needs none: beyond any run.
_NEVER = 1 << 50


def effective_memory(hardware: Hardware) -> TimingSet:
    """Load the preset's memory, with the intervals between refreshes divided by ``memory.refresh_rate``.

    LPDDR5 asks its controller for shorter intervals when it is hot (JESD209-5, refresh multiplier in MR4). At 0 it
    is never refreshed, which no DRAM allows: an ideal to compare with.

    Raises
    ------
    UnknownNameError
        The preset names a timing set that there is not.
    """
    section = hardware.require_memory()
    memory, rate = load_timing_set(section.timing), section.refresh_rate
    if rate == 1:
        return memory
    timing = memory.timing
    if rate == 0:
        return replace(
            memory,
            timing=replace(timing, tREFI=_NEVER, tREFIpb=_NEVER),
            organisation=replace(memory.organisation, refresh=Refresh.NONE),
        )
    return replace(
        memory,
        timing=replace(timing, tREFI=round(timing.tREFI / rate), tREFIpb=round(timing.tREFIpb / rate)),
    )


def rank_idle_w(hardware: Hardware) -> float:
    """Power of one rank at rest, watts: power-down, and refresh at the machine's rate."""
    energy, rate = hardware.require_energy(), hardware.require_memory().refresh_rate
    return (energy.rank_power_down_mw + rate * energy.rank_refresh_mw) * 1e-3
