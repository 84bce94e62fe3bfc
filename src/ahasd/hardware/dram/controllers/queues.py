"""Requests that the controller sees, in arrival order per bank."""

from collections import deque

from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.stream import StreamPattern


class RequestQueues:
    """Fills queues from a stream, in order: a request that finds its queue full holds up those behind it.

    ``banks[direction][bank]`` holds (number, row) of the waiting requests. With one unified queue both
    directions wait in ``banks[0]`` and ``direction_of`` tells them apart.
    """

    def __init__(
        self, organisation: ChannelOrganisation, pattern: StreamPattern, requests: int, unified: bool
    ) -> None:
        self._pattern = pattern
        self._requests = requests
        self._per_cycle = organisation.requests_per_cycle
        self._unified = unified
        self._limits = (organisation.read_queue, organisation.write_queue)
        self.accepted = 0
        self.banks = tuple([deque[tuple[int, int]]() for _ in range(organisation.banks)] for _ in range(2))
        self.sizes = [0, 0]
        self._cycle = -1
        self._left = 0

    @property
    def waiting(self) -> int:
        """Requests in the queues."""
        return self.sizes[0] + self.sizes[1]

    @property
    def exhausted(self) -> bool:
        """The stream has no further request."""
        return self.accepted >= self._requests

    def direction_of(self, number: int) -> int:
        """0 for a read, 1 for a write."""
        return self._pattern.is_write[number % self._pattern.period]

    def fill(self, now: int) -> bool:
        """Take requests of this cycle; true if more could enter in the next one."""
        if now != self._cycle:
            self._cycle, self._left = now, self._per_cycle
        pattern, sizes, number = self._pattern, self.sizes, self.accepted
        while number < self._requests:
            turn, position = divmod(number, pattern.period)
            direction = 0 if self._unified else int(pattern.is_write[position])
            if sizes[direction] >= self._limits[direction]:
                return False
            if self._left == 0:
                return True
            self._left -= 1
            row = pattern.row[position] + turn * pattern.rows_per_period
            self.banks[direction][number % pattern.banks].append((number, row))
            sizes[direction] += 1
            self.accepted = number = number + 1
        return False

    def remove(self, direction: int, bank: int, entry: tuple[int, int]) -> None:
        """Take a request out."""
        queue = self.banks[direction][bank]
        if queue[0] is entry:
            queue.popleft()
        else:
            queue.remove(entry)
        self.sizes[direction] -= 1

    def skip(self, requests: int) -> None:
        """Shorten the stream, because that many requests were extrapolated."""
        self._requests -= requests

    @property
    def row_base(self) -> int:
        """Rows of the periods that have been accepted."""
        return self.accepted // self._pattern.period * self._pattern.rows_per_period

    @property
    def phase(self) -> int:
        """Place in the period."""
        return self.accepted % self._pattern.period

    @property
    def remaining(self) -> int:
        """Requests that have not entered yet."""
        return self._requests - self.accepted

    def key(self) -> tuple[object, ...]:
        """Contents relative to the next request."""
        base = self.row_base
        queues = tuple(
            tuple((self.accepted - number, row - base) for number, row in queue)
            for direction in self.banks
            for queue in direction
        )
        return (self.phase, queues)
