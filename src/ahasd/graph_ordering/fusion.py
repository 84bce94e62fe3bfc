"""Joining nodes that may run back to back in an order of the least peak; the least peak stays what it is.

Two rules, applied until neither applies; m and w are macros, and w is the only successor of m.

Eager: w reads nothing but what m makes, leaves no more than it found, and right after m does not go beyond m's own
peak. Then w may run right after m: it never costs anything there.

Lazy: m leaves no less than it found even if all that it reads is given back, and w right after it goes at least as
far as m's peak. Then m may wait until right before w: it never helps earlier.

Both compare the worst case over all that may have run before: the bytes that a macro leaves only fall as more has
run, and its peak falls by no more. That holds in place, too: a block that is given back takes its bytes off what is
left, and off the peak at most as many, where it is overwritten. And a node that runs before m, since m waits, and
could have overwritten what m reads as well, loses no more by that than m would have left.

The rules are ours; of its own, arXiv 2308.13898 says in public only that the optimum is preserved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahasd.graph_ordering.macro import Segment, Segments, joined, run
from ahasd.graph_ordering.problem import OrderingProblem

#: A binary tree of node numbers, in order of execution: joining two of them is one step.
_Nodes = int | tuple["_Nodes", "_Nodes"]


@dataclass(frozen=True, slots=True)
class FusedProblem:
    """Macros, the blocks that cross from one to another, and what runs before what.

    Attributes
    ----------
    segments
        By macro.
    members
        By macro: its nodes in order.
    successors
        By macro.
    predecessors
        By macro.
    size
        Bytes by block.
    users
        By block: the macros that use it.
    given
        Bytes that live before anything runs.
    """

    segments: tuple[Segments, ...]
    members: tuple[tuple[int, ...], ...]
    successors: tuple[frozenset[int], ...]
    predecessors: tuple[frozenset[int], ...]
    size: tuple[int, ...]
    users: tuple[frozenset[int], ...]
    given: int

    def order(self, macros: Sequence[int]) -> list[int]:
        """The nodes of macros that run one after the other."""
        return [node for macro in macros for node in self.members[macro]]


def unfused(problem: OrderingProblem) -> FusedProblem:
    """Every node as a macro of its own."""
    return _Fusion(problem).result()


def fuse(problem: OrderingProblem) -> FusedProblem:
    """Apply both rules until neither applies."""
    fusion = _Fusion(problem)
    fusion.exhaust()
    return fusion.result()


class _Fusion:
    """Macros under way, named by their first node."""

    def __init__(self, problem: OrderingProblem) -> None:
        blocks = problem.blocks
        self._given = sum(block.bytes for block in blocks if block.maker is None)
        self._size = [block.bytes for block in blocks]
        self._users = [set(block.users) for block in blocks]
        self._maker = [block.maker for block in blocks]
        self._made: dict[int, list[int]] = {node: [] for node in range(problem.nodes)}
        self._after = [set(nodes) for nodes in problem.successors]
        self._before = [set(nodes) for nodes in problem.predecessors]
        self._nodes: dict[int, _Nodes] = {node: node for node in range(problem.nodes)}
        net = [0] * problem.nodes
        taken = [0] * problem.nodes
        read: list[list[int]] = [[] for _ in range(problem.nodes)]
        for number, block in enumerate(blocks):
            if block.maker is not None:
                self._made[block.maker].append(number)
                taken[block.maker] += block.bytes
                if block.users or block.kept:
                    net[block.maker] += block.bytes
            if not block.kept:
                for user in block.users:
                    read[user].append(number)
        self._segments: dict[int, Segments] = {}
        for node in range(problem.nodes):
            overwritten = problem.overwritten.get(node, ())
            saved = self._size[overwritten[0]] if overwritten else 0
            self._segments[node] = (
                Segment(taken[node], net[node], tuple(read[node]), overwritten, taken[node] - saved),
            )

    def exhaust(self) -> None:
        """Join what may be joined until nothing is left."""
        waiting = dict.fromkeys(self._segments)
        while waiting:
            macro, _ = waiting.popitem()
            pair = self._pair(macro) if macro in self._segments else None
            if pair is not None:
                self._join(*pair)
                first = pair[0]
                waiting.update(dict.fromkeys((first, *self._before[first], *self._after[first])))

    def result(self) -> FusedProblem:
        """What there is now, its macros numbered anew."""
        number = {macro: place for place, macro in enumerate(self._segments)}
        crossing = sorted({block for macro in number for block in self._outside(macro)})
        place = {block: index for index, block in enumerate(crossing)}
        return FusedProblem(
            tuple(
                tuple(
                    segment._replace(
                        freed=tuple(place[block] for block in segment.freed),
                        overwritten=tuple(place[block] for block in segment.overwritten),
                    )
                    for segment in segments
                )
                for segments in self._segments.values()
            ),
            tuple(_flat(self._nodes[macro]) for macro in number),
            tuple(frozenset(number[other] for other in self._after[macro]) for macro in number),
            tuple(frozenset(number[other] for other in self._before[macro]) for macro in number),
            tuple(self._size[block] for block in crossing),
            tuple(frozenset(number[macro] for macro in self._users[block]) for block in crossing),
            self._given,
        )

    def _pair(self, macro: int) -> tuple[int, int] | None:
        """Two that may be joined, one of which it is."""
        for first in (macro, *self._before[macro]):
            if len(self._after[first]) == 1:
                (second,) = self._after[first]
                if self._eager(first, second) or self._lazy(first, second):
                    return first, second
        return None

    def _eager(self, first: int, second: int) -> bool:
        if len(self._before[second]) > 1 or any(self._maker[b] != first for b in self._outside(second)):
            return False
        now = run(self._segments[first], self._size, lambda block: self._users[block] == {first})
        then = run(self._segments[second], self._size, lambda block: True)
        return now.net + then.peak <= now.peak and then.net <= 0

    def _lazy(self, first: int, second: int) -> bool:
        now = run(self._segments[first], self._size, lambda block: True)
        then = run(self._segments[second], self._size, lambda block: True)
        return now.net >= 0 and now.net + then.peak >= now.peak

    def _outside(self, macro: int) -> Iterator[int]:
        return (block for segment in self._segments[macro] for block in segment.freed)

    def _join(self, first: int, second: int) -> None:
        read = {*self._outside(first), *self._outside(second)}
        for block in self._made.pop(second):
            self._maker[block] = first
            self._made[first].append(block)
        for block in read:
            if second in self._users[block]:
                self._users[block].discard(second)
                self._users[block].add(first)
        inner = {b for b in read if self._users[b] == {first} and self._maker[b] in (first, None)}
        self._segments[first] = joined(self._segments[first], self._segments.pop(second), self._size, inner)
        for other in self._before[second] - {first}:
            self._after[other].discard(second)
            self._after[other].add(first)
        self._before[first] |= self._before[second] - {first}
        self._after[first] = self._after[second]
        for other in self._after[first]:
            self._before[other].discard(second)
            self._before[other].add(first)
        self._nodes[first] = (self._nodes[first], self._nodes.pop(second))


def _flat(nodes: _Nodes) -> tuple[int, ...]:
    found, waiting = [], [nodes]
    while waiting:
        part = waiting.pop()
        if isinstance(part, int):
            found.append(part)
        else:
            waiting += (part[1], part[0])
    return tuple(found)
