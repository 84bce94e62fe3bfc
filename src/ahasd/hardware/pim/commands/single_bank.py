"""Plays bodies in which one bank stands for all: by the player's rules, without its searches."""

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.outcome import FRAMES, NEVER, STUCK, Outcome
from ahasd.hardware.pim.commands.snapshot import CLOSED, CONTROL, STALE, Snapshot
from ahasd.hardware.pim.commands.stream import Body, ControlRow, Phase


class SingleBank:
    """Plays as :class:`~ahasd.hardware.pim.commands.player.Player` would, command by command, some times faster.

    Parameters
    ----------
    geometry, constraints, refresh_interval
        As for the player.
    """

    def __init__(self, geometry: PimGeometry, constraints: Constraints, refresh_interval: int) -> None:
        self._banks, self._groups = geometry.banks, geometry.bank_groups
        self._limits, self._refresh_interval = constraints, refresh_interval
        window, quads = constraints.four_activate_window, -(-geometry.blocks // 4)
        # In all-bank mode the banks open in fours, a window apart.
        self._opening = (quads - 1) * window
        self._between = constraints.activate_other_same, constraints.activate_other_other
        if window:
            self._between = (max(*self._between, quads * window),) * 2
        self._alone = geometry.banks_per_block == 1

    def suits(self, body: Body) -> bool:
        """Whether nothing but bank 0 is wanted in a body."""
        return self._alone and all(
            len(group) == 1 and not group[0].bank and group[0].row != ControlRow.LEAVE_ALL_BANK
            for group in body
        )

    def begins_at(self, state: Snapshot, sets: int) -> bool:
        """Whether nothing but bank 0 obeys or is open, and at most one set of ranks is refreshed."""
        closed = state.rows.count(CLOSED) + (state.rows[0] != CLOSED)
        return (
            state.all_bank
            and sets <= 1
            and closed == self._banks
            and state.rows[0] != ControlRow.LEAVE_ALL_BANK
        )

    def play(
        self,
        body: Body,
        state: Snapshot,
        refresh_due: tuple[int, ...],
        following_row: int,
        wanted: frozenset[int] | None,
    ) -> Outcome:
        """Play a body that suits from a state at which it may begin; see the player.

        Parameters
        ----------
        wanted
            Rows of bank 0 that the following body wants first; None if it does not use it.
        """
        limits, banks, groups, times = self._limits, self._banks, self._groups, state.times
        closing = limits.precharge_to_activate
        same_group, other_group = self._between
        row, waiting, pointer = state.rows[0], state.waiting_ranks, state.precharge_pointer
        activate_ready, precharge_ready = times[0], times[banks]
        read_ready, write_ready = times[2 * banks], times[3 * banks]
        group_activate = times[4 * banks]
        group_read, group_write = times[4 * banks + groups], times[4 * banks + 2 * groups]
        # What the other groups wait for, and all banks after a refresh.
        others_activate = others_read = others_write = refreshed_until = 0
        recent, window = state.recent_activates, limits.four_activate_window
        window_ends = recent[-4] + window if len(recent) >= 4 else 0
        due = refresh_due[0] if refresh_due else NEVER
        phases = [0] * len(Phase)
        now = last_column = 0
        refreshed = False
        for (run,) in body:
            write, wants, count, phase = run.write, run.row, run.count, run.phase
            pace = 0 if write else run.interval
            step, step_other = max(limits.column_same, pace), max(limits.column_other, pace)
            to_precharge = limits.write_to_precharge if write else limits.read_to_precharge
            to_turn = limits.write_to_read if write else max(limits.read_to_write, pace)
            while count:
                soonest = now + 1
                if due <= soonest:
                    waiting, refreshed = 0, True
                    due += self._refresh_interval
                    continue
                # The one command that is possible next.
                if row == wants:
                    ready, group_ready = (write_ready, group_write) if write else (read_ready, group_read)
                    time = ready if ready > group_ready else group_ready
                elif row == CLOSED:
                    time = activate_ready if activate_ready > group_activate else group_activate
                    time = window_ends if window_ends > time else time
                else:
                    time = precharge_ready
                if time < soonest:
                    time = soonest
                if waiting == 0:
                    refresh_time = soonest if row == CLOSED or precharge_ready < soonest else precharge_ready
                    if refresh_time == soonest or (refresh_time <= time and refresh_time < due):
                        now = refresh_time
                        if row != CLOSED:
                            row = CLOSED
                            if activate_ready < now + closing:
                                activate_ready = now + closing
                        else:
                            activate_ready = refreshed_until = now + limits.refresh
                            waiting = -1
                        continue
                if due <= time:
                    if due == NEVER:
                        raise AhasdError(STUCK)
                    now = due - 1
                elif row == wants:
                    end = time
                    if count > 1 and waiting:  # the barrier command is left
                        issued = 1 + (due - 1 - time) // step
                        issued = issued if issued < count else count - 1
                        end += (issued - 1) * step
                        count -= issued
                    else:
                        count -= 1
                    elapsed = end - last_column
                    if phase not in FRAMES:
                        waited = time - last_column - step
                        if waited > 0:
                            phases[Phase.ROW_SWITCH if ready == time else Phase.TURNAROUND] += waited
                            elapsed -= waited
                    phases[phase] += elapsed
                    now = last_column = end
                    if precharge_ready < end + to_precharge:
                        precharge_ready = end + to_precharge
                    same, other, turned = end + step, end + step_other, end + to_turn
                    if write:
                        group_write = same if same > group_write else group_write
                        others_write = other if other > others_write else others_write
                        group_read = turned if turned > group_read else group_read
                        others_read = turned if turned > others_read else others_read
                    else:
                        group_read = same if same > group_read else group_read
                        others_read = other if other > others_read else others_read
                        group_write = turned if turned > group_write else group_write
                        others_write = turned if turned > others_write else others_write
                elif row == CLOSED:
                    now, row = time, wants
                    if group_activate < now + same_group:
                        group_activate = now + same_group
                    others_activate = now + other_group
                    opened_at = now + self._opening
                    if activate_ready < opened_at + limits.activate_to_activate:
                        activate_ready = opened_at + limits.activate_to_activate
                    if precharge_ready < opened_at + limits.activate_to_precharge:
                        precharge_ready = opened_at + limits.activate_to_precharge
                    read_ready = opened_at + limits.activate_to_read
                    write_ready = opened_at + limits.activate_to_write
                else:
                    now, row, pointer = time, CLOSED, 0
                    if activate_ready < now + closing:
                        activate_ready = now + closing
        found = list(times)
        if refreshed_until:
            found[:banks] = [refreshed_until] * banks
        found[0], found[banks] = activate_ready, precharge_ready
        found[2 * banks], found[3 * banks] = read_ready, write_ready
        first = 4 * banks
        for own, others in (
            (group_activate, others_activate), (group_read, others_read), (group_write, others_write)
        ):  # fmt: skip
            found[first : first + groups] = [
                own,
                *(max(time, others) for time in found[first + 1 : first + groups]),
            ]
            first += groups
        if row != CLOSED:
            row = row - following_row if row > CONTROL else row
            if wanted is not None and row not in wanted and row != ControlRow.LEAVE_ALL_BANK:
                row = STALE
        soonest = now + 1
        after = Snapshot(
            (row, *state.rows[1:]),
            tuple([time - now if time > soonest else 1 for time in found]),
            tuple([time - now for time in recent if time + window > now]),
            True,
            state.entering,
            state.leaving,
            pointer,
            waiting,
        )
        left = (due - now,) if refresh_due else ()
        return Outcome(now, after, left, tuple(phases), refreshed)
