"""State of the banks of a channel, and the cycles from which each command is allowed."""

from ahasd.hardware.dram.controllers.distances import Command, Scope, command_distances
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming

CLOSED = -1
ACTIVATING = -2


class ChannelState:
    """Open rows and earliest cycles, by bank, bank group and channel.

    The distances are the rows of `command_distances`, each with its source, read once when the state is built.
    A list that holds earliest cycles is named after the command that it bounds; a command must obey its bank's,
    its group's and the channel's entry. Directions: 0 reads, 1 writes.
    """

    def __init__(self, timing: DramTiming, organisation: ChannelOrganisation) -> None:
        banks = organisation.banks
        self.timing = timing
        self.banks = banks
        self.group = [organisation.group_of(bank) for bank in range(banks)]
        self.row = [CLOSED] * banks
        self.activate_bank = [0] * banks
        self.precharge_bank = [0] * banks
        self.column_bank = ([0] * banks, [0] * banks)
        self.activate_group = [0] * organisation.bank_groups
        self.column_group = ([0] * organisation.bank_groups, [0] * organisation.bank_groups)
        self.activate_channel = 0
        self.precharge_channel = 0
        self.column_channel = [0, 0]
        self.recent_activates = [-timing.tFAW - 1] * 4
        self.window_end = -1  # cycle at which the window of four activates lets a fifth one in
        self.data_clock_until = 0
        self.activates = self.reads = self.writes = self.precharges = 0
        burst = timing.burst_cycles
        self._data_cycles = (timing.RL + burst, timing.WL + burst)
        self._read_distances(timing, organisation)

    def _read_distances(self, timing: DramTiming, organisation: ChannelOrganisation) -> None:
        cycles = {
            (row.first, row.then, row.scope): row.cycles for row in command_distances(timing, organisation)
        }
        activate, precharge = Command.ACTIVATE, Command.PRECHARGE
        bank, group, channel = Scope.BANK, Scope.GROUP, Scope.CHANNEL
        directions = (Command.READ, Command.WRITE)
        self._activate_bank = cycles[activate, activate, bank]
        self._activate_group = cycles[activate, activate, group]
        self._activate_channel = cycles[activate, activate, channel]
        self._activate_column = tuple(cycles[activate, column, bank] for column in directions)
        self._activate_precharge = cycles[activate, precharge, bank]
        self._column_group = tuple(cycles[column, column, group] for column in directions)
        self._column_channel = tuple(cycles[column, column, channel] for column in directions)
        self._read_to_write = cycles[Command.READ, Command.WRITE, channel]
        self._write_to_read = cycles[Command.WRITE, Command.READ, channel]
        self._write_to_read_group = cycles[Command.WRITE, Command.READ, group]
        self._column_precharge = tuple(cycles[column, precharge, bank] for column in directions)
        self._precharge_activate = cycles[precharge, activate, bank]
        self._precharge_channel = cycles[precharge, precharge, channel]
        self._refresh_all_activate = cycles[Command.REFRESH_ALL, activate, bank]
        self._refresh_bank_activate = cycles[Command.REFRESH_BANK, activate, bank]
        self._refresh_bank_channel = cycles[Command.REFRESH_BANK, activate, channel]
        self._refresh_bank_refresh = cycles[Command.REFRESH_BANK, Command.REFRESH_BANK, channel]

    def activate_ready(self, bank: int) -> int:
        """Earliest cycle of an activate."""
        return max(
            self.activate_bank[bank],
            self.activate_group[self.group[bank]],
            self.activate_channel,
            self.window_end,
        )

    def column_ready(self, bank: int, direction: int) -> int:
        """Earliest cycle of a read (0) or write (1) of the open row."""
        return max(
            self.column_bank[direction][bank],
            self.column_group[direction][self.group[bank]],
            self.column_channel[direction],
        )

    def precharge_ready(self, bank: int) -> int:
        """Earliest cycle of a precharge."""
        return max(self.precharge_bank[bank], self.precharge_channel)

    def activate(self, bank: int, row: int, now: int) -> None:
        """Open a row; with a split activate the row counts as open after the second half."""
        self.activates += 1
        self.row[bank] = row
        self.activate_bank[bank] = now + self._activate_bank
        self.precharge_bank[bank] = max(self.precharge_bank[bank], now + self._activate_precharge)
        self.column_bank[0][bank] = now + self._activate_column[0]
        self.column_bank[1][bank] = now + self._activate_column[1]
        self.activate_group[self.group[bank]] = now + self._activate_group
        self.activate_channel = max(self.activate_channel, now + self._activate_channel)
        self.recent_activates = [*self.recent_activates[1:], now]
        self.window_end = self.recent_activates[0] + self.timing.tFAW

    def column(self, bank: int, direction: int, now: int) -> None:
        """Read (0) or write (1) a burst of the open row."""
        group = self.group[bank]
        other = 1 - direction
        self.column_channel[direction] = now + self._column_channel[direction]
        self.column_group[direction][group] = now + self._column_group[direction]
        if direction:
            self.writes += 1
            turn = now + self._write_to_read
            self.column_group[other][group] = now + self._write_to_read_group
        else:
            self.reads += 1
            turn = now + self._read_to_write
        close = now + self._column_precharge[direction]
        if turn > self.column_channel[other]:
            self.column_channel[other] = turn
        if close > self.precharge_bank[bank]:
            self.precharge_bank[bank] = close
        clock = now + self._data_cycles[direction] + self.timing.tWCKPST
        if clock > self.data_clock_until:
            self.data_clock_until = clock

    def precharge(self, bank: int, now: int) -> None:
        """Close the row of a bank."""
        self.precharges += 1
        self.row[bank] = CLOSED
        self.activate_bank[bank] = max(self.activate_bank[bank], now + self._precharge_activate)
        self.precharge_channel = now + self._precharge_channel

    def refresh_all(self, now: int) -> None:
        """Refresh every bank."""
        self.activate_bank[:] = [now + self._refresh_all_activate] * self.banks

    def refresh_bank(self, bank: int, now: int) -> int:
        """Refresh a bank; return the cycle from which the next per-bank refresh is allowed."""
        self.activate_bank[bank] = now + self._refresh_bank_activate
        self.activate_channel = max(self.activate_channel, now + self._refresh_bank_channel)
        return now + self._refresh_bank_refresh

    def data_end(self, direction: int, now: int) -> int:
        """Cycle at which the data of a column command issued now has passed."""
        return now + self._data_cycles[direction]

    def key(self, now: int, row_base: int) -> tuple[object, ...]:
        """Everything that the future depends on, relative to a cycle and a row; what lies behind is 0."""
        times = (
            *self.activate_bank,
            *self.precharge_bank,
            *self.column_bank[0],
            *self.column_bank[1],
            *self.activate_group,
            *self.column_group[0],
            *self.column_group[1],
            self.activate_channel,
            self.precharge_channel,
            *self.column_channel,
            *(cycle + self.timing.tFAW for cycle in self.recent_activates),
            self.data_clock_until,
        )
        rows = tuple(row if row < 0 else row - row_base for row in self.row)
        return (*(max(0, cycle - now) for cycle in times), rows)
