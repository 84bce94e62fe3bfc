"""An order made better stretch by stretch, for graphs that are too wide for the exact search.

What lives before and after a stretch of an order depends on which macros have run, not on how they are ordered in it.
So a stretch can be ordered anew by itself, by the exact search over its macros alone. Stretches around the peak are
tried, longer and longer, until none of them gets lower (ours; a large-neighbourhood search, as solvers call it).
"""

from collections.abc import Sequence
from time import process_time

from ahasd.graph_ordering.exact import Search
from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.macro import Segments
from ahasd.graph_ordering.states import walk

#: Macros of a stretch: the first, by how many more if that is not enough, and the most (ours).
SHORTEST, LONGER, LONGEST = 8, 4, 40

#: States that the search over a stretch looks at, at most (ours: a tenth of a second).
MOST_STATES = 3_000


def improved(problem: FusedProblem, order: Sequence[int], seconds: float) -> list[int]:
    """Lower the peak of an order of macros, for so many CPU seconds at most."""
    order, end = list(order), process_time() + seconds
    length, (peaks, before) = SHORTEST, walk(problem, order)
    while order and length <= LONGEST and process_time() < end:
        highest = max(peaks)
        top = peaks.index(highest)  # all steps as high must come down: one that does not keeps the peak
        better = None
        for start in _starts(top, length, len(order)):
            better = _reordered(problem, order, start, start + length, before[start], highest)
            if better is not None or process_time() > end:
                break
        if better is not None:
            order = better
            peaks, before = walk(problem, order)
            length = SHORTEST if max(peaks) < highest else length
        elif length >= len(order):
            break
        else:
            length += LONGER
    return order


def _starts(top: int, length: int, steps: int) -> list[int]:
    """Where stretches of a length begin that hold a step, a quarter of the length apart."""
    first, last = max(0, top - length + 1), max(0, min(top, steps - length))
    return list(range(min(first, last), last + 1, max(1, length // 4)))


def _reordered(
    problem: FusedProblem, order: list[int], start: int, end: int, live: int, highest: int
) -> list[int] | None:
    """The order with a stretch ordered anew so that it stays below the peak; None where it cannot, or not quickly."""
    inside = order[start:end]
    found = Search(_stretch(problem, inside, set(order[end:]), live)).solve(most_states=MOST_STATES)
    if found.macros is None or found.bound >= highest:
        return None
    return [*order[:start], *(inside[number] for number in found.macros), *order[end:]]


def _stretch(problem: FusedProblem, inside: Sequence[int], later: set[int], live: int) -> FusedProblem:
    """The macros of a stretch as a problem: what later macros use is not given back, all before it has run."""
    number_of = {macro: number for number, macro in enumerate(inside)}
    kept = {
        block
        for macro in inside
        for segment in problem.segments[macro]
        for block in segment.freed
        if not problem.users[block].isdisjoint(later)
    }

    def cut(segments: Segments) -> Segments:
        return tuple(
            segment._replace(
                freed=tuple(block for block in segment.freed if block not in kept),
                overwritten=tuple(block for block in segment.overwritten if block not in kept),
            )
            for segment in segments
        )

    def within(macros: frozenset[int]) -> frozenset[int]:
        return frozenset(number_of[macro] for macro in macros if macro in number_of)

    return FusedProblem(
        tuple(cut(problem.segments[macro]) for macro in inside),
        tuple((macro,) for macro in inside),
        tuple(within(problem.successors[macro]) for macro in inside),
        tuple(within(problem.predecessors[macro]) for macro in inside),
        problem.size,
        tuple(within(users) for users in problem.users),
        live,
    )
