"""The least peak of all orders, by a search over sets of what has run, each of which is looked at once.

How many bytes live depends on which macros have run, not on their order, so orders that have run the same are one
state; its figure is the least peak on the way there. States are taken up in the order of that figure, the youngest
first. The figure of the one taken up is a bound that no order goes below, proved from then on; the first state in
which all has run is an order of the least peak.

What makes it fast is that bytes as a function of what has run are submodular: two sets together hold no more than
their union and their common part do. Let one state be reached from another without going beyond the figure, and let
it hold the fewest bytes of all that lie between the two. Then every way from the first can be led over the second
without going higher. So whenever the search comes down to as few bytes as it had further up on its way, it takes the
least state in between, and forgets what it left aside since (`_fewest_between`). A single macro that leaves no more
than there was is the simplest case, and runs at once (`_settle`). The argument is ours; Liu's hills and valleys on
trees (J. W. H. Liu, SIAM J. Algebraic Discrete Methods 8, 1987) are its special case.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from time import process_time

from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.macro import Run, run

#: Sets that are looked at to find where a way held the fewest bytes; beyond, nothing is forgotten (ours).
MOST_BETWEEN = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    macros
        In order; None where the search was given up first.
    bound
        No order has a lower peak.
    states
        How many were looked at.
    """

    macros: tuple[int, ...] | None
    bound: int
    states: int


@dataclass(slots=True)
class _State:
    """Macros that have run, as bits; the bytes that live then; those that can run next; and how it got here."""

    done: int
    live: int
    ready: int
    moves: tuple[int, ...]
    origin: "_State | None"
    above: "_State | None" = None
    serial: int = 0
    log_length: int = 0


class Search:
    """The search over a problem.

    Parameters
    ----------
    problem
        Macros and the blocks between them.
    floor
        A bound that is known: states up to there are as good as each other.
    """

    def __init__(self, problem: FusedProblem, floor: int = 0) -> None:
        self._problem = problem
        self._floor = floor
        self._size = list(problem.size)
        self._needed = [_bits(nodes) for nodes in problem.predecessors]
        self._users = [_bits(nodes) for nodes in problem.users]
        self._after = [tuple(nodes) for nodes in problem.successors]
        outside = [{b for segment in segments for b in segment.freed} for segments in problem.segments]
        self._relevant = [
            _union(self._users[block] for block in blocks) & ~(1 << macro)
            for macro, blocks in enumerate(outside)
        ]
        self._runs: list[dict[int, Run]] = [{} for _ in outside]

    def solve(self, seconds: float = float("inf")) -> Found:
        """Search until the least peak is proved, or for so many CPU seconds."""
        everything = (1 << len(self._needed)) - 1
        ready = _bits(macro for macro, needed in enumerate(self._needed) if not needed)
        waiting = _Waiting()
        waiting.add(max(self._floor, self._problem.given), _State(0, self._problem.given, ready, (), None))
        looked_at, end = 0, process_time() + seconds
        while True:
            level, state = waiting.take()
            looked_at += 1
            if looked_at % 256 == 0 and process_time() > end:
                return Found(None, level, looked_at)
            if self._settle(state, level) and not waiting.is_new(state.done, level):
                continue
            if state.done == everything:
                return Found(_way(state), level, looked_at)
            replaced = _highest_not_below(state)
            if replaced is not None:
                fewest = self._fewest_between(replaced, state)
                if fewest is not None:
                    waiting.forget_since(replaced)
                    state = fewest
            waiting.mark(state, level)
            for macro in _numbers(state.ready):
                step = self._run(macro, state.done)
                reached = max(level, state.live + step.peak)
                done = state.done | 1 << macro
                if waiting.is_new(done, reached):
                    ready, above = self._ready(state.ready, macro, done), state if reached == level else None
                    waiting.add(reached, _State(done, state.live + step.net, ready, (macro,), state, above))

    def _fewest_between(self, above: _State, below: _State) -> _State | None:
        """The state of the fewest bytes among all that have run what `above` has and nothing that `below` has not.

        Of equals the one that has run most. None where there are too many to look at.
        """
        moves = _moves_since(above, below)
        within = below.done
        live, frontier = {above.done: above.live}, [(above.done, above.ready)]
        for done, ready in frontier:
            for macro in _numbers(ready & within):
                more = done | 1 << macro
                if more not in live:
                    live[more] = live[done] + self._run(macro, done).net
                    frontier.append((more, self._ready(ready, macro, more)))
            if len(live) > MOST_BETWEEN:
                return None
        least = min(live.values())
        done, ready = next((done, ready) for done, ready in reversed(frontier) if live[done] == least)
        kept = tuple(macro for macro in moves if done >> macro & 1)
        return _State(done, least, ready, kept, above, above.above)

    def _settle(self, state: _State, level: int) -> bool:
        """Run what can run without going beyond the level and leaves no more than there is; say if anything did."""
        moves = []
        again = True
        while again:
            again = False
            for macro in _numbers(state.ready):
                step = self._run(macro, state.done)
                if step.net <= 0 and state.live + step.peak <= level:
                    state.done |= 1 << macro
                    state.live += step.net
                    state.ready = self._ready(state.ready, macro, state.done)
                    moves.append(macro)
                    again = True
        state.moves += tuple(moves)
        return bool(moves)

    def _run(self, macro: int, done: int) -> Run:
        relevant = done & self._relevant[macro]
        found = self._runs[macro].get(relevant)
        if found is None:
            ran = done | 1 << macro
            found = run(self._problem.segments[macro], self._size, lambda b: not self._users[b] & ~ran)
            self._runs[macro][relevant] = found
        return found

    def _ready(self, ready: int, macro: int, done: int) -> int:
        ready &= ~(1 << macro)
        for other in self._after[macro]:
            if not self._needed[other] & ~done:
                ready |= 1 << other
        return ready


