"""The order that takes the node first whose needs were met first."""

import heapq

from ahasd.graph_ordering.problem import OrderingProblem


def earliest_needs_first(problem: OrderingProblem) -> list[int]:
    """Of the nodes that can run, the one whose predecessors ran the earliest, compared one after the other.

    The rule of `topological_sort_bfs` in PyTorch's `torch/_inductor/memory.py` (2.13).
    """
    missing = [len(nodes) for nodes in problem.predecessors]
    step = [0] * problem.nodes
    waiting: list[tuple[list[int], int]] = [([], node) for node, count in enumerate(missing) if not count]
    order: list[int] = []
    while waiting:
        _, node = heapq.heappop(waiting)
        step[node] = len(order)
        order.append(node)
        for other in problem.successors[node]:
            missing[other] -= 1
            if not missing[other]:
                met = sorted(step[earlier] for earlier in problem.predecessors[other])
                heapq.heappush(waiting, (met, other))
    return order
