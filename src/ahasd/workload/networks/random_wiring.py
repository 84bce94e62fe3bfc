"""RandWire: stages wired at random (Xie et al., arXiv 1904.01569)."""

import random

from ahasd.workload import vector_counts
from ahasd.workload.blocks.convolution import Window, separable
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.networks.cells import PRECISION


def watts_strogatz(nodes: int, neighbours: int, rewired: float, seed: int) -> list[tuple[int, int]]:
    """Edges of a random graph, each from the lower to the higher number.

    A ring whose nodes are joined to as many neighbours, half on each side; the other end of every edge is then moved
    with a probability to any node that it is not joined to (Watts and Strogatz, Nature 393, 1998).
    """
    rng = random.Random(seed)
    joined: list[set[int]] = [set() for _ in range(nodes)]

    def join(one: int, other: int) -> None:
        joined[one].add(other)
        joined[other].add(one)

    for distance in range(1, neighbours // 2 + 1):
        for node in range(nodes):
            join(node, (node + distance) % nodes)
    for distance in range(1, neighbours // 2 + 1):
        for node in range(nodes):
            other = (node + distance) % nodes
            if rng.random() < rewired and len(joined[node]) < nodes - 1 and other in joined[node]:
                target = rng.choice([n for n in range(nodes) if n != node and n not in joined[node]])
                joined[node].discard(other)
                joined[other].discard(node)
                join(node, target)
    return sorted((one, other) for one in range(nodes) for other in joined[one] if one < other)


def random_wiring(
    seed: int = 0,
    nodes: int = 32,
    neighbours: int = 4,
    rewired: float = 0.75,
    stages: int = 3,
    channels: int = 78,
    size: int = 32,
) -> Graph:
    """Build a network of stages, each of which halves the resolution and, but the first, doubles the channels.

    A node sums what it reads, weighted, and does a separable convolution; one that reads nothing reads the stage's
    input with stride 2, those that nobody reads are averaged. Stages of WS(32, 4, 0.75) with 78 channels are the
    paper's for CIFAR-like sizes.
    """
    graph = GraphBuilder(PRECISION)
    x = graph.input("x", (size, size, channels))
    for stage in range(stages):
        width = channels * 2**stage
        edges = watts_strogatz(nodes, neighbours, rewired, seed + stage)
        x = _stage(graph, f"stage{stage}", x, nodes, edges, width)
    return graph.graph(x)


def _stage(
    graph: GraphBuilder, name: str, x: str, nodes: int, edges: list[tuple[int, int]], width: int
) -> str:
    reads: list[list[int]] = [[] for _ in range(nodes)]
    for source, target in edges:
        reads[target].append(source)
    made: list[str] = []
    for node in range(nodes):
        label = f"{name}.node{node}"
        if not reads[node]:
            made.append(separable(graph, label, x, width, Window((3, 3), 2, 1)))
            continue
        inputs = tuple(made[source] for source in reads[node])
        y = inputs[0]
        if len(inputs) > 1:
            y = graph.vector(
                f"{label}.add", inputs, vector_counts.WEIGHTED_SUM * len(inputs) * graph.elements(y)
            )
        made.append(separable(graph, label, y, width, Window((3, 3), 1, 1)))
    read = {source for source, _ in edges}
    last = tuple(made[node] for node in range(nodes) if node not in read)
    if len(last) == 1:
        return last[0]
    mean = vector_counts.WEIGHTED_SUM * len(last) * graph.elements(last[0])
    return graph.vector(f"{name}.add", last, mean)
