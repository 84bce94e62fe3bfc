"""Two kinds of work that read the same memory: each is slower while both are at work."""

from collections.abc import Sequence


def share(
    other: float, copies: Sequence[float], other_together: float, copy_together: float
) -> tuple[list[float], float]:
    """When each of some copies arrives, one behind the other, and the work beside them is done.

    Parameters
    ----------
    other, copies
        Seconds of the work beside them and of each copy, alone.
    other_together, copy_together
        Speed of either while both are at work, as a share of its speed alone.

    Returns
    -------
    list of float, float
        Seconds from the common start.
    """
    now, other_end, arrivals = 0.0, 0.0, []
    for left in copies:
        if other > 0:
            other_takes, copy_takes = other / other_together, left / copy_together
            together = min(other_takes, copy_takes)
            now += together
            left -= together * copy_together
            if other_takes <= copy_takes:
                other, other_end = 0.0, now
            else:
                other -= together * other_together
        now += max(0.0, left)
        arrivals.append(now)
    return arrivals, now + other if other > 0 else other_end


def least_seconds(products: float, reads: float, products_together: float, reads_together: float) -> float:
    """The least time for products and reads: either alone, or both at once until one of them is done.

    Where both at once get less done than one after the other would (the shares add up to less than 1), they take
    turns.

    Parameters
    ----------
    products, reads
        Seconds of each, alone.
    products_together, reads_together
        As in `share`.
    """
    arrivals, end = share(products, [reads], products_together, reads_together)
    return min(max(end, *arrivals), products + reads)
