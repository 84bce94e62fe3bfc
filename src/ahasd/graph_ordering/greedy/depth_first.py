"""Orders that follow one branch to its end before the next."""

from collections.abc import Callable, Iterable

from ahasd.graph_ordering.problem import OrderingProblem


def reverse_post_order(problem: OrderingProblem) -> list[int]:
    """The reverse of the order in which a walk along successors, in the given order, leaves nodes.

    What compilers mean by RPO, and what TFLite and HMCOS's authors measure against (HMCOS, DAC 2022).
    """
    left = _post_order(range(problem.nodes), lambda node: sorted(problem.successors[node]))
    return left[::-1]


def smallest_first(problem: OrderingProblem) -> list[int]:
    """Each node right after all that it needs; of several, those that read and write the fewest bytes first.

    The rule of `topological_sort_dfs` in PyTorch's `torch/_inductor/memory.py` (2.13).
    """
    around = [0] * problem.nodes
    for block in problem.blocks:
        for node in {*block.users, *(() if block.maker is None else (block.maker,))}:
            around[node] += block.bytes

    def rank(node: int) -> tuple[int, int]:
        return around[node], node

    return _post_order(
        sorted(range(problem.nodes), key=rank), lambda node: sorted(problem.predecessors[node], key=rank)
    )


def _post_order(roots: Iterable[int], following: Callable[[int], list[int]]) -> list[int]:
    """Nodes in the order in which a depth-first walk leaves them; without recursion, since chains are long."""
    left: list[int] = []
    seen: set[int] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        way = [(root, iter(following(root)))]
        while way:
            node, others = way[-1]
            further = next((other for other in others if other not in seen), None)
            if further is None:
                left.append(node)
                way.pop()
            else:
                seen.add(further)
                way.append((further, iter(following(further))))
    return left
