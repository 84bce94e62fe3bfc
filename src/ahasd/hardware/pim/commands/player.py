"""Plays bodies of commands the way the measured memory controller schedules them."""

from itertools import pairwise

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands.channel import Channel, Wanted
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.outcome import FRAMES, NEVER, STUCK, Outcome
from ahasd.hardware.pim.commands.single_bank import SingleBank
from ahasd.hardware.pim.commands.snapshot import CLOSED, Snapshot
from ahasd.hardware.pim.commands.stream import Body, Group, Phase, Run


class Pending:
    """A run of which `count` commands are left."""

    __slots__ = ("bank", "count", "interval", "phase", "row", "write")

    def __init__(self, run: Run, row: int) -> None:
        self.write, self.bank, self.row = run.write, run.bank, run.row + row if run.row >= 0 else run.row
        self.count, self.phase, self.interval = run.count, run.phase, run.interval


class Player:
    """First-ready scheduling, one command per cycle.

    In each cycle goes the first that is possible of: a step of a due refresh (precharge the open banks, then
    refresh); the oldest column command whose row is open; an activate for the oldest command whose bank is closed;
    a precharge of a bank whose open row no command in sight wants. In sight is what comes before the next barrier,
    and for activates what comes before the one after it once the barrier command is the oldest. A refresh that is
    due does not hold back other commands: it waits until its precharges find their cycles.

    Playing is a pure function of its arguments, so outcomes can be reused (`extrapolation`).

    Parameters
    ----------
    geometry, constraints
        The machine.
    refresh_interval
        Cycles between refreshes of a rank.
    searches
        Search for every command, also where but one can be next: the same outcomes, slowly.

    Attributes
    ----------
    single
        Plays what needs no search; None if every command is to be searched for.
    """

    def __init__(
        self, geometry: PimGeometry, constraints: Constraints, refresh_interval: int, searches: bool = False
    ) -> None:
        self.single = None if searches else SingleBank(geometry, constraints, refresh_interval)
        self._refresh_interval = refresh_interval
        self._channel = Channel(geometry, constraints)
        self.first_state = self._channel.snapshot(0, 0, {})
        self._due: list[int] = []
        self._now = 0
        self._last_column = 0
        self._phases = [0] * len(Phase)
        self._refreshed = False

    def play(
        self,
        body: Body,
        state: Snapshot,
        refresh_due: tuple[int, ...],
        following: Group,
        following_row: int,
        wanted: Wanted,
    ) -> Outcome:
        """Play a body from a state.

        Parameters
        ----------
        body
            Groups with rows relative to the body.
        state, refresh_due
            Before it; see `Outcome`.
        following
            First group of the following body, whose rows may be opened ahead.
        following_row
            Where that body's row 0 lies, relative to this one's.
        wanted
            Rows that the following body wants first, relative to it.
        """
        single = self.single
        if single is not None and single.begins_at(state, len(refresh_due)) and single.suits(body):
            return single.play(body, state, refresh_due, following_row, wanted.get(0))
        self._channel.restore(state)
        self._due = list(refresh_due)
        self._now = self._last_column = 0
        self._phases = [0] * len(Phase)
        self._refreshed = False
        groups = [[Pending(run, 0) for run in group] for group in body]
        for group, after in pairwise([*groups, [Pending(run, following_row) for run in following]]):
            self._play_group(group, after)
        now = self._now
        return Outcome(
            now,
            self._channel.snapshot(now, following_row, wanted),
            tuple([due - now for due in self._due]),
            tuple(self._phases),
            self._refreshed,
        )

    def _play_group(self, pending: list[Pending], following: list[Pending]) -> None:
        channel = self._channel
        due = min(self._due, default=NEVER)
        while pending:
            soonest = self._now + 1
            if due <= soonest:
                due = self._fall_due(due)
                continue
            refresh_time = self._refresh_time(soonest) if channel.waiting_ranks >= 0 else NEVER
            if refresh_time == soonest:  # nothing can go before it
                self._refresh_step(soonest)
                continue
            column_time, column = self._first_column(pending, soonest)
            activate_time, opening = self._first_activate(pending, following, soonest)
            precharge_time, closing = self._first_precharge(pending, soonest)
            time = min(column_time, activate_time, precharge_time, refresh_time)
            if due <= time:
                if due == NEVER:
                    raise AhasdError(STUCK)
                self._now = due - 1
            elif refresh_time == time:
                self._refresh_step(time)
            elif column is not None and column_time == time:
                others = min(activate_time, precharge_time, due - 1) if refresh_time == NEVER else time
                self._issue(pending, column, time, others)
            else:
                if opening is not None and activate_time == time:
                    channel.activate(opening.bank, opening.row, time)
                else:
                    channel.precharge(closing, time)
                    channel.precharge_pointer = closing
                self._now = time

    def _first_column(self, pending: list[Pending], soonest: int) -> tuple[int, Pending | None]:
        """Oldest among the soonest column commands with an open row; the barrier command only when it is alone."""
        best, found = NEVER, None
        channel = self._channel
        for run in pending if len(pending) == 1 or pending[-1].count > 1 else pending[:-1]:
            bank, write = run.bank, run.write
            if channel.open_rows[bank] == run.row:
                time = channel.column_ready[write][bank]
                group_time = channel.group_column_ready[write][channel.group_of[bank]]
                if group_time > time:
                    time = group_time
                if time <= soonest:
                    return soonest, run
                if time < best:
                    best, found = time, run
        return best, found

    def _first_activate(
        self, pending: list[Pending], following: list[Pending], soonest: int
    ) -> tuple[int, Pending | None]:
        """Activate for the oldest command in sight among the soonest whose bank is closed."""
        best, found = NEVER, None
        channel = self._channel
        if len(pending) > 1 or pending[0].count > 1:
            visible = _before_barrier(pending)
        else:
            visible = pending + _before_barrier(following)
        for run in visible:
            if channel.open_rows[run.bank] == CLOSED and channel.hears(run.bank, run.row):
                time = channel.activate_time(run.bank)
                if time <= soonest:
                    return soonest, run
                if time < best:
                    best, found = time, run
        return best, found

    def _first_precharge(self, pending: list[Pending], soonest: int) -> tuple[int, int]:
        """Precharge of a bank whose row no pending command wants, in turn from the bank that was closed last."""
        best, best_turn, found = NEVER, 0, -1
        channel = self._channel
        for bank in channel.open_banks:
            row = channel.open_rows[bank]
            for run in pending:
                if run.bank == bank and run.row == row:
                    break
            else:
                time = max(channel.precharge_ready[bank], soonest)
                turn = (bank - channel.precharge_pointer) % len(channel.open_rows)
                if time < best or (time == best and turn < best_turn):
                    best, best_turn, found = time, turn, bank
        return best, found

    def _issue(self, pending: list[Pending], run: Pending, time: int, others: int) -> None:
        """Issue a column command in cycle `time`, and those behind it in its run up to cycle `others`.

        Until then nothing else can go first. The barrier command is left: alone, it brings more in sight.
        """
        channel = self._channel
        step = channel.column_step(run.write, run.interval)
        count = 1
        if len(pending) == 1 and run.count > 1:
            count = min(run.count - 1, 1 + (others - time) // step)
        end = time + (count - 1) * step
        elapsed = end - self._last_column
        if run.phase not in FRAMES:
            waited = max(time - self._last_column - step, 0)
            opened = channel.column_ready[run.write][run.bank] == time
            self._phases[Phase.ROW_SWITCH if opened else Phase.TURNAROUND] += waited
            elapsed -= waited
        self._phases[run.phase] += elapsed
        channel.column(run.bank, run.write, run.interval, end)
        self._now = self._last_column = end
        run.count -= count
        if not run.count:
            pending.remove(run)

    def _fall_due(self, due: int) -> int:
        """A set of ranks asks for its refresh; one that still waits is forgotten, as in the measured controller."""
        ranks = self._due.index(due)
        self._channel.waiting_ranks = ranks
        self._due[ranks] += self._refresh_interval
        self._refreshed = True
        return min(self._due)

    def _refresh_time(self, soonest: int) -> int:
        """Cycle of the next step of the refresh that waits."""
        channel = self._channel
        if channel.waiting_ranks > 0 or not channel.open_banks:
            return soonest
        return max(soonest, min([channel.precharge_ready[bank] for bank in channel.open_banks]))

    def _refresh_step(self, time: int) -> None:
        """Close the first bank that may be closed; with all closed, refresh. Idle ranks only take a command cycle."""
        channel = self._channel
        self._now = time
        if channel.waiting_ranks == 0:
            if channel.open_banks:
                ready = [bank for bank in channel.open_banks if channel.precharge_ready[bank] <= time]
                channel.precharge(min(ready), time)
                return
            channel.refresh(time)
        channel.waiting_ranks = -1


def _before_barrier(runs: list[Pending]) -> list[Pending]:
    """Runs of a group that have a command before its last."""
    return runs if not runs or runs[-1].count > 1 else runs[:-1]
