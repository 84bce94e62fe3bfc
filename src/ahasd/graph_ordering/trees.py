"""The least peak on trees by hills and valleys (J. W. H. Liu, SIAM J. Algebraic Discrete Methods 8, 1987).

A tree here: every node makes values that one other node at most reads, and nothing is given from outside. A run of a
subtree is cut where as little lives as ever will again; the parts between, each with its highest point (hill) and
what it leaves (valley), are merged with those of the other subtrees by how far they come down.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.graph_ordering.problem import OrderingProblem


class Part(NamedTuple):
    """A part of a run: its highest point, what it leaves, both over what lived before the run; and its nodes."""

    hill: int
    valley: int
    nodes: tuple[int, ...]


def hills_and_valleys(problem: OrderingProblem) -> list[int]:
    """Order a tree, or several.

    Raises
    ------
    AhasdError
        It is none.
    """
    made, kept = [0] * problem.nodes, [0] * problem.nodes
    for block in problem.blocks:
        if block.maker is None or len(block.users) > 1:
            raise AhasdError(
                f"the method 'liu' is for trees, in which nothing is given and a value has one reader; {block.name} "
                f"{'is given' if block.maker is None else f'has {len(block.users)}'}; use exact"
            )
        made[block.maker] += block.bytes
        if block.users or block.kept:
            kept[block.maker] += block.bytes
    for node, others in enumerate(problem.successors):
        if len(others) > 1:
            raise AhasdError(
                f"the method 'liu' is for trees, and {problem.names[node]} has {len(others)} readers"
            )
    if problem.overwritten:
        raise AhasdError(
            "the method 'liu' counts every value apart; leave out --aliases in-place, or use exact"
        )
    stays = [0] * problem.nodes  # of what children make, for ever
    for block in problem.blocks:
        if block.kept and block.maker is not None:
            stays[block.maker] += block.bytes
    runs: dict[int, list[Part]] = {}
    for node in range(problem.nodes):
        below = _merged([runs.pop(child) for child in sorted(problem.predecessors[node])])
        live = below[-1].valley if below else 0
        freed = sum(kept[child] - stays[child] for child in problem.predecessors[node])
        runs[node] = _cut([*below, Part(live + made[node], live + kept[node] - freed, (node,))])
    return [node for part in _merged(list(runs.values())) for node in part.nodes]


def _merged(runs: list[list[Part]]) -> list[Part]:
    """Parts of several runs in one: those that come down furthest first."""
    steps = []
    for number, run in enumerate(runs):
        before = 0
        for place, part in enumerate(run):
            steps.append((part.valley - part.hill, number, place, part, before))
            before = part.valley
    live, found = 0, []
    for _, _, _, part, before in sorted(steps, key=lambda step: step[:3]):
        found.append(Part(live + part.hill - before, live + part.valley - before, part.nodes))
        live += part.valley - before
    return found


def _cut(parts: Iterable[Part]) -> list[Part]:
    """Join parts until hills fall and valleys rise from each to the next."""
    found: list[Part] = []
    for part in parts:
        while found and (part.hill >= found[-1].hill or part.valley <= found[-1].valley):
            before = found.pop()
            part = Part(max(before.hill, part.hill), part.valley, before.nodes + part.nodes)
        found.append(part)
    return found
