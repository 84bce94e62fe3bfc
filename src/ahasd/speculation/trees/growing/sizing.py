"""Which size of a tree brings the most tokens per second."""

from collections.abc import Callable, Iterable, Sequence


def best_size(gains: Sequence[float], sizes: Iterable[int], seconds: Callable[[int], float]) -> int:
    """Return the size with the highest v(n) = expected tokens / expected seconds; the smallest of equals.

    Parameters
    ----------
    gains
        Expected tokens of a pass by the number of nodes, from 0 on; the last counts for larger trees too.
    sizes
        Numbers of nodes to choose from.
    seconds
        What a pass over so many nodes is expected to take.
    """
    last = len(gains) - 1
    return max(sorted(set(sizes)), key=lambda nodes: gains[min(nodes, last)] / seconds(nodes))
