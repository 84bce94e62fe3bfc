"""Timing sets: the constraints between DRAM commands, in cycles of their clock."""

from dataclasses import dataclass, fields
from typing import Any

from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class DramTiming:
    """Constraints between commands, in cycles of ``tCK_ns``; names as in JEDEC standards and their simulators.

    A value that a standard does not know is 0, which never binds.

    Attributes
    ----------
    tCK_ns
        Length of a cycle, nanoseconds.
    BL
        Burst length in transfers; the data bus is taken for ``burst_cycles``.
    RL, WL
        Read and write latency.
    tCCDS, tCCDL
        Column command to column command, other and same bank group.
    tRCDRD, tRCDWR
        Activate to read, to write.
    tRP, tRPab
        Precharge of a bank, of all banks, to activate.
    tRAS, tRC
        Activate to precharge, to activate, of a bank.
    tRRDS, tRRDL
        Activate to activate of other banks, other and same bank group.
    tRTPS, tRTPL
        Read to precharge.
    tWR
        End of write data to precharge.
    tWTRS, tWTRL
        End of write data to read, other and same bank group.
    tRTRS
        Turn of the data bus: between ranks, and the gap that a write leaves behind a read.
    tFAW
        Window that holds at most four activates.
    tREFI, tRFC
        Mean interval between refreshes, duration of an all-bank refresh.
    tREFIpb, tRFCpb
        The same for per-bank refresh.
    transfers_per_cycle
        Data transfers in a cycle of ``tCK_ns`` (2: double data rate on that clock).
    burst_cycles_long
        Cycles of a burst in its own bank group (BL/n_max of LPDDR5), counted before ``tWTRL``.
    command_cycles
        Cycles that a command takes on the command bus.
    tPPD
        Precharge to precharge.
    tAAD
        Longest distance of the two halves of an activate, each a command; 0 where one command activates.
    tPBR2PBR, tPBR2ACT
        Per-bank refresh to per-bank refresh, to the activate of another bank.
    tWCKPST
        Cycles for which the data clock runs on after a burst; a later access needs a synchronising command
        first. 0 where the clock always runs.
    """

    tCK_ns: float
    BL: int
    RL: int
    WL: int
    tCCDS: int
    tCCDL: int
    tRCDRD: int
    tRCDWR: int
    tRP: int
    tRAS: int
    tRC: int
    tRRDS: int
    tRRDL: int
    tRTPS: int
    tRTPL: int
    tWR: int
    tWTRS: int
    tWTRL: int
    tREFI: int
    tRFC: int
    tRTRS: int = 0
    tFAW: int = 0
    tRPab: int = 0
    tREFIpb: int = 0
    tRFCpb: int = 0
    transfers_per_cycle: int = 2
    burst_cycles_long: int = 0
    command_cycles: int = 1
    tPPD: int = 0
    tAAD: int = 0
    tPBR2PBR: int = 0
    tPBR2ACT: int = 0
    tWCKPST: int = 0

    @property
    def burst_cycles(self) -> int:
        """Cycles for which a burst takes the data bus."""
        return -(-self.BL // self.transfers_per_cycle)


def timing_from_document(name: str, document: dict[str, Any]) -> DramTiming:
    """Build a timing set from a mapping of field names to numbers.

    Raises
    ------
    AhasdError
        A field is missing, unknown, not a number or out of range; the message names set and field.
    """
    known = {field.name: field for field in fields(DramTiming)}
    for key, value in document.items():
        if key not in known:
            raise AhasdError(f"timing set '{name}': unknown field '{key}'; valid: {', '.join(known)}")
        whole = key != "tCK_ns"
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise AhasdError(
                f"timing set '{name}': {key} must be a {'whole ' if whole else ''}number, not {value!r}"
            )
        if value < 0 or (
            key in ("tCK_ns", "BL", "tREFI", "transfers_per_cycle", "command_cycles") and value == 0
        ):
            raise AhasdError(f"timing set '{name}': {key}={value} is out of range")
    missing = [key for key in list(known)[:20] if key not in document]
    if missing:
        raise AhasdError(f"timing set '{name}': missing {', '.join(missing)}")
    return DramTiming(**document)
