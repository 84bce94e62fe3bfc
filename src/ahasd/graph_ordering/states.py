"""Sets of macros that have run, and what running one more does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.macro import Run, run


@dataclass(slots=True)
class State:
    """What has run, and how it came to that.

    Attributes
    ----------
    done, ready
        Macros that have run, and those that can run next, as bits.
    live
        Bytes that live.
    moves, origin
        What ran last, and the state before that.
    above
        The state before it that was reached at the same peak.
    serial, log_length
        Where the search was when it put the state aside or looked at it.
    """

    done: int
    live: int
    ready: int
    moves: tuple[int, ...]
    origin: "State | None"
    above: "State | None" = None
    serial: int = 0
    log_length: int = 0


class StateSpace:
    """All states of a problem, made as they are asked for."""

    def __init__(self, problem: FusedProblem) -> None:
        self._problem = problem
        self._size = list(problem.size)
        self._needed = [bits(nodes) for nodes in problem.predecessors]
        self._users = [bits(nodes) for nodes in problem.users]
        self._after = [tuple(nodes) for nodes in problem.successors]
        outside = [{b for segment in segments for b in segment.freed} for segments in problem.segments]
        self._relevant = [
            _union(self._users[block] for block in blocks) & ~(1 << macro)
            for macro, blocks in enumerate(outside)
        ]
        self._runs: list[dict[int, Run]] = [{} for _ in outside]

    @property
    def everything(self) -> int:
        """All macros, as bits."""
        return (1 << len(self._needed)) - 1

    def first(self) -> State:
        """Nothing has run."""
        ready = bits(macro for macro, needed in enumerate(self._needed) if not needed)
        return State(0, self._problem.given, ready, (), None)

    def run(self, macro: int, done: int) -> Run:
        """What a macro does to the bytes that live when these have run."""
        relevant = done & self._relevant[macro]
        found = self._runs[macro].get(relevant)
        if found is None:
            ran = done | 1 << macro
            found = run(
                self._problem.segments[macro], self._size, lambda block: not self._users[block] & ~ran
            )
            self._runs[macro][relevant] = found
        return found

    def ready(self, ready: int, macro: int, done: int) -> int:
        """What can run after a macro, `done` holding it already."""
        ready &= ~(1 << macro)
        for other in self._after[macro]:
            if not self._needed[other] & ~done:
                ready |= 1 << other
        return ready

    def settle(self, state: State, level: int) -> bool:
        """Run what can run without going beyond the level and leaves no more than there is; say if anything did."""
        moves = []
        again = True
        while again:
            again = False
            for macro in numbers(state.ready):
                step = self.run(macro, state.done)
                if step.net <= 0 and state.live + step.peak <= level:
                    state.done |= 1 << macro
                    state.live += step.net
                    state.ready = self.ready(state.ready, macro, state.done)
                    moves.append(macro)
                    again = True
        state.moves += tuple(moves)
        return bool(moves)


def walk(problem: FusedProblem, order: Sequence[int]) -> tuple[list[int], list[int]]:
    """By step: the most that lives during it, and what lives before it."""
    states, live, done = StateSpace(problem), problem.given, 0
    peaks, before = [], []
    for macro in order:
        step = states.run(macro, done)
        before.append(live)
        peaks.append(live + step.peak)
        live, done = live + step.net, done | 1 << macro
    return peaks, before


def moves_since(above: State | None, below: State) -> list[int]:
    """What ran from one state, or from the beginning, to another further down."""
    parts: list[tuple[int, ...]] = []
    state: State | None = below
    while state is not None and state is not above:
        parts.append(state.moves)
        state = state.origin
    return [macro for moves in reversed(parts) for macro in moves]


def bits(numbers: Iterable[int]) -> int:
    """Numbers as the bits of a mask."""
    return _union(1 << number for number in numbers)


def numbers(mask: int) -> list[int]:
    """The numbers of the bits of a mask, ascending."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
