"""The clock that decoding decides by, in the simulator's unit."""

from time import perf_counter_ns


def picoseconds() -> int:
    """Give the picoseconds since any start; no better than the nanoseconds of the machine's own clock."""
    return perf_counter_ns() * 1000
