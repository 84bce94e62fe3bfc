"""Controller with one queue for reads and writes, as in PIMSimulator (DRAMSim2)."""

from ahasd.hardware.dram.controllers.channel_state import CLOSED
from ahasd.hardware.dram.controllers.controller import NEVER, Controller


class UnifiedController(Controller):
    """First-ready, first-come first-served.

    The order of choice in a cycle:

    1. a refresh that is due: precharges of open banks, and the refresh once no row is open. Requests go on
       meanwhile, so under writes, whose recovery holds rows open, a refresh can starve; with several ranks the
       next rank's refresh then takes its place and it is lost. The idle ranks' refreshes cost a command slot;
    2. the oldest request whose row is open and whose column command is allowed;
    3. an activate for the oldest request whose bank is closed;
    4. a precharge of a bank for whose row no request waits, the banks in turn.

    Requests of a bank stay in order (ours).
    """

    unified = True
    first_cycle = 1

    def prepare(self) -> None:
        """See the base class."""
        self._refresh_waits = False
        self._next_precharge = 0
        self._wake = NEVER

    @property
    def done(self) -> bool:
        """No request is left."""
        return not self.queues.waiting and self.queues.exhausted

    def step(self) -> None:
        """See the class."""
        now = self.now
        more = self.queues.fill(now)
        self._wake = now + 1 if more else self.clock.due
        if (
            (now >= self.clock.due and self._begin_refresh())
            or (self._refresh_waits and self._refresh(now))
            or self._request(now)
            or self._close_unused(now)
        ):
            self.now = now + self.timing.command_cycles
        else:
            self.now = max(now + 1, self._wake)

    def _begin_refresh(self) -> bool:
        """Let a rank's refresh begin to wait; that of an idle rank is issued at once."""
        idle = self.clock.advance() > 0
        self._refresh_waits = not idle
        return idle

    def _later(self, cycle: int) -> None:
        if cycle < self._wake:
            self._wake = cycle

    def _refresh(self, now: int) -> bool:
        state = self.state
        closed = True
        for bank, row in enumerate(state.row):
            if row == CLOSED:
                continue
            closed = False
            ready = state.precharge_ready(bank)
            if ready <= now:
                state.precharge(bank, now)
                return True
            self._later(ready)
        if closed:
            self.refreshes_all += 1
            self._refresh_waits = False
            state.refresh_all(now)
        return closed

    def _request(self, now: int) -> bool:
        state, queues = self.state, self.queues
        rows, groups = state.row, state.group
        activate_channel = max(state.activate_channel, state.window_end)
        wake = self._wake
        column = activate = (NEVER, -1, 0)
        for bank, queue in enumerate(queues.banks[0]):
            if not queue:
                continue
            number, wanted = queue[0]
            row = rows[bank]
            if row == wanted:  # written out for speed, what column_ready and activate_ready say
                direction = queues.direction_of(number)
                ready = state.column_channel[direction]
                if state.column_bank[direction][bank] > ready:
                    ready = state.column_bank[direction][bank]
                if state.column_group[direction][groups[bank]] > ready:
                    ready = state.column_group[direction][groups[bank]]
                if ready <= now and number < column[0]:
                    column = (number, bank, direction)
            elif row == CLOSED:
                ready = activate_channel
                if state.activate_bank[bank] > ready:
                    ready = state.activate_bank[bank]
                if state.activate_group[groups[bank]] > ready:
                    ready = state.activate_group[groups[bank]]
                if ready <= now and number < activate[0]:
                    activate = (number, bank, wanted)
            else:
                continue
            if now < ready < wake:
                wake = ready
        self._wake = wake
        if column[0] < NEVER:
            _, bank, direction = column
            queues.remove(0, bank, queues.banks[0][bank][0])
            state.column(bank, direction, now)
            self.last_data = max(self.last_data, state.data_end(direction, now))
        elif activate[0] < NEVER:
            state.activate(activate[1], activate[2], now)
        else:
            return False
        return True

    def _close_unused(self, now: int) -> bool:
        state, queues = self.state, self.queues.banks[0]
        for turn in range(state.banks):
            bank = (self._next_precharge + turn) % state.banks
            row = state.row[bank]
            if row == CLOSED or (queues[bank] and queues[bank][0][1] == row):
                continue
            ready = state.precharge_ready(bank)
            if ready <= now:
                state.precharge(bank, now)
                self._next_precharge = bank
                return True
            self._later(ready)
        return False

    def key(self) -> tuple[object, ...]:
        """State relative to ``now`` and to the next request."""
        now = self.now
        return (
            self.state.key(now, self.queues.row_base),
            self.queues.key(),
            self._refresh_waits,
            self._next_precharge,
            self.clock.key(now),
        )
