"""State of a channel: open rows, when each command may follow, who listens to broadcasts."""

from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.framing import switching_banks
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.snapshot import CLOSED, CONTROL, STALE, Snapshot
from ahasd.hardware.pim.commands.stream import ControlRow

#: For each bank the rows that the next group which uses it wants.
Wanted = dict[int, frozenset[int]]


class Channel:
    """Mutable state of a channel while commands are played; times are cycles of the player's clock.

    In all-bank mode bank 0 (and 1) stands for its lockstep set.

    Parameters
    ----------
    geometry, constraints
        The machine.
    """

    __slots__ = (
        "_constraints",
        "_lockstep_quads",
        "_sets",
        "_switching",
        "activate_ready",
        "all_bank",
        "column_ready",
        "entering",
        "group_activate_ready",
        "group_column_ready",
        "group_of",
        "leaving",
        "open_banks",
        "open_rows",
        "precharge_pointer",
        "precharge_ready",
        "recent_activates",
        "waiting_ranks",
    )

    def __init__(self, geometry: PimGeometry, constraints: Constraints) -> None:
        banks, groups = geometry.banks, geometry.bank_groups
        self._constraints = constraints
        self._switching = frozenset(switching_banks(geometry))
        self._lockstep_quads = -(-geometry.blocks // 4)
        self._sets = geometry.banks_per_block
        self.group_of = [geometry.bank_group(bank) for bank in range(banks)]
        self.open_rows = [CLOSED] * banks
        self.open_banks: list[int] = []
        self.activate_ready = [1] * banks
        self.precharge_ready = [1] * banks
        # Column commands: reads first, writes second, as `column_ready[write][bank]`.
        self.column_ready = ([1] * banks, [1] * banks)
        self.group_column_ready = ([1] * groups, [1] * groups)
        self.group_activate_ready = [1] * groups
        self.recent_activates: list[int] = []
        self.all_bank = False
        self.entering: frozenset[int] = frozenset()
        self.leaving: frozenset[int] = frozenset()
        self.precharge_pointer = 0
        self.waiting_ranks = -1

    def snapshot(self, now: int, row: int, wanted: Wanted) -> Snapshot:
        """State at the end of cycle `now`, with data rows relative to `row`.

        A row that is not `wanted` has to be closed before its bank's next command, so its name is forgotten; only
        the row that ends all-bank mode acts when it closes.
        """
        rows = list(self.open_rows)
        for bank in self.open_banks:
            held = rows[bank] - row if rows[bank] > CONTROL else rows[bank]
            rows[bank] = held
            if bank in wanted and held not in wanted[bank] and held != ControlRow.LEAVE_ALL_BANK:
                rows[bank] = STALE
        times = (
            *self.activate_ready,
            *self.precharge_ready,
            *self.column_ready[0],
            *self.column_ready[1],
            *self.group_activate_ready,
            *self.group_column_ready[0],
            *self.group_column_ready[1],
        )
        soonest = now + 1
        window = self._constraints.four_activate_window
        return Snapshot(
            tuple(rows),
            tuple([time - now if time > soonest else 1 for time in times]),
            tuple([time - now for time in self.recent_activates if time + window > now]),
            self.all_bank,
            self.entering,
            self.leaving,
            self.precharge_pointer,
            self.waiting_ranks,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Take a snapshot's state, at cycle 0 and row 0."""
        banks, groups = len(self.open_rows), len(self.group_activate_ready)
        self.open_rows = list(snapshot.rows)
        self.open_banks = [bank for bank, row in enumerate(snapshot.rows) if row != CLOSED]
        times = list(snapshot.times)
        parts = [times[first : first + banks] for first in range(0, 4 * banks, banks)]
        self.activate_ready, self.precharge_ready = parts[0], parts[1]
        self.column_ready = (parts[2], parts[3])
        parts = [times[first : first + groups] for first in range(4 * banks, len(times), groups)]
        self.group_activate_ready = parts[0]
        self.group_column_ready = (parts[1], parts[2])
        self.recent_activates = list(snapshot.recent_activates)
        self.all_bank = snapshot.all_bank
        self.entering = snapshot.entering
        self.leaving = snapshot.leaving
        self.precharge_pointer = snapshot.precharge_pointer
        self.waiting_ranks = snapshot.waiting_ranks

    def hears(self, bank: int, row: int) -> bool:
        """Whether the rank obeys: in all-bank mode only the banks that stand for their sets.

        A switching bank that a refresh closed before its write may open again (ours; the measured simulator hangs).
        """
        return not self.all_bank or bank < self._sets or row == ControlRow.ENTER_ALL_BANK

    def activate_time(self, bank: int) -> int:
        """Earliest cycle at which a closed bank may open."""
        ready = max(self.activate_ready[bank], self.group_activate_ready[self.group_of[bank]])
        if len(self.recent_activates) >= 4:
            ready = max(ready, self.recent_activates[-4] + self._constraints.four_activate_window)
        return ready

    def activate(self, bank: int, row: int, now: int) -> None:
        """Open a row of a bank (and its lockstep set)."""
        limits = self._constraints
        opened = now
        window = limits.four_activate_window
        other, same = limits.activate_other_other, limits.activate_other_same
        if window and self.all_bank:
            # The lockstep banks open in fours, a window apart; the last four decide when columns may follow.
            opened += (self._lockstep_quads - 1) * window
            other = same = max(same, other, self._lockstep_quads * window)
        elif window:
            self.recent_activates = [*self.recent_activates[-3:], now]
        _push_back(self.group_activate_ready, self.group_of[bank], now + same, now + other)
        self.open_rows[bank] = row
        self.open_banks.append(bank)
        self.activate_ready[bank] = max(self.activate_ready[bank], opened + limits.activate_to_activate)
        self.precharge_ready[bank] = max(self.precharge_ready[bank], opened + limits.activate_to_precharge)
        self.column_ready[False][bank] = opened + limits.activate_to_read
        self.column_ready[True][bank] = opened + limits.activate_to_write
        if row == ControlRow.ENTER_ALL_BANK and not self.all_bank:
            self.entering |= {bank}
            if self.entering == self._switching:
                self.all_bank, self.entering = True, frozenset()

    def precharge(self, bank: int, now: int) -> None:
        """Close a bank (and its lockstep set)."""
        if self.all_bank and self.open_rows[bank] == ControlRow.LEAVE_ALL_BANK:
            self.leaving |= {bank}
            if len(self.leaving) == self._sets:
                self.all_bank, self.leaving = False, frozenset()
        self.open_rows[bank] = CLOSED
        self.open_banks.remove(bank)
        ready = now + self._constraints.precharge_to_activate
        self.activate_ready[bank] = max(self.activate_ready[bank], ready)

    def refresh(self, now: int) -> None:
        """Refresh all banks; as measured, it does not wait for their precharge to end."""
        self.activate_ready = [now + self._constraints.refresh] * len(self.activate_ready)

    def column_step(self, write: bool, interval: int) -> int:
        """Cycles between column commands of one run."""
        same = self._constraints.column_same
        return same if write else max(same, interval)

    def column(self, bank: int, write: bool, interval: int, now: int) -> None:
        """Take up a column command in cycle `now`."""
        limits = self._constraints
        if write:
            close = now + limits.write_to_precharge
            turned = now + limits.write_to_read
            same, other = now + limits.column_same, now + limits.column_other
        else:
            close = now + limits.read_to_precharge
            turned = now + max(limits.read_to_write, interval)
            same, other = now + max(limits.column_same, interval), now + max(limits.column_other, interval)
        if self.precharge_ready[bank] < close:
            self.precharge_ready[bank] = close
        _push_back(self.group_column_ready[write], self.group_of[bank], same, other)
        _push_back(self.group_column_ready[not write], 0, turned, turned)


def _push_back(ready: list[int], group: int, same: int, other: int) -> None:
    """Let the next command wait until a cycle in the group, and until another one in the other groups."""
    own = ready[group]
    ready[:] = [other if time < other else time for time in ready]
    ready[group] = same if own < same else own
