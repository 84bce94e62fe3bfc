"""What a stream at full rate loses to the command slots that others take."""

from functools import lru_cache
from math import comb, factorial


def displacement(slots: int, cadence: int) -> float:
    """Slots by which ``slots`` taken in a row push back a stream that wants every ``cadence``-th, on average.

    The first slot that the stream wants is the u-th of them (0 <= u < cadence, equally likely); it then waits for
    the rest of them, slots - u.
    """
    return sum(slots - position for position in range(min(slots, cadence))) / cadence


@lru_cache(maxsize=4096)
def share_lost(agents: int, pace: int, cadence: int, demand: float, in_step: bool = False) -> float:
    """Share of its rate that a stream loses to agents which each take every ``pace``-th slot.

    Agents in step with the stream (:class:`~ahasd.hardware.channel.co_simulation.arbitration.Arbitration`) take slots
    that it does not want. Else one agent meets the stream again and again: pushed back by a slot, the stream follows
    it directly, and is in step with it again after k intervals, where k pace = 1 (mod g). Several agents leave gaps
    of free slots, of which the stream uses ceil(gap / 2) each at g = 2: an even gap, and none at all, costs one.
    Where the agents lie is independent of each other, but one that finds its slot taken goes on in the next free one
    (:func:`_gaps`). And whatever the gaps, the stream has to find ``demand`` g free slots for each burst.

    Parameters
    ----------
    agents, pace
        Agents, and slots from one command of an agent to its next.
    cadence
        Slots from one burst of the stream to the next.
    demand
        Share of all slots that the stream takes at full rate, rows and refreshes included.
    in_step
        Whether the agents keep to every ``cadence``-th slot.
    """
    if agents >= pace:
        return 1.0
    least = max(1.0 - (1.0 - agents / pace) / demand, 0.0)
    if in_step:
        return least
    if agents == 1:
        intervals = next((k for k in range(1, cadence) if k * pace % cadence == 1), None)
        return max(least, 1.0 / (intervals * pace) if intervals else 0.0)
    odd = _gaps(agents, pace)
    return sum(chance * max((agents - number) / pace, least) for number, chance in odd.items())


def _gaps(agents: int, pace: int) -> dict[int, float]:
    """Probability of each number of odd gaps between agents in a round of ``pace`` slots.

    A block of b slots in a row is filled in (b + 1)^(b - 1) ways by agents that each took the first free slot from
    where they wanted to be (parking functions; Konheim and Weiss, 1966), of pace^agents ways altogether. For each
    sequence of k blocks, the positive gaps between them are counted by how many are odd.
    """
    free = pace - agents
    found: dict[int, float] = {}
    for blocks in _compositions(agents):
        k = len(blocks)
        ways = factorial(agents) * pace / k
        for size in blocks:
            ways *= (size + 1) ** (size - 1) / factorial(size)
        for odd in range(k + 1):
            pairs, rest = divmod(free - odd - 2 * (k - odd), 2)
            if pairs >= 0 and not rest:
                chance = comb(k, odd) * comb(pairs + k - 1, k - 1) * ways / pace**agents
                found[odd] = found.get(odd, 0.0) + chance
    return found


def _compositions(number: int) -> list[tuple[int, ...]]:
    """All ways to write a number as an ordered sum."""
    if number == 0:
        return [()]
    return [(first, *rest) for first in range(1, number + 1) for rest in _compositions(number - first)]
