"""Replays what passed on a shared channel and looks for broken rules."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from ahasd.hardware.channel.co_simulation import Command, Kind, PimWork
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming

COLUMNS = (Kind.READ, Kind.WRITE)
NEVER = -(10**9)

Checker = Callable[[DramTiming, ChannelOrganisation, PimWork | None, list[Command]], list[str]]


def broken_rules(
    timing: DramTiming, organisation: ChannelOrganisation, work: PimWork | None, record: list[Command]
) -> list[str]:
    """Every rule of the buses and of the banks that a record breaks."""
    record = sorted(record, key=lambda command: command.cycle)
    found = _command_bus(timing, record) + _data_bus(timing, record)
    for owner in sorted({command.owner for command in record}):
        own = [command for command in record if command.owner == owner]
        if owner == 0:
            found += _banks(timing, organisation.group_of, own, halves_within=timing.tAAD, faw=timing.tFAW)
            found += _data_clock(timing, own)
        elif work is not None:
            found += _banks(timing, work.agent_geometry.bank_group, own, halves_within=0, faw=0)
    return found


def _command_bus(timing: DramTiming, record: list[Command]) -> list[str]:
    slot = timing.command_cycles
    found = [f"not in a slot: {command}" for command in record if command.cycle % slot]
    for first, second in pairwise(record):
        if second.cycle < first.cycle + first.slots * slot:
            found.append(f"command bus taken: {first} {second}")
    return found


def _data_bus(timing: DramTiming, record: list[Command]) -> list[str]:
    bursts = sorted((*command.data, command.owner) for command in record if command.data)
    found = []
    for (_, end, first), (begin, _, second) in pairwise(bursts):
        if begin < end + (timing.tRTRS if first != second else 0):
            found.append(f"data bus: {first} until {end}, {second} from {begin}")
    for command in record:
        if command.data:
            latency = timing.WL if command.kind is Kind.WRITE else timing.RL
            expected = (command.cycle + latency, command.cycle + latency + timing.burst_cycles)
            if command.data != expected:
                found.append(f"data at the wrong time: {command}")
    return found


def _data_clock(timing: DramTiming, own: list[Command]) -> list[str]:
    if not timing.tWCKPST:
        return []
    found, runs_until, started = [], NEVER, False
    for command in own:
        started = started or command.kind is Kind.START_CLOCK
        if command.data:
            if command.cycle >= runs_until and not started:
                found.append(f"data clock not running: {command}")
            runs_until, started = max(runs_until, command.data[1] + timing.tWCKPST), False
    return found


def _banks(
    timing: DramTiming,
    group_of: Callable[[int], int],
    own: list[Command],
    halves_within: int,
    faw: int,
) -> list[str]:
    """Distances between commands, pair by pair from the last of each kind, as JESD209-5B tabulates them."""
    found: list[str] = []
    burst = timing.burst_cycles
    last: dict[tuple[Kind, int], Command] = {}
    open_rows: dict[int, int] = {}
    activates: list[int] = []
    opening: Command | None = None

    def after(command: Command, kind: Kind, bank: int, distance: int, rule: str) -> None:
        earlier = last.get((kind, bank))
        if earlier is not None and command.cycle < earlier.cycle + distance:
            found.append(f"{rule}: {earlier} {command}")

    for command in own:
        bank = command.bank
        if command.kind is Kind.ACTIVATE:
            after(command, Kind.PRECHARGE, bank, timing.tRP, "tRP")
            after(command, Kind.ACTIVATE, bank, timing.tRC, "tRC")
            after(command, Kind.REFRESH, -1, timing.tRFC, "tRFC")
            for kind, other in list(last):
                if kind is Kind.ACTIVATE and other != bank:
                    same = group_of(other) == group_of(bank)
                    after(command, kind, other, timing.tRRDL if same else timing.tRRDS, "tRRD")
            activates.append(command.cycle)
            if faw and len(activates) > 4 and command.cycle < activates[-5] + faw:
                found.append(f"tFAW: {command}")
            if bank in open_rows:
                found.append(f"open already: {command}")
            open_rows[bank] = command.row
            opening = command if halves_within else None
        elif command.kind is Kind.SECOND_HALF:
            if opening is None or command.cycle > opening.cycle + halves_within:
                found.append(f"tAAD: {opening} {command}")
            opening = None
        elif command.kind in COLUMNS:
            write = command.kind is Kind.WRITE
            if open_rows.get(bank) != command.row:
                found.append(f"row not open: {command}")
            after(command, Kind.ACTIVATE, bank, timing.tRCDWR if write else timing.tRCDRD, "tRCD")
            for kind, other in list(last):
                if kind not in COLUMNS:
                    continue
                same = group_of(other) == group_of(bank)
                interval = last[kind, other].interval if kind is Kind.READ else 0
                if kind is command.kind:
                    distance = max(timing.tCCDL if same else timing.tCCDS, burst, interval)
                elif write:
                    distance = max(timing.RL + burst + timing.tRTRS - timing.WL, interval)
                else:
                    distance = timing.WL + burst + (timing.tWTRL if same else timing.tWTRS)
                after(command, kind, other, distance, "column to column")
        elif command.kind is Kind.PRECHARGE:
            for closed in [bank] if bank >= 0 else list(open_rows):
                after(command, Kind.ACTIVATE, closed, timing.tRAS, "tRAS")
                read_to_precharge = burst + max(timing.tRTPL - timing.tCCDL, 0)
                after(command, Kind.READ, closed, min(timing.tRTPL, read_to_precharge), "tRTP")
                after(command, Kind.WRITE, closed, timing.WL + burst + timing.tWR, "tWR")
                open_rows.pop(closed, None)
                last[Kind.PRECHARGE, closed] = command
        elif command.kind is Kind.REFRESH and open_rows:
            found.append(f"refresh of open rows: {command}")
        last[command.kind, bank] = command
    return found


@pytest.fixture(scope="session")
def checker() -> Checker:
    return broken_rules
