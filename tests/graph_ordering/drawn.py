"""Graphs drawn at random, and the least peak of all their orders by looking at every set of nodes."""

import random
from functools import cache
from pathlib import Path

from ahasd.graph_ordering.problem import OrderingProblem, ordering_problem
from ahasd.workload.graph import Graph, Node
from ahasd.workload.readers.graphs.graph_json import read_graph_json
from ahasd.workload.value import Value, ValueKind

NETWORKS = Path(__file__).parents[1] / "reference" / "graphs"


def network(name: str) -> OrderingProblem:
    """One of the exported networks."""
    return ordering_problem(read_graph_json(NETWORKS / f"{name}.json"))


def drawn_graph(seed: int, most_nodes: int) -> Graph:
    """A graph with nodes that make none, one or two values, with unused values, kept ones and empty ones."""
    rng = random.Random(seed)
    values: dict[str, Value] = {}
    nodes: list[Node] = []
    for number in range(rng.randint(1, 2)):
        values[f"i{number}"] = Value(f"i{number}", ValueKind.INPUT, rng.randint(1, 9))
    density = rng.choice((0.1, 0.2, 0.3, 0.5))
    for number in range(rng.randint(1, most_nodes)):
        there = list(values)
        read = [name for name in there if rng.random() < density] or [rng.choice(there)] * (
            rng.random() < 0.8
        )
        made = [f"v{number}.{place}" for place in range(rng.choice((1, 1, 1, 2, 0)))]
        for name in made:
            kind = ValueKind.OUTPUT if rng.random() < 0.2 else ValueKind.ACTIVATION
            values[name] = Value(name, kind, rng.randint(0, 9))
        nodes.append(Node(f"n{number}", "op", tuple(read), tuple(made)))
    return Graph(tuple(nodes), values)


def drawn_in_place(seed: int, most_nodes: int) -> Graph:
    """A graph of values of few sizes, many of whose nodes are element-wise, and some make views."""
    rng = random.Random(seed)
    values = {"i": Value("i", ValueKind.INPUT, rng.choice((2, 3)))}
    nodes: list[Node] = []
    for number in range(rng.randint(2, most_nodes)):
        there = list(values)
        read = rng.sample(there, min(len(there), rng.choice((1, 1, 2, 3))))
        name, op = f"v{number}", rng.choice(("relu", "add", "conv", "view"))
        kind = ValueKind.OUTPUT if rng.random() < 0.1 else ValueKind.ACTIVATION
        size, base = rng.choice((0, 2, 2, 3, 5)), None
        if op != "conv":
            size = values[read[0]].bytes
        if op == "view" and values[read[0]].kind is not ValueKind.INPUT:
            base = read[0]
        values[name] = Value(name, kind, size, alias_of=base)
        nodes.append(Node(f"n{number}", op, tuple(read), (name,)))
    return Graph(tuple(nodes), values)


def least_peak(problem: OrderingProblem) -> int:
    """The least peak over all orders: over all last nodes of every set, with nothing clever."""
    everything = (1 << problem.nodes) - 1

    def live(done: int) -> int:
        return sum(
            block.bytes
            for block in problem.blocks
            if block.maker is None or done >> block.maker & 1
            if block.kept or any(not done >> user & 1 for user in block.users)
        )

    @cache
    def least(done: int) -> int:
        if done == everything:
            return 0
        found = []
        for node in range(problem.nodes):
            if not done >> node & 1 and all(done >> other & 1 for other in problem.predecessors[node]):
                made = sum(block.bytes for block in problem.blocks if block.maker == node)
                for number in problem.overwritten.get(node, ()):
                    if all((done | 1 << node) >> user & 1 for user in problem.blocks[number].users):
                        made -= problem.blocks[number].bytes
                        break
                found.append(max(live(done) + made, least(done | 1 << node)))
        return min(found)

    return least(0)
