"""Controller with separate read and write queues, as in Ramulator 2."""

from ahasd.hardware.dram.controllers.channel_state import ACTIVATING, CLOSED
from ahasd.hardware.dram.controllers.controller import NEVER, Controller
from ahasd.hardware.dram.organisation import Refresh

_ACTIVATE, _COLUMN, _PRECHARGE = range(3)


class WriteDrainController(Controller):
    """First-ready, first-come first-served with open rows.

    The order of choice in a cycle:

    1. the second half of a split activate whose deadline has come;
    2. the access for which a row was opened (a row is not closed before it);
    3. a refresh that is due, with the precharges it needs; while one waits, no other request is begun;
    4. of the read or of the write queue, the oldest request whose next command is allowed. A row that has
       requests waiting in that queue is not closed for a younger one. Writes are drained from the high to the
       low watermark, and while no read waits;
    5. the second half of a split activate.
    """

    first_cycle = 1

    def prepare(self) -> None:
        """See the base class."""
        organisation = self.organisation
        self._high = organisation.write_high * organisation.write_queue
        self._low = organisation.write_low * organisation.write_queue
        self._draining = False
        self._opened: dict[
            int, tuple[int, int]
        ] = {}  # bank -> (number, direction) that its row was opened for
        self._half: tuple[int, int, int, int, int] | None = None  # bank, row, deadline, number, direction
        self._due: list[int] = []  # refreshes that wait, by bank; any bank where all are meant
        self._refresh_ready = 0
        self._wake = NEVER
        banks = range(organisation.banks)
        self._turns = [(*banks[bank + 1 :], *banks[: bank + 1]) for bank in banks]
        self._served = 0  # bank of the last column command

    @property
    def done(self) -> bool:
        """No request is left."""
        return not (self._opened or self._half or self.queues.waiting) and self.queues.exhausted

    def step(self) -> None:
        """See the class."""
        now, slot = self.now, self.timing.command_cycles
        more = self.queues.fill(now)
        if now >= self.clock.due:
            self._collect_refreshes(now)
        self._wake = now + 1 if more else self.clock.due
        if self._half and now >= self._half[2]:
            self._finish_activate()
            self.now = now + slot
        elif (self._opened and self._access(now)) or (
            self._refresh(now) if self._due else self._request(now)
        ):
            self.now = max(self.now, now + slot)
        elif self._half:
            self._finish_activate()
            self.now = now + slot
        else:
            self.now = max(now + 1, self._wake)

    def _collect_refreshes(self, now: int) -> None:
        while now >= self.clock.due:
            self._due.append(self.clock.advance())

    def _finish_activate(self) -> None:
        assert self._half is not None
        bank, row, _, number, direction = self._half
        self.state.row[bank] = row
        self._opened[bank] = (number, direction)
        self._half = None

    def _later(self, cycle: int) -> None:
        if cycle < self._wake:
            self._wake = cycle

    def _access(self, now: int) -> bool:
        """Serve the oldest request whose row was opened for it."""
        best = None
        for bank, (number, direction) in self._opened.items():
            ready = self.state.column_ready(bank, direction)
            if ready > now:
                self._later(ready)
            elif best is None or number < best[0]:
                best = (number, bank, direction)
        if best is None:
            return False
        _, bank, direction = best
        del self._opened[bank]
        self._column(bank, direction, now)
        return True

    def _column(self, bank: int, direction: int, now: int) -> None:
        if self.timing.tWCKPST and now >= self.state.data_clock_until:
            now += self.timing.command_cycles  # a command that starts the data clock goes first
            self.now = now + self.timing.command_cycles
        self._served = bank
        self.state.column(bank, direction, now)
        self.last_data = max(self.last_data, self.state.data_end(direction, now))

    def _request(self, now: int) -> bool:
        """Serve the oldest request of the current direction whose next command is allowed."""
        self._choose_direction()
        direction = int(self._draining)
        state = self.state
        rows, groups, opened, half = state.row, state.group, self._opened, self._half
        column_bank, column_group = state.column_bank[direction], state.column_group[direction]
        column_channel = state.column_channel[direction]
        activate_channel = state.activate_channel
        if state.window_end > activate_channel:
            activate_channel = state.window_end
        wake = self._wake
        best_number = NEVER
        best: tuple[int, int, tuple[int, int]] | None = None
        queues = self.queues.banks[direction]
        # From the bank behind the one that was served last, whose request is likely the oldest: what is younger than
        # one that can be served need not be looked at.
        for bank in self._turns[self._served]:
            queue = queues[bank]
            if not queue or queue[0][0] > best_number:
                continue
            entry = queue[0]
            row = rows[bank]
            if row == entry[1]:  # written out for speed, what column_ready and activate_ready say
                kind, ready = _COLUMN, column_channel
                if column_bank[bank] > ready:
                    ready = column_bank[bank]
                if column_group[groups[bank]] > ready:
                    ready = column_group[groups[bank]]
            elif row == ACTIVATING:
                continue
            elif row == CLOSED:
                if half:
                    continue
                kind, ready = _ACTIVATE, activate_channel
                if state.activate_bank[bank] > ready:
                    ready = state.activate_bank[bank]
                if state.activate_group[groups[bank]] > ready:
                    ready = state.activate_group[groups[bank]]
            else:
                hit = next((later for later in queue if later[1] == row), None)
                if hit is not None:
                    ready = state.column_ready(bank, direction)
                    if ready > now:
                        wake = min(wake, ready)
                    elif hit[0] < best_number:
                        best_number, best = hit[0], (_COLUMN, bank, hit)
                if bank in opened:
                    continue
                kind, ready = _PRECHARGE, state.precharge_ready(bank)
            if ready > now:
                if ready < wake:
                    wake = ready
            elif entry[0] < best_number:
                best_number, best = entry[0], (kind, bank, entry)
        self._wake = wake
        if best is None:
            return False
        kind, bank, entry = best
        if kind == _PRECHARGE:
            state.precharge(bank, now)
            return True
        self.queues.remove(direction, bank, entry)
        if kind == _COLUMN:
            self._column(bank, direction, now)
        else:
            self._activate(bank, entry, direction, now)
        return True

    def _choose_direction(self) -> None:
        reads, writes = self.queues.sizes
        if not self._draining:
            self._draining = writes > self._high or reads == 0
        elif writes < self._low and reads:
            self._draining = False

    def _activate(self, bank: int, entry: tuple[int, int], direction: int, now: int) -> None:
        number, row = entry
        self.state.activate(bank, row, now)
        if self.timing.tAAD:
            self.state.row[bank] = ACTIVATING
            self._half = (bank, row, now + self.timing.tAAD, number, direction)
        else:
            self._opened[bank] = (number, direction)

    def _refresh(self, now: int) -> bool:
        """Bring the oldest refresh that waits one command further."""
        per_bank = self.organisation.refresh is Refresh.PER_BANK
        targets = (self._due[0],) if per_bank else range(self.state.banks)
        if any(self.state.row[target] != CLOSED for target in targets):
            return self._precharge_for_refresh(targets, now)
        ready = max(self._refresh_ready, *(self.state.activate_bank[target] for target in targets))
        if ready > now:
            self._later(ready)
            return False
        self._issue_refresh(targets, now)
        self._due.pop(0)
        return True

    def _precharge_for_refresh(self, targets: range | tuple[int, ...], now: int) -> bool:
        state = self.state
        if any(target in self._opened or state.row[target] == ACTIVATING for target in targets):
            return False
        ready = max(state.precharge_ready(target) for target in targets)
        if ready > now:
            self._later(ready)
            return False
        for target in targets:
            if state.row[target] != CLOSED:
                state.precharge(target, now)
        return True

    def _issue_refresh(self, targets: range | tuple[int, ...], now: int) -> None:
        if self.organisation.refresh is Refresh.PER_BANK:
            self.refreshes_bank += 1
            self._refresh_ready = self.state.refresh_bank(targets[0], now)
        else:
            self.refreshes_all += 1
            self.state.refresh_all(now)

    def key(self) -> tuple[object, ...]:
        """State relative to ``now`` and to the next request."""
        now, queues = self.now, self.queues
        base, accepted = queues.row_base, queues.accepted
        half = self._half and (
            self._half[0],
            self._half[1] - base,
            self._half[2] - now,
            accepted - self._half[3],
            self._half[4],
        )
        opened = tuple(sorted((bank, accepted - n, d) for bank, (n, d) in self._opened.items()))
        return (
            self.state.key(now, base),
            queues.key(),
            self._draining,
            opened,
            half,
            tuple(self._due),
            max(0, self._refresh_ready - now),
            self.clock.key(now),
        )