class _Waiting:
    """States that were reached and not yet looked at, by the peak on the way there, and what was reached when."""

    def __init__(self) -> None:
        self._stacks: dict[int, list[_State]] = {}
        self._levels: list[int] = []
        self._peak_of: dict[int, int] = {}
        self._log: list[tuple[int, int | None]] = []
        self._count = 0

    def is_new(self, done: int, level: int) -> bool:
        """Whether nothing as good was reached."""
        known = self._peak_of.get(done)
        return known is None or known > level

    def add(self, level: int, state: _State) -> None:
        """Put a state on the stack of its level."""
        self._note(state, level)
        if level not in self._stacks:
            self._stacks[level] = []
            heapq.heappush(self._levels, level)
        self._stacks[level].append(state)

    def take(self) -> tuple[int, _State]:
        """The youngest state of the lowest level, and that level."""
        while True:
            level = self._levels[0]
            stack = self._stacks[level]
            while stack:
                state = stack.pop()
                if self._peak_of[state.done] == level:
                    return level, state
            heapq.heappop(self._levels)
            del self._stacks[level]

    def mark(self, state: _State, level: int) -> None:
        """Remember when a state was looked at, under what it has become."""
        self._note(state, level)
        state.log_length = len(self._log)

    def forget_since(self, state: _State) -> None:
        """Forget all that was reached since a state was looked at, as if it had not been."""
        for stack in self._stacks.values():
            while stack and stack[-1].serial > state.serial:
                stack.pop()
        for done, before in reversed(self._log[state.log_length :]):
            if before is None:
                del self._peak_of[done]
            else:
                self._peak_of[done] = before
        del self._log[state.log_length :]

    def _note(self, state: _State, level: int) -> None:
        self._count += 1
        state.serial = self._count
        self._log.append((state.done, self._peak_of.get(state.done)))
        self._peak_of[state.done] = level


def _moves_since(above: _State, below: _State) -> list[int]:
    """What ran from one state to another further down."""
    parts: list[tuple[int, ...]] = []
    state: _State | None = below
    while state is not None and state is not above:
        parts.append(state.moves)
        state = state.origin
    return [macro for moves in reversed(parts) for macro in moves]


def _highest_not_below(state: _State) -> _State | None:
    """The state furthest up on the way here, within this level, that holds no fewer bytes than there are now."""
    found, above = None, state.above
    while above is not None and above.live >= state.live:
        found, above = above, above.above
    return found


def _way(state: _State | None) -> tuple[int, ...]:
    parts: list[tuple[int, ...]] = []
    while state is not None:
        parts.append(state.moves)
        state = state.origin
    return tuple(macro for moves in reversed(parts) for macro in moves)


def _bits(numbers: Iterable[int]) -> int:
    return _union(1 << number for number in numbers)


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _numbers(mask: int) -> list[int]:
    """The numbers of the bits of a mask, ascending."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
