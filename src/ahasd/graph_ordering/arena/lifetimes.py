"""From when to when memory is taken in an order."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.graph_ordering.peak import check_order, last_steps, overwrites
from ahasd.graph_ordering.problem import OrderingProblem


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A stretch of steps during which a piece of memory is taken.

    Attributes
    ----------
    names
        Of the blocks that lie there one after the other, each overwriting the one before.
    bytes
        What each of them takes.
    first, last
        Steps, both included.
    """

    names: tuple[str, ...]
    bytes: int
    first: int
    last: int


def lifetimes(problem: OrderingProblem, order: Sequence[int]) -> list[Lifetime]:
    """Read them off an order; empty blocks have none.

    Raises
    ------
    AhasdError
        The order is none.
    """
    step = check_order(problem, order)
    end = [
        problem.nodes - 1 if block.kept else last
        for block, last in zip(problem.blocks, last_steps(problem, step), strict=True)
    ]
    made = {block.maker: number for number, block in enumerate(problem.blocks) if block.maker is not None}
    follows = {number: made[node] for node, number in overwrites(problem, step).items()}
    overwriting = set(follows.values())
    found = []
    for number, block in enumerate(problem.blocks):
        if number in overwriting or not block.bytes:
            continue
        chain = [number]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        first = 0 if block.maker is None else step[block.maker]
        names = tuple(problem.blocks[place].name for place in chain)
        found.append(Lifetime(names, block.bytes, first, end[chain[-1]]))
    return found


def together(taken: Sequence[Lifetime]) -> list[list[int]]:
    """By lifetime: numbers of the others that share a step with it."""
    shared: list[list[int]] = [[] for _ in taken]
    living: list[int] = []
    for number in sorted(range(len(taken)), key=lambda place: taken[place].first):
        living = [other for other in living if taken[other].last >= taken[number].first]
        for other in living:
            shared[number].append(other)
            shared[other].append(number)
        living.append(number)
    return shared
