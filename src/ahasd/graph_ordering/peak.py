"""How many bytes live at every step of an order."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.graph_ordering.problem import Block, OrderingProblem


@dataclass(frozen=True, slots=True)
class LiveBytes:
    """The staircase of an order.

    Attributes
    ----------
    during
        By step: bytes that live while its node runs, what it reads and what it makes among them.
    after
        By step: bytes that live once it has run.
    """

    during: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def peak(self) -> int:
        """The most bytes that live at any step."""
        return max(self.during, default=0)

    @property
    def peak_step(self) -> int:
        """The first step at which so many live."""
        return self.during.index(self.peak)


def live_bytes(problem: OrderingProblem, order: Sequence[int]) -> LiveBytes:
    """Count what lives at every step.

    Raises
    ------
    AhasdError
        The order is none: a node is missing, is there twice, or runs before another whose result it reads.
    """
    step = check_order(problem, order)
    taken, freed, saved = [0] * len(order), [0] * len(order), [0] * len(order)
    last = last_steps(problem, step)
    live = 0
    for block, end in zip(problem.blocks, last, strict=True):
        if block.maker is None:
            live += block.bytes
        else:
            taken[step[block.maker]] += block.bytes
        if not block.kept:
            freed[end] += block.bytes
    for node, number in overwrites(problem, step).items():
        saved[step[node]] = problem.blocks[number].bytes
    during, after = [], []
    for took, gave, spared in zip(taken, freed, saved, strict=True):
        live += took
        during.append(live - spared)
        live -= gave
        after.append(live)
    return LiveBytes(tuple(during), tuple(after))


def overwrites(problem: OrderingProblem, step: Sequence[int]) -> dict[int, int]:
    """The block that each node that works in place overwrites.

    Parameters
    ----------
    step
        Of every node.
    """
    last = last_steps(problem, step)
    found = {}
    for node, numbers in problem.overwritten.items():
        dying = next((number for number in numbers if last[number] == step[node]), None)
        if dying is not None:
            found[node] = dying
    return found


def last_steps(problem: OrderingProblem, step: Sequence[int]) -> list[int]:
    """By block: the step of its last user, else of its maker."""
    return [
        max((step[user] for user in block.users), default=step[block.maker or 0]) for block in problem.blocks
    ]


def blocks_at(problem: OrderingProblem, order: Sequence[int], step: int) -> list[Block]:
    """The blocks that live while the node of a step runs, the largest first; one that it overwrites is not there."""
    place = check_order(problem, order)
    gone = overwrites(problem, place).get(order[step])
    living = []
    for number, (block, last) in enumerate(zip(problem.blocks, last_steps(problem, place), strict=True)):
        begin = 0 if block.maker is None else place[block.maker]
        if begin <= step and (block.kept or step <= last) and number != gone:
            living.append(block)
    return sorted(living, key=lambda block: (-block.bytes, block.name))


def check_order(problem: OrderingProblem, order: Sequence[int]) -> list[int]:
    """Return the step of every node.

    Raises
    ------
    AhasdError
        The order is none.
    """
    if sorted(order) != list(range(problem.nodes)):
        raise AhasdError(f"an order of {problem.nodes} nodes names each of them once")
    step = [0] * problem.nodes
    for place, node in enumerate(order):
        step[node] = place
    for node, earlier in enumerate(problem.predecessors):
        for other in earlier:
            if step[other] > step[node]:
                raise AhasdError(
                    f"{problem.names[node]} runs before {problem.names[other]}, whose result it reads"
                )
    return step


def least_possible(problem: OrderingProblem) -> int:
    """A bound that no order goes below: what a node reads and makes, with all that always lives, is there at once."""
    always = [0] * problem.nodes
    for block in problem.blocks:
        around = set(block.users) | ({block.maker} if block.maker is not None else set())
        for node in around:
            always[node] += block.bytes
    for node, numbers in problem.overwritten.items():
        always[node] -= problem.blocks[numbers[0]].bytes
    given = sum(block.bytes for block in problem.blocks if block.maker is None)
    kept = sum(block.bytes for block in problem.blocks if block.kept)
    return max([*always, given, kept], default=0)
