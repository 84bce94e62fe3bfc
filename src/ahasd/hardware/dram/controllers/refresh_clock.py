"""When refreshes fall due."""

from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh
from ahasd.hardware.dram.timing import DramTiming

NEVER = 1 << 62


class RefreshClock:
    """Refreshes at regular intervals, of the members of ``order`` (banks or ranks) in turn.

    The first one falls due an interval after cycle 0; those before ``begin`` have passed.
    """

    def __init__(self, interval: int, order: tuple[int, ...], begin: int) -> None:
        passed = max(0, -(-begin // interval) - 1)
        self._interval = interval
        self._order = order
        self._turn = passed % len(order)
        self.rounds = 0  # how often the last member had its turn
        self.due = (passed + 1) * interval

    def advance(self) -> int:
        """Return the member whose refresh is due and go on to the next one."""
        member = self._order[self._turn]
        self._turn = (self._turn + 1) % len(self._order)
        self.rounds += not self._turn
        self.due += self._interval
        return member

    def key(self, now: int) -> tuple[int, int]:
        """State relative to a cycle."""
        return (self._turn, 0 if self.due == NEVER else self.due - now)


def refresh_clock(timing: DramTiming, organisation: ChannelOrganisation, begin: int) -> RefreshClock:
    """Build the clock of a channel: banks in turn, or ranks spread over the interval."""
    if organisation.refresh is Refresh.PER_BANK:
        interval = timing.tREFIpb or timing.tREFI // organisation.banks
        return RefreshClock(max(1, interval), organisation.refresh_order(), begin)
    if organisation.refresh is Refresh.ALL_BANK:
        interval = max(1, timing.tREFI // organisation.ranks)
        return RefreshClock(interval, tuple(range(organisation.ranks)), begin)
    return RefreshClock(NEVER, (0,), 0)
