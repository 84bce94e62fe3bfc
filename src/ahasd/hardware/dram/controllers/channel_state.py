"""State of the banks of a channel, and the cycles from which each command is allowed."""

from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming

CLOSED = -1
ACTIVATING = -2


class ChannelState:
    """Open rows and earliest cycles, by bank, bank group and channel; the constraints are those of JESD209-5B.

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
        self._column_short = max(timing.tCCDS, burst)
        self._column_long = max(timing.tCCDL, burst)
        self._read_to_write = max(0, timing.RL + burst + timing.tRTRS - timing.WL)
        self._write_to_read_short = timing.WL + burst + timing.tWTRS
        self._write_to_read_long = timing.WL + max(burst, timing.burst_cycles_long) + timing.tWTRL
        self._read_to_precharge = timing.tRTPL
        if organisation.precharge_after_burst:
            self._read_to_precharge = burst + max(0, timing.tRTPL - timing.tCCDL)
        self._write_to_precharge = timing.WL + burst + timing.tWR

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
        timing = self.timing
        self.activates += 1
        self.row[bank] = row
        self.activate_bank[bank] = now + timing.tRC
        self.precharge_bank[bank] = max(self.precharge_bank[bank], now + timing.tRAS)
        self.column_bank[0][bank] = now + timing.tRCDRD
        self.column_bank[1][bank] = now + timing.tRCDWR
        self.activate_group[self.group[bank]] = now + timing.tRRDL
        self.activate_channel = max(self.activate_channel, now + timing.tRRDS)
        self.recent_activates = [*self.recent_activates[1:], now]
        self.window_end = self.recent_activates[0] + timing.tFAW

    def column(self, bank: int, direction: int, now: int) -> None:
        """Read (0) or write (1) a burst of the open row."""
        group = self.group[bank]
        other = 1 - direction
        self.column_channel[direction] = now + self._column_short
        self.column_group[direction][group] = now + self._column_long
        if direction:
            self.writes += 1
            turn = now + self._write_to_read_short
            self.column_group[other][group] = now + self._write_to_read_long
            close = now + self._write_to_precharge
        else:
            self.reads += 1
            turn = now + self._read_to_write
            close = now + self._read_to_precharge
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
        self.activate_bank[bank] = max(self.activate_bank[bank], now + self.timing.tRP)
        self.precharge_channel = now + self.timing.tPPD

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
