"""A stream of PIM commands as one of several sources on a channel."""

from collections.abc import Callable
from itertools import islice

from ahasd.hardware.channel.co_simulation.arbitration import Arbitration
from ahasd.hardware.channel.co_simulation.command import Command, Kind
from ahasd.hardware.channel.co_simulation.data_bus import DataBus
from ahasd.hardware.channel.co_simulation.work import PimWork
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.command_counts import INSIDE
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.outcome import NEVER
from ahasd.hardware.pim.commands.player import Pending, Player
from ahasd.hardware.pim.commands.stream import Group


class PimAgent(Player):
    """Schedules as the player does, but one command at a time, in command slots, and with the buses shared.

    The run of bursts that comes next holds the data bus as soon as its row is open, from the cycle in which its
    first command is possible: the bus is then free for it, however long the data of others are under way.

    Parameters
    ----------
    number
        As owner of data, 1 and up.
    work
        The products; this is one of its streams of commands.
    timing
        In cycles of the command clock.
    first_refresh
        Cycle of the first refresh; None for no refresh.
    bus
        Where the data go.
    arbitration
        The policy.
    record
        Takes the commands down; None does not.
    """

    def __init__(
        self,
        number: int,
        work: PimWork,
        timing: DramTiming,
        first_refresh: int | None,
        bus: DataBus,
        arbitration: Arbitration,
        record: list[Command] | None,
    ) -> None:
        geometry = work.agent_geometry
        constraints = Constraints.of(timing, work.options.activation_window)
        super().__init__(geometry, constraints, timing.tREFI)
        self._channel.restore(self.first_state)
        self._due = [] if first_refresh is None else [first_refresh]
        self._number, self._timing, self._bus, self._record = number, timing, bus, record
        self._arbitration = arbitration
        self._arrival = constraints.read_latency + 2
        self._steps = (constraints.column_same, constraints.column_other)
        self._slot = timing.command_cycles
        self._activate_slots = 2 if timing.tAAD else 1
        self._groups: list[Group] = []
        self._begins: set[int] = set()  # of products, as indices of groups
        for product in work.products:
            self._begins.add(len(self._groups))
            self._groups += work.groups(product)
        self._agents = work.agents
        self.waits = False
        self._index = -1
        self._pending: list[Pending] = []
        self._following: list[Pending] = []
        self._next: Callable[[int], None] = self._first_group
        self.time = 0
        self.slots = 1
        self._next_group()
        self.look(0)

    @property
    def done(self) -> bool:
        """No command is left."""
        return not self._pending

    @property
    def cycles(self) -> int:
        """End of the last column command's data, counted as the command model counts it."""
        return self._last_column + self._arrival

    @property
    def last_command(self) -> int:
        """Last cycle of the command that was issued last."""
        return self._now

    def look(self, from_cycle: int) -> None:
        """Decide on the next command, find its cycle and the slots that it takes, and hold the bus for its run."""
        if self.waits or not self._pending:
            self.time = NEVER
            self._bus.release(self._number)
            return
        channel = self._channel
        while True:
            soonest = self._in_slot(max(self._now + 1, from_cycle))
            due = min(self._due, default=NEVER)
            if due <= soonest:
                self._fall_due(due)
                continue
            column_time, column = self._first_column(self._pending, soonest)
            activate_time, opening = self._first_activate(self._pending, self._following, soonest)
            precharge_time, closing = self._first_precharge(self._pending, soonest)
            refresh_time = self._refresh_time(soonest) if channel.waiting_ranks >= 0 else NEVER
            column_time, activate_time = self._in_slot(column_time), self._in_slot(activate_time)
            precharge_time, refresh_time = self._in_slot(precharge_time), self._in_slot(refresh_time)
            time = min(column_time, activate_time, precharge_time, refresh_time)
            if due <= time:
                self._now = max(self._now, due - 1)
                continue
            break
        self.time, self.slots = time, 1
        if refresh_time == time:
            self._next = self._refresh
        elif column is not None and column_time == time:
            self._next = lambda now: self._column(column, now)
        elif opening is not None and activate_time == time:
            self.slots = self._activate_slots
            self._next = lambda now: self._activate(opening, now)
        else:
            self._next = lambda now: self._precharge(closing, now)
        self._hold(column, column_time)

    def go_on(self, from_cycle: int) -> None:
        """All ranks have done the product; begin the next one."""
        self.waits = False
        self._now = max(self._now, from_cycle - 1)
        self.look(from_cycle)

    def issue(self) -> None:
        """Issue the command that was decided on."""
        time, slots = self.time, self.slots
        self._next(time)
        self._now = time + slots * self._slot - 1
        if not self._pending:
            self._next_group()
        self.look(0)

    def _in_slot(self, cycle: int) -> int:
        return -(-cycle // self._slot) * self._slot if cycle < NEVER else cycle

    def _first_group(self, now: int) -> None:
        raise AssertionError("decided before anything was looked at")

    def _next_group(self) -> None:
        self._index += 1
        self.waits = self._agents > 1 and self._index > 0 and self._index in self._begins
        following = self._index + 1
        if self._index < len(self._groups):
            self._pending = [Pending(run, 0) for run in self._groups[self._index]]
        after = self._groups[following] if following < len(self._groups) else ()
        self._following = [Pending(run, 0) for run in after]

    def _first_column(self, pending: list[Pending], soonest: int) -> tuple[int, Pending | None]:
        time, run = super()._first_column(pending, soonest)
        if run is None:
            return time, None
        if run.phase in INSIDE:
            step = self._channel.column_step(run.write, run.interval)
            time = self._arbitration.column_slot(time, step, self._agents, self._timing)
        else:
            latency = self._latency(run)
            time = self._bus.first_begin(self._number, time + latency, self._timing.burst_cycles) - latency
        return time, run

    def _latency(self, run: Pending) -> int:
        return self._timing.WL if run.write else self._timing.RL

    def _hold(self, first: Pending | None, time: int) -> None:
        """Hold the bus for the run that begins with `first` in cycle `time`, if that is a run on the bus."""
        if first is None or first.phase in INSIDE:
            self._bus.release(self._number)
            return
        open_rows = self._channel.open_rows
        ready = [run.count for run in self._pending if open_rows[run.bank] == run.row]
        count = sum(ready)
        if len(ready) == len(self._pending):
            count += self._continued(first.write)
        begin = time + self._latency(first)
        step = self._steps[len(ready) > 1]
        self._bus.hold(self._number, begin, begin + (count - 1) * step + self._timing.burst_cycles)

    def _continued(self, write: bool) -> int:
        """Bursts of the groups that go on where this one ends: in the same direction, in rows that are open."""
        count = 0
        for group in islice(self._groups, self._index + 1, None):
            for run in group:
                if run.phase in INSIDE or run.write != write or self._channel.open_rows[run.bank] != run.row:
                    return count
                count += run.count
        return count

    def _column(self, run: Pending, now: int) -> None:
        data = None
        if run.phase not in INSIDE:
            begin = now + self._latency(run)
            data = (begin, begin + self._timing.burst_cycles)
            self._bus.take(self._number, *data, now)
        kind = Kind.WRITE if run.write else Kind.READ
        self._note(now, kind, 1, run.bank, run.row, run.interval, data)
        self._issue(self._pending, run, now, now)

    def _activate(self, run: Pending, now: int) -> None:
        self._note(now, Kind.ACTIVATE, self._activate_slots, run.bank, run.row)
        self._channel.activate(run.bank, run.row, now)

    def _precharge(self, bank: int, now: int) -> None:
        self._note(now, Kind.PRECHARGE, 1, bank)
        self._channel.precharge(bank, now)
        self._channel.precharge_pointer = bank

    def _refresh(self, now: int) -> None:
        closes = bool(self._channel.open_banks)
        before = set(self._channel.open_banks)
        self._refresh_step(now)
        closed = before - set(self._channel.open_banks)
        self._note(now, Kind.PRECHARGE if closes else Kind.REFRESH, 1, closed.pop() if closed else -1)

    def _note(
        self,
        now: int,
        kind: Kind,
        slots: int,
        bank: int,
        row: int = -1,
        interval: int = 0,
        data: tuple[int, int] | None = None,
    ) -> None:
        if self._record is not None:
            self._record.append(Command(now, self._number, kind, slots, bank, row, interval, data))
