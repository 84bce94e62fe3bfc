"""An order found from coarse to fine: a baseline like HMCOS (Wang et al., DAC 2022).

Public of it: it joins sequences, groups what belongs together, orders the groups exactly, and ungroups again and
again where the peak lies. How it groups and what runs inside a group is ours: a group is a node with several
predecessors and all whose results only lead to it, groups of groups included, and its members run in reverse
post-order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahasd.graph_ordering.exact import Search
from ahasd.graph_ordering.greedy.depth_first import reverse_post_order
from ahasd.graph_ordering.grouping import grouped
from ahasd.graph_ordering.peak import live_bytes
from ahasd.graph_ordering.problem import OrderingProblem

#: States that the search over groups looks at, at most (ours).
MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Item:
    """A node, or a group of items that run one after the other."""

    node: int | None
    members: tuple["Item", ...] = ()

    @property
    def nodes(self) -> Iterator[int]:
        """Nodes in order."""
        if self.node is not None:
            yield self.node
        for member in self.members:
            yield from member.nodes


def hierarchical(problem: OrderingProblem) -> list[int]:
    """Order nodes; the lowest peak of all that was seen while ungrouping."""
    position = [0] * problem.nodes
    for step, node in enumerate(reverse_post_order(problem)):
        position[node] = step
    items = [Item(node) for node in range(problem.nodes)]
    while len(coarser := _coarser(problem, items, position)) < len(items):
        items = coarser
    best, least = sorted(range(problem.nodes), key=position.__getitem__), None
    while True:
        order = _ordered(problem, items)
        if order is None:
            return best
        live = live_bytes(problem, order)
        if least is None or live.peak < least:
            best, least = order, live.peak
        at_peak = order[live.peak_step] if order else None
        item = next((item for item in items if item.members and at_peak in set(item.nodes)), None)
        if item is None:
            return best
        place = items.index(item)
        items = [*items[:place], *item.members, *items[place + 1 :]]


def _ordered(problem: OrderingProblem, items: Sequence[Item]) -> list[int] | None:
    """The best order of items; None where too many states had to be looked at."""
    macros = grouped(problem, [list(item.nodes) for item in items])
    found = Search(macros).solve(most_states=MOST_STATES)
    return None if found.macros is None else macros.order(found.macros)


def _coarser(problem: OrderingProblem, items: Sequence[Item], position: Sequence[int]) -> list[Item]:
    """One level up: sequences joined, or where there are none, groups."""
    item_of = {node: number for number, item in enumerate(items) for node in item.nodes}
    after: list[set[int]] = [set() for _ in items]
    before: list[set[int]] = [set() for _ in items]
    for node in range(problem.nodes):
        for other in problem.successors[node]:
            if item_of[node] != item_of[other]:
                after[item_of[node]].add(item_of[other])
                before[item_of[other]].add(item_of[node])
    joined = _sequences(after, before) or _groups(
        after, before, [max(position[n] for n in i.nodes) for i in items]
    )
    taken = {number for numbers in joined for number in numbers}
    rest = [item for number, item in enumerate(items) if number not in taken]
    return [*rest, *(Item(None, tuple(items[number] for number in numbers)) for numbers in joined)]


def _sequences(after: Sequence[set[int]], before: Sequence[set[int]]) -> list[list[int]]:
    """Items that follow each other without a branch."""

    def follows(number: int) -> int | None:
        """The one before, if both only know each other."""
        if len(before[number]) != 1:
            return None
        (earlier,) = before[number]
        return earlier if len(after[earlier]) == 1 else None

    following = {earlier: number for number in range(len(after)) if (earlier := follows(number)) is not None}
    found = []
    for number in range(len(after)):
        if number in following and follows(number) is None:
            chain = [number]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            found.append(chain)
    return found


def _groups(
    after: Sequence[set[int]], before: Sequence[set[int]], position: Sequence[int]
) -> list[list[int]]:
    """Where several meet: it, and all whose results only lead to it."""
    taken: set[int] = set()
    found = []
    for number in sorted(range(len(after)), key=position.__getitem__):
        if len(before[number]) < 2 or number in taken:
            continue
        group, waiting = {number}, list(before[number])
        while waiting:
            other = waiting.pop()
            if other not in group and other not in taken and after[other] <= group:
                group.add(other)
                waiting += before[other]
        if len(group) > 1:
            taken |= group
            found.append(_in_order(group, before, position))
    return found


def _in_order(group: set[int], before: Sequence[set[int]], position: Sequence[int]) -> list[int]:
    """Members after what they wait for, else by position."""
    order: list[int] = []
    while len(order) < len(group):
        ready = [n for n in group if n not in order and before[n] & group <= set(order)]
        order.append(min(ready, key=position.__getitem__))
    return order
