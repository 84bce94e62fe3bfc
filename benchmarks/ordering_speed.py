"""CPU time of orders of least peak, as ratios: against simpler methods, by size of the graph, and what pruning saves.

Run with ``python benchmarks/ordering_speed.py``. The integer program needs the extra ``ordering``; without it, its
lines are left out. Times are the least of three.
"""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import process_time

from ahasd.graph_ordering.fusion import fuse
from ahasd.graph_ordering.integer_program import solve
from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.problem import OrderingProblem, ordering_problem
from ahasd.workload.networks.random_wiring import random_wiring
from ahasd.workload.readers.graphs.graph_json import read_graph_json
from support.figures import Figure, show

GRAPHS = Path(__file__).parents[1] / "tests" / "reference" / "graphs"
LARGE = ("nasnetalarge", "pnasnet5large")
#: Nodes of a randomly wired stage.
WIDTHS = (16, 32, 64)


def seconds(work: Callable[[], object]) -> float:
    """CPU time of the fastest of three runs."""
    times = []
    for _ in range(3):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return min(times)


def exported(name: str) -> OrderingProblem:
    """One of the networks that others have exported."""
    return ordering_problem(read_graph_json(GRAPHS / f"{name}.json"))


def against_others() -> list[Figure]:
    """The proved optimum against what is quicker and worse, and fused against not."""
    figures = []
    for name in LARGE:
        problem = exported(name)
        exact, like, inductor = (
            seconds(partial(find_order, problem, method))
            for method in (Method.EXACT, Method.HIERARCHICAL, Method.INDUCTOR)
        )
        figures += [
            Figure(f"{name}: exact / hmcos-like, CPU time", exact / like, "x", target=1.0),
            Figure(f"{name}: exact / inductor's three orders", exact / inductor, "x", target=20.0),
            Figure(f"{name}: exact, seconds", exact, "s", remark="of this machine"),
        ]
    problem = exported("nasnet-nn")
    fused, whole = (
        seconds(partial(find_order, problem, Method.EXACT, fused=fused)) for fused in (True, False)
    )
    return [*figures, Figure("nasnet-nn: exact without fusion / with it", whole / fused, "x")]


def by_size() -> list[Figure]:
    """How much longer twice the width takes, and how far what was not proved may be from the optimum."""
    figures, before = [], None
    for width in WIDTHS:
        problem = ordering_problem(random_wiring(nodes=width, stages=1))
        begin = process_time()
        found = find_order(problem, Method.AUTO, seconds=20.0)
        took = process_time() - begin
        gap = found.peak_bytes / found.lower_bound_bytes
        figures.append(Figure(f"WS({width}, 4, 0.75): peak / proved bound", gap, "x", remark=found.method))
        if before is not None:
            figures.append(Figure(f"WS({width}, 4, 0.75): time / that of half the width", took / before, "x"))
        before = took
    return figures


def pruning() -> list[Figure]:
    """Variables and time of the integer program with and without the topology-aware pruning, peaks being equal."""
    figures = []
    for name in ("amoeba-nn", "darts-nn"):
        macros = fuse(exported(name))
        pruned, whole = solve(macros, 60), solve(macros, 60, pruned=False)
        assert pruned.peak == whole.peak, name
        figures += [
            Figure(
                f"{name}: variables before / after pruning",
                whole.variables / pruned.variables,
                "x",
                at_least=2.0,
            ),
            Figure(f"{name}: time before / after pruning", whole.seconds / pruned.seconds, "x", at_least=1.0),
        ]
    return figures


if __name__ == "__main__":
    show("Orders of least peak", against_others())
    show("By size of the graph", by_size())
    if find_spec("ortools") is not None:
        show("The integer program", pruning())
