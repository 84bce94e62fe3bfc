"""The least peak of all orders, by a search over sets of what has run, each of which is looked at once.

How many bytes live depends on which macros have run, not on their order, so orders that have run the same are one
state; its figure is the least peak on the way there. States are taken up in the order of that figure, the youngest
first. The figure of the one taken up is a bound that no order goes below, proved from then on; the first state in
which all has run is an order of the least peak.

What makes it fast is that bytes as a function of what has run are submodular: two sets together hold no more than
their union and their common part do. Let one state be reached from another without going beyond the figure, and let
it hold the fewest bytes of all that lie between the two. Then every way from the first can be led over the second
without going higher; what a node takes while it runs only falls as more has run, also where it works in place. So
whenever the search comes down to as few bytes as it had further up on its way, it takes the least state in between,
and forgets what it left aside since (`_fewest_between`). A single macro that leaves no more than there was is the
simplest case, and runs at once (`StateSpace.settle`). The argument is ours; Liu's hills and valleys on trees
(J. W. H. Liu, SIAM J. Algebraic Discrete Methods 8, 1987) are its special case.
"""

import heapq
from dataclasses import dataclass
from time import process_time

from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.states import State, StateSpace, moves_since, numbers

#: Sets that are looked at to find where a way held the fewest bytes; beyond, nothing is forgotten (ours).
MOST_BETWEEN = 1000

#: States between two looks at the clock (ours).
_GLANCE = 256


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
        self._states = StateSpace(problem)
        self._level = max(floor, problem.given)

    def solve(self, seconds: float = float("inf"), most_states: int = 5_000_000) -> Found:
        """Search until the least peak is proved, for so many CPU seconds, or over so many states (2 GB at most)."""
        states, waiting = self._states, _Waiting()
        waiting.add(self._level, states.first())
        looked_at, end = 0, process_time() + seconds
        while True:
            level, state = waiting.take()
            looked_at += 1
            if looked_at > most_states or (looked_at % _GLANCE == 0 and process_time() > end):
                return Found(None, level, looked_at)
            if states.settle(state, level) and not waiting.is_new(state.done, level):
                continue
            if state.done == states.everything:
                return Found(tuple(moves_since(None, state)), level, looked_at)
            replaced = _highest_not_below(state)
            fewest = self._fewest_between(replaced, state) if replaced is not None else None
            if replaced is not None and fewest is not None:
                waiting.forget_since(replaced)
                state = fewest
            waiting.mark(state, level)
            for macro in numbers(state.ready):
                step = states.run(macro, state.done)
                reached = max(level, state.live + step.peak)
                done = state.done | 1 << macro
                if waiting.is_new(done, reached):
                    ready, above = states.ready(state.ready, macro, done), state if reached == level else None
                    waiting.add(reached, State(done, state.live + step.net, ready, (macro,), state, above))

    def _fewest_between(self, above: State, below: State) -> State | None:
        """The state of the fewest bytes among all that have run what `above` has and nothing that `below` has not.

        Of equals the one that has run most. None where there are too many to look at.
        """
        moves = moves_since(above, below)
        within = below.done
        live, frontier = {above.done: above.live}, [(above.done, above.ready)]
        for done, ready in frontier:
            for macro in numbers(ready & within):
                more = done | 1 << macro
                if more not in live:
                    live[more] = live[done] + self._states.run(macro, done).net
                    frontier.append((more, self._states.ready(ready, macro, more)))
            if len(live) > MOST_BETWEEN:
                return None
        least = min(live.values())
        done, ready = next((done, ready) for done, ready in reversed(frontier) if live[done] == least)
        kept = tuple(macro for macro in moves if done >> macro & 1)
        return State(done, least, ready, kept, above, above.above)


class _Waiting:
    """States that were reached and not yet looked at, by the peak on the way there, and what was reached when."""

    def __init__(self) -> None:
        self._stacks: dict[int, list[State]] = {}
        self._levels: list[int] = []
        self._peak_of: dict[int, int] = {}
        self._log: list[tuple[int, int | None]] = []
        self._count = 0

    def is_new(self, done: int, level: int) -> bool:
        """Whether nothing as good was reached."""
        known = self._peak_of.get(done)
        return known is None or known > level

    def add(self, level: int, state: State) -> None:
        """Put a state on the stack of its level."""
        self._note(state, level)
        if level not in self._stacks:
            self._stacks[level] = []
            heapq.heappush(self._levels, level)
        self._stacks[level].append(state)

    def take(self) -> tuple[int, State]:
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

    def mark(self, state: State, level: int) -> None:
        """Remember when a state was looked at, under what it has become."""
        self._note(state, level)
        state.log_length = len(self._log)

    def forget_since(self, state: State) -> None:
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

    def _note(self, state: State, level: int) -> None:
        self._count += 1
        state.serial = self._count
        self._log.append((state.done, self._peak_of.get(state.done)))
        self._peak_of[state.done] = level


def _highest_not_below(state: State) -> State | None:
    """The state furthest up on the way here, within this level, that holds no fewer bytes than there are now."""
    found, above = None, state.above
    while above is not None and above.live >= state.live:
        found, above = above, above.above
    return found
