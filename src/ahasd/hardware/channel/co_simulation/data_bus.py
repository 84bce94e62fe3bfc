"""The data bus of a channel, shared by its ranks."""


class DataBus:
    """Bursts that are on their way, and intervals that are held for runs of bursts.

    Data come a latency after their command, other latencies for reads and writes, so the bus is planned ahead:
    an owner (a stream, or the ranks of one command stream) puts its data where those of all others leave them
    and ``turn`` cycles of changing ranks. Distances within an owner are its own to keep.

    Parameters
    ----------
    turn
        Cycles between the bursts of different ranks (tRTRS).
    """

    __slots__ = ("_bursts", "_held", "turn")

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self._bursts: dict[int, list[tuple[int, int]]] = {}  # by owner, (begin, end)
        self._held: dict[int, tuple[int, int]] = {}  # by owner, in the order in which they were claimed

    def take(self, owner: int, begin: int, end: int, now: int) -> None:
        """Put a burst on the bus; those that are over by ``now`` are forgotten."""
        bursts = self._bursts.setdefault(owner, [])
        if len(bursts) > 16:
            bursts[:] = [burst for burst in bursts if burst[1] + self.turn > now]
        bursts.append((begin, end))

    def hold(self, owner: int, begin: int, end: int) -> None:
        """Hold an interval for the owner's next run; earlier claims of others go first."""
        self._held[owner] = (begin, end)

    def release(self, owner: int) -> None:
        """Hold nothing any more."""
        self._held.pop(owner, None)

    def first_begin(self, owner: int, begin: int, cycles: int) -> int:
        """Earliest cycle, from ``begin`` on, at which data of ``cycles`` find the bus free."""
        earliest = begin - self.turn
        others: list[tuple[int, int]] = []
        for claimant, interval in self._held.items():
            if claimant == owner:
                break
            others.append(interval)
        for by, bursts in self._bursts.items():
            if by != owner:
                others += [burst for burst in reversed(bursts) if burst[1] > earliest]
        if others:
            room = cycles + self.turn
            for first, last in sorted(others):
                if begin < last + self.turn and first < begin + room:
                    begin = last + self.turn
        return begin
