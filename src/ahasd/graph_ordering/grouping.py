"""Nodes that run back to back because someone says so, as macros."""

from collections.abc import Sequence

from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.macro import Segment, Segments, compressed
from ahasd.graph_ordering.problem import OrderingProblem


def grouped(problem: OrderingProblem, groups: Sequence[Sequence[int]]) -> FusedProblem:
    """Every group as one macro that runs its nodes in their order.

    Parameters
    ----------
    groups
        Nodes, each in one group; groups must not wait for each other in a circle.
    """
    group_of = {node: number for number, nodes in enumerate(groups) for node in nodes}
    users = [frozenset(group_of[user] for user in block.users) for block in problem.blocks]
    inner = [
        len(using) == 1 and (block.maker is None or group_of[block.maker] in using)
        for block, using in zip(problem.blocks, users, strict=True)
    ]
    after = [{group_of[other] for node in nodes for other in problem.successors[node]} for nodes in groups]
    before = [{group_of[other] for node in nodes for other in problem.predecessors[node]} for nodes in groups]
    return FusedProblem(
        tuple(_segments(problem, nodes, inner) for nodes in groups),
        tuple(map(tuple, groups)),
        tuple(frozenset(others - {number}) for number, others in enumerate(after)),
        tuple(frozenset(others - {number}) for number, others in enumerate(before)),
        tuple(block.bytes for block in problem.blocks),
        tuple(users),
        sum(block.bytes for block in problem.blocks if block.maker is None),
    )


def _segments(problem: OrderingProblem, nodes: Sequence[int], inner: Sequence[bool]) -> Segments:
    """What a group takes and gives back along the way."""
    step = {node: place for place, node in enumerate(nodes)}
    taken, net = [0] * len(nodes), [0] * len(nodes)
    freed: list[list[int]] = [[] for _ in nodes]
    for number, block in enumerate(problem.blocks):
        if block.maker in step:
            place = step[block.maker]
            taken[place] += block.bytes
            net[place] += block.bytes if block.users or block.kept else 0
        using = [step[user] for user in block.users if user in step]
        if using and not block.kept:
            freed[max(using)].append(number)
    found = []
    for place, node in enumerate(nodes):
        certain = {number for number in freed[place] if inner[number]}
        overwritten = tuple(number for number in problem.overwritten.get(node, ()) if number in freed[place])
        in_place = taken[place] - (problem.blocks[overwritten[0]].bytes if overwritten else 0)
        peak = taken[place]
        if not certain.isdisjoint(overwritten):
            peak, overwritten = in_place, ()
        left = net[place] - sum(problem.blocks[number].bytes for number in certain)
        maybe = tuple(number for number in freed[place] if number not in certain)
        found.append(Segment(peak, left, maybe, overwritten, in_place))
    return compressed(found)
