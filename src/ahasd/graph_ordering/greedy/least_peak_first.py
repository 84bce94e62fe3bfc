"""The order that takes the node first that lets the fewest bytes live, as far as one step can see."""

from ahasd.graph_ordering.problem import OrderingProblem


def least_peak_first(problem: OrderingProblem) -> list[int]:
    """Of the nodes that stay below the peak so far, the one that leaves the fewest bytes; else the smallest.

    The rule LPMF of `topological_sort_lpmf` in PyTorch's `torch/_inductor/memory.py` (2.13), which takes it from
    "Buffer memory optimization for video codec application modeled in Simulink", DAC 2006.
    """
    made, missing = [0] * problem.nodes, [len(nodes) for nodes in problem.predecessors]
    read: list[list[int]] = [[] for _ in range(problem.nodes)]
    freed = [0] * problem.nodes
    pending = [len(block.users) + block.kept for block in problem.blocks]
    for number, block in enumerate(problem.blocks):
        if block.maker is not None:
            made[block.maker] += block.bytes
            if not pending[number]:
                freed[block.maker] += block.bytes
        for user in block.users:
            read[user].append(number)
            if pending[number] == 1:
                freed[user] += block.bytes
    live = sum(block.bytes for block in problem.blocks if block.maker is None)
    peak = max(live, sum(block.bytes for block in problem.blocks if block.kept))
    ready = {node for node, count in enumerate(missing) if not count}
    order: list[int] = []
    while ready:
        gap = peak - live
        node = min(ready, key=lambda n: (made[n] if made[n] > gap else 0, made[n] - freed[n], n))
        ready.discard(node)
        order.append(node)
        live += made[node]
        peak = max(peak, live)
        live -= freed[node]
        for other in problem.successors[node]:
            missing[other] -= 1
            if not missing[other]:
                ready.add(other)
        for number in read[node]:
            pending[number] -= 1
            if pending[number] == 1:
                for user in problem.blocks[number].users:
                    freed[user] += problem.blocks[number].bytes
    return order
