"""Timing passes in turn, within a bounded time."""

from collections.abc import Callable, Sequence
from time import perf_counter

#: Every pass is timed once a round, so that a machine that slows down slows all alike; more gain little (ours).
MOST_ROUNDS = 50


def time_passes(
    run: Callable[[int], object],
    widths: Sequence[int],
    seconds: float,
    progress: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = perf_counter,
) -> dict[int, float]:
    """Duration of a pass of every width, in seconds; wide ones are left out where time does not suffice.

    The fastest of several counts: whatever else the machine does only makes a pass longer.

    Parameters
    ----------
    run
        Runs a pass of so many rows.
    seconds
        After so long no pass begins, except for the first of the narrowest.
    progress
        Told of every round.
    """
    began = clock()

    def timed(width: int) -> float:
        started = clock()
        run(width)
        return clock() - started

    found: dict[int, list[float]] = {}
    for width in sorted(widths):
        if found and clock() - began > seconds:
            break
        run(width)  # the first pass of a width prepares
        found[width] = [timed(width)]
    progress()
    for _ in range(MOST_ROUNDS - 1):
        for width, times in found.items():
            if clock() - began > seconds:
                return {each: min(durations) for each, durations in found.items()}
            times.append(timed(width))
        progress()
    return {each: min(durations) for each, durations in found.items()}
