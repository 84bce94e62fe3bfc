"""When a side that polls its queues sees what was written into them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollingClock:
    """A core that looks at its queues at every multiple of an interval, from time 0 on.

    Attributes
    ----------
    interval_ps
        Picoseconds between two looks; 0 for a side that is told at once (an interrupt without latency).

    Raises
    ------
    ValueError
        The interval is negative.
    """

    interval_ps: int

    def __post_init__(self) -> None:
        if self.interval_ps < 0:
            raise ValueError(f"a polling interval cannot be negative, as {self.interval_ps} ps is")

    def visible_at(self, time_ps: int) -> int:
        """Return the first look at or after a time, in picoseconds."""
        if self.interval_ps == 0:
            return time_ps
        return -(-time_ps // self.interval_ps) * self.interval_ps
