"""What a channel consists of, and how its controller queues and refreshes."""

from dataclasses import dataclass
from enum import StrEnum

from ahasd.errors import AhasdError


class Refresh(StrEnum):
    """How rows are refreshed."""

    NONE = "none"
    ALL_BANK = "all-bank"
    PER_BANK = "per-bank"


class Scheduling(StrEnum):
    """The controller that orders the commands; see the class of the same name."""

    WRITE_DRAIN = "write-drain"
    UNIFIED = "unified"


@dataclass(frozen=True, slots=True)
class ChannelOrganisation:
    """A channel and its controller.

    Attributes
    ----------
    bank_groups, banks_per_group
        Banks of a rank. Consecutive bursts of a stream go to consecutive banks.
    row_bytes
        Bytes of a row (page) in one bank.
    burst_bytes
        Bytes of a read or write command.
    refresh
        How rows are refreshed.
    scheduling
        Queueing and selection: ``write-drain`` keeps reads and writes apart and drains writes between two
        watermarks, as Ramulator 2 does; ``unified`` keeps one queue, as PIMSimulator does.
    groups_fastest
        Consecutive bursts go to other bank groups (true) or first through the banks of a group (false).
    ranks
        Ranks whose refreshes are spread over the interval; the stream lies in the first one.
    read_queue, write_queue
        Requests that the controller sees; ``unified`` has the read queue only.
    write_low, write_high
        Shares of the write queue at which draining ends and begins.
    requests_per_cycle
        Requests that can enter the queues in a cycle.
    precharge_after_burst
        A read holds its row for the burst and what tRTPL exceeds tCCDL by (DRAMSim2), not for tRTPL.
    report_cycles
        From the end of the last data to the end of the measurement.
    """

    bank_groups: int = 4
    banks_per_group: int = 4
    row_bytes: int = 2048
    burst_bytes: int = 32
    refresh: Refresh = Refresh.ALL_BANK
    scheduling: Scheduling = Scheduling.WRITE_DRAIN
    groups_fastest: bool = True
    ranks: int = 1
    read_queue: int = 32
    write_queue: int = 32
    write_low: float = 0.2
    write_high: float = 0.8
    requests_per_cycle: int = 1
    precharge_after_burst: bool = False
    report_cycles: int = 0

    def __post_init__(self) -> None:
        for name in (
            "bank_groups",
            "banks_per_group",
            "row_bytes",
            "burst_bytes",
            "ranks",
            "read_queue",
            "write_queue",
            "requests_per_cycle",
        ):
            if getattr(self, name) < 1:
                raise AhasdError(
                    f"channel organisation: {name} must be at least 1, not {getattr(self, name)}"
                )
        if self.row_bytes % self.burst_bytes:
            raise AhasdError(
                f"channel organisation: row_bytes={self.row_bytes} is no multiple of burst_bytes={self.burst_bytes}"
            )
        if not 0 < self.write_low < self.write_high < 1:  # fewer writes than none would never end a drain
            raise AhasdError(
                f"channel organisation: 0 < write_low < write_high < 1 must hold, not "
                f"{self.write_low} and {self.write_high}"
            )
        if self.scheduling is Scheduling.UNIFIED and self.refresh is Refresh.PER_BANK:
            raise AhasdError(
                "channel organisation: the unified controller has no per-bank refresh; use all-bank or none, "
                "or write-drain scheduling"
            )

    @property
    def banks(self) -> int:
        """Banks of a rank."""
        return self.bank_groups * self.banks_per_group

    @property
    def bursts_per_row(self) -> int:
        """Bursts that a whole row holds."""
        return self.row_bytes // self.burst_bytes

    def group_of(self, bank: int) -> int:
        """Bank group of the bank at a position in the order of the stream."""
        return bank % self.bank_groups if self.groups_fastest else bank // self.banks_per_group

    def refresh_order(self) -> tuple[int, ...]:
        """Banks in the order of per-bank refreshes: group after group."""
        return tuple(sorted(range(self.banks), key=self.group_of))
