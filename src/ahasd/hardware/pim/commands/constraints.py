"""Delays from one command to the next, derived from a timing set."""

from dataclasses import dataclass

from ahasd.hardware.dram.timing import DramTiming


@dataclass(frozen=True, slots=True)
class Constraints:
    """Least cycles between commands of a channel, as the controller of HBM2-PIM's simulator keeps them.

    `same` and `other` are of bank groups. Read to precharge counts from the last data, as far as tRTPL exceeds
    tCCDL; write to read is the long one for every bank, since a broadcast has no distant bank group.
    """

    column_same: int
    column_other: int
    read_to_write: int
    write_to_read: int
    read_to_precharge: int
    write_to_precharge: int
    activate_to_read: int
    activate_to_write: int
    activate_to_precharge: int
    activate_to_activate: int
    activate_other_same: int
    activate_other_other: int
    precharge_to_activate: int
    refresh: int
    read_latency: int
    four_activate_window: int

    @classmethod
    def of(cls, timing: DramTiming, activation_window: bool) -> "Constraints":
        """Derive the delays of a timing set."""
        burst = timing.burst_cycles
        return cls(
            column_same=max(timing.tCCDL, burst),
            column_other=max(timing.tCCDS, burst),
            read_to_write=max(timing.RL + burst + timing.tRTRS - timing.WL, 0),
            write_to_read=timing.WL + burst + timing.tWTRL,
            read_to_precharge=burst + max(timing.tRTPL - timing.tCCDL, 0),
            write_to_precharge=timing.WL + burst + timing.tWR,
            activate_to_read=timing.tRCDRD,
            activate_to_write=timing.tRCDWR,
            activate_to_precharge=timing.tRAS,
            activate_to_activate=timing.tRC,
            activate_other_same=timing.tRRDL,
            activate_other_other=timing.tRRDS,
            precharge_to_activate=timing.tRP,
            refresh=timing.tRFC,
            read_latency=timing.RL + burst,
            four_activate_window=timing.tFAW if activation_window else 0,
        )
