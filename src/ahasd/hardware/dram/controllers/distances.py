"""The constraint table of a channel: how many cycles lie at least between one command and another."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming


class Command(StrEnum):
    """What a controller can issue; a split activate counts from its first half."""

    ACTIVATE = "activate"
    READ = "read"
    WRITE = "write"
    PRECHARGE = "precharge"
    REFRESH_ALL = "all-bank refresh"
    REFRESH_BANK = "per-bank refresh"


class Scope(StrEnum):
    """Which later commands a row bounds: those to the same bank, the same bank group, or the whole channel."""

    BANK = "bank"
    GROUP = "bank group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class CommandDistance:
    """A row of the constraint table.

    Attributes
    ----------
    first, then, scope
        The row holds from ``first`` to a later ``then`` in the same ``scope``.
    cycles
        Least distance, cycles of the command clock.
    rule
        The formula, in the names of `DramTiming`; ``burst`` is its ``burst_cycles``.
    source
        Who states the rule. Its numbers are those of the timing set.
    """

    first: Command
    then: Command
    scope: Scope
    cycles: int
    rule: str
    source: str


#: The constraint list of LPDDR5 that was read for most rules. The memories of other standards obey the same rules at
#: distances of their own; where the numbers come from, each timing set says (`TimingSet.source_of`).
LIST = "LPDDR5: timing constraints of Ramulator 2.1, lpddr5.py (JESD209-5B as it transcribes it)"
#: Rules that the public list of Ramulator lacks; the standard itself was not at hand.
SETS = "the timing sets, whose fields these are; not in the public list of Ramulator"
#: The rule of the simulator under Samsung's PIMSimulator, whose reads hold their row for less than tRTPL.
DRAMSIM2 = "DRAMSim2, BankState update after a read"


def command_distances(timing: DramTiming, organisation: ChannelOrganisation) -> tuple[CommandDistance, ...]:
    """Return the constraint table of a memory, one row per pair of commands and scope.

    The window of four activates (tFAW) bounds a fifth command and so is no row; nor are the two halves of an
    activate (tAAD) and the data clock (tWCKPST), which are of the controller.
    """
    return (
        *_activate_rows(timing),
        *_column_rows(timing),
        *_precharge_rows(timing, organisation),
        *_refresh_rows(timing),
    )


def _activate_rows(timing: DramTiming) -> Iterator[CommandDistance]:
    bank, group, channel = Scope.BANK, Scope.GROUP, Scope.CHANNEL
    first = Command.ACTIVATE
    yield CommandDistance(first, Command.ACTIVATE, bank, timing.tRC, "tRC", f"{LIST}, bank")
    yield CommandDistance(first, Command.ACTIVATE, group, timing.tRRDL, "tRRDL", f"{LIST}, bank group")
    yield CommandDistance(first, Command.ACTIVATE, channel, timing.tRRDS, "tRRDS", f"{LIST}, rank")
    yield CommandDistance(first, Command.READ, bank, timing.tRCDRD, "tRCDRD", f"{LIST}, bank")
    yield CommandDistance(first, Command.WRITE, bank, timing.tRCDWR, "tRCDWR", f"{LIST}, bank")
    yield CommandDistance(first, Command.PRECHARGE, bank, timing.tRAS, "tRAS", f"{LIST}, bank")


def _column_rows(timing: DramTiming) -> Iterator[CommandDistance]:
    group, channel = Scope.GROUP, Scope.CHANNEL
    burst = timing.burst_cycles
    long_burst = max(burst, timing.burst_cycles_long)
    near, far = max(timing.tCCDL, burst), max(timing.tCCDS, burst)
    for column in (Command.READ, Command.WRITE):
        yield CommandDistance(column, column, group, near, "max(tCCDL, burst)", f"{LIST}, bank group")
        yield CommandDistance(column, column, channel, far, "max(tCCDS, burst)", f"{LIST}, rank and data bus")
    yield CommandDistance(
        Command.READ,
        Command.WRITE,
        channel,
        max(0, timing.RL + burst + timing.tRTRS - timing.WL),
        "RL + burst + tRTRS - WL",
        f"{LIST}, rank, turn of the bus",
    )
    yield CommandDistance(
        Command.WRITE,
        Command.READ,
        channel,
        timing.WL + burst + timing.tWTRS,
        "WL + burst + tWTRS",
        f"{LIST}, rank, turn of the bus",
    )
    yield CommandDistance(
        Command.WRITE,
        Command.READ,
        group,
        timing.WL + long_burst + timing.tWTRL,
        "WL + max(burst, burst_cycles_long) + tWTRL",
        f"{LIST}, bank group; the longer burst is that of the measured configuration (BL 2/4)",
    )


def _precharge_rows(timing: DramTiming, organisation: ChannelOrganisation) -> Iterator[CommandDistance]:
    bank, channel = Scope.BANK, Scope.CHANNEL
    burst = timing.burst_cycles
    close = Command.PRECHARGE
    if organisation.precharge_after_burst:
        held = burst + max(0, timing.tRTPL - timing.tCCDL)
        yield CommandDistance(Command.READ, close, bank, held, "burst + max(0, tRTPL - tCCDL)", DRAMSIM2)
    else:
        yield CommandDistance(Command.READ, close, bank, timing.tRTPL, "tRTPL", f"{LIST}, bank")
    written = timing.WL + burst + timing.tWR
    yield CommandDistance(Command.WRITE, close, bank, written, "WL + burst + tWR", f"{LIST}, bank")
    yield CommandDistance(close, Command.ACTIVATE, bank, timing.tRP, "tRP", f"{LIST}, bank")
    yield CommandDistance(close, close, channel, timing.tPPD, "tPPD", f"{LIST}, rank")


def _refresh_rows(timing: DramTiming) -> Iterator[CommandDistance]:
    bank, channel = Scope.BANK, Scope.CHANNEL
    one, every = Command.REFRESH_BANK, Command.REFRESH_ALL
    busy = timing.tRFCpb or timing.tRFC
    yield CommandDistance(every, Command.ACTIVATE, bank, timing.tRFC, "tRFC", f"{LIST}, rank")
    yield CommandDistance(one, Command.ACTIVATE, bank, busy, "tRFCpb, or tRFC without it", f"{LIST}, bank")
    yield CommandDistance(one, one, channel, timing.tPBR2PBR, "tPBR2PBR", SETS)
    yield CommandDistance(one, Command.ACTIVATE, channel, timing.tPBR2ACT, "tPBR2ACT", SETS)
