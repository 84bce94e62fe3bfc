"""Offsets given one after the other, the largest block first."""

from collections.abc import Sequence

from ahasd.graph_ordering.arena.lifetimes import Lifetime, together


def fit_by_size(taken: Sequence[Lifetime], tightest: bool) -> list[int]:
    """Offsets by lifetime.

    Parameters
    ----------
    tightest
        Whether a block goes into the smallest gap that takes it (best fit); else into the lowest (first fit, which by
        size is what TFLite's arena does: Pisarchyk and Lee, arXiv 2001.03288).
    """
    shared = together(taken)
    offsets: dict[int, int] = {}
    by_size = sorted(
        range(len(taken)), key=lambda n: (-taken[n].bytes, taken[n].first - taken[n].last, taken[n].first, n)
    )
    for number in by_size:
        size, free, best = taken[number].bytes, 0, None
        placed = sorted((offsets[other], taken[other].bytes) for other in shared[number] if other in offsets)
        for offset, other_size in placed:
            gap = offset - free
            if gap >= size and (best is None or gap < best[0]):
                best = gap, free
                if not tightest:
                    break
            free = max(free, offset + other_size)
        offsets[number] = free if best is None else best[1]
    return [offsets[number] for number in range(len(taken))]
