"""The event engine: a heap of actions in simulated time."""

from collections.abc import Callable
from heapq import heappop, heappush

#: Simulated time is counted in integer picoseconds, so sums are exact and runs repeat to the byte.
PICOSECONDS = 10**12

Action = Callable[[], None]


def to_picoseconds(seconds: float) -> int:
    """Round a duration to the engine's unit."""
    return round(seconds * PICOSECONDS)


class Engine:
    """Runs actions in the order of (time, priority, sequence).

    Actions schedule further actions; those of one time run by ascending priority, then in the order in which
    they were scheduled, so a run is deterministic.

    Attributes
    ----------
    now
        Simulated time in picoseconds.
    """

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[tuple[int, int, int, Action]] = []
        self._sequence = 0

    def at(self, time: int, action: Action, priority: int = 0) -> None:
        """Schedule an action.

        Raises
        ------
        ValueError
            The time has passed.
        """
        if time < self.now:
            raise ValueError(f"cannot schedule at {time} ps: it is {self.now} ps")
        heappush(self._heap, (time, priority, self._sequence, action))
        self._sequence += 1

    def after(self, delay: int, action: Action, priority: int = 0) -> None:
        """Schedule an action ``delay`` picoseconds from now."""
        self.at(self.now + delay, action, priority)

    def run(self, done: Callable[[], bool]) -> None:
        """Pop and run actions until ``done()`` or until nothing is scheduled."""
        heap = self._heap
        while heap and not done():
            self.now, _, _, action = heappop(heap)
            action()
