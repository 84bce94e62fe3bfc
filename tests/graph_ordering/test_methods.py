"""The other methods: the integer program, trees, from coarse to fine; what they prove and what they refuse."""

import random
from importlib.util import find_spec
from itertools import pairwise

import pytest
from tests.graph_ordering.drawn import drawn_graph, drawn_in_place, least_peak, network

from ahasd.errors import AhasdError
from ahasd.graph_ordering import integer_program
from ahasd.graph_ordering.beam import beam
from ahasd.graph_ordering.exact import Search
from ahasd.graph_ordering.fusion import fuse, unfused
from ahasd.graph_ordering.grouping import grouped
from ahasd.graph_ordering.order import Method, available_methods, find_order
from ahasd.graph_ordering.peak import live_bytes
from ahasd.graph_ordering.problem import Aliases, OrderingProblem, ordering_problem
from ahasd.graph_ordering.windows import SHORTEST, improved
from ahasd.workload.graph import Graph, Node
from ahasd.workload.networks.random_wiring import random_wiring
from ahasd.workload.value import Value, ValueKind

needs_solver = pytest.mark.skipif(find_spec("ortools") is None, reason="needs the extra ordering")


def tree(seed: int, nodes: int) -> OrderingProblem:
    """A tree, at times several, whose nodes read what earlier ones made, each of which one other reads at most."""
    rng = random.Random(seed)
    values: dict[str, Value] = {}
    made, free = [], []
    for number in range(nodes):
        read = rng.sample(free, min(len(free), rng.choice((0, 0, 1, 1, 2, 3))))
        free = [name for name in free if name not in read] + [f"v{number}"]
        kind = ValueKind.OUTPUT if rng.random() < 0.1 else ValueKind.ACTIVATION
        values[f"v{number}"] = Value(f"v{number}", kind, rng.randint(0, 20))
        made.append(Node(f"n{number}", "op", tuple(read), (f"v{number}",)))
    for name in free:
        values[name] = values[name]._replace(kind=ValueKind.OUTPUT)
    return ordering_problem(Graph(tuple(made), values))


@pytest.mark.parametrize("first", range(0, 2_000, 500))
def test_hills_and_valleys_reach_the_least_peak_of_trees(first: int) -> None:
    for seed in range(first, first + 500):
        problem = tree(seed, 10)
        found = find_order(problem, Method.TREE)
        assert found.peak_bytes == find_order(problem, Method.EXACT).peak_bytes, seed


def test_hills_and_valleys_refuse_what_is_no_tree() -> None:
    values = {name: Value(name, ValueKind.ACTIVATION, 1) for name in "ab"} | {
        name: Value(name, ValueKind.OUTPUT, 1) for name in "cd"
    }
    one = Node("one", "op", (), ("a",))
    both = Graph(
        (one, Node("left", "op", ("a",), ("b",)), Node("right", "op", ("a", "b"), ("c", "d"))), values
    )
    with pytest.raises(AhasdError, match="a has 2; use exact"):
        find_order(ordering_problem(both), Method.TREE)
    with pytest.raises(AhasdError, match="v0 is given; use exact"):
        find_order(network("nasnet-nn"), Method.TREE)


@needs_solver
@pytest.mark.parametrize("first", range(0, 80, 20))
def test_the_integer_program_proves_the_least_peak_pruned_or_not_fused_or_not(first: int) -> None:
    for seed in range(first, first + 20):
        problem = ordering_problem(drawn_graph(seed, 8))
        least = least_peak(problem)
        for macros in (fuse(problem), unfused(problem)):
            pruned, whole = (integer_program.solve(macros, 20, prune) for prune in (True, False))
            order = macros.order(pruned.macros)
            if problem.nodes:
                assert live_bytes(problem, order).peak == pruned.peak == pruned.bound == least, seed
                assert whole.peak == whole.bound == least
            assert pruned.variables <= whole.variables


@needs_solver
def test_pruning_leaves_a_quarter_of_the_variables_of_a_real_network() -> None:
    macros = fuse(network("amoeba-nn"))
    pruned, whole = (integer_program.solve(macros, 60, prune) for prune in (True, False))
    assert pruned.peak == whole.peak == pruned.bound == 992 * 1024
    assert pruned.variables <= whole.variables / 3


@needs_solver
def test_the_program_out_of_time_is_between_bound_and_start() -> None:
    problem = network("darts-nnrnn")
    found = find_order(problem, Method.INTEGER_PROGRAM, seconds=1.0)
    rpo = find_order(problem, Method.REVERSE_POST_ORDER)
    assert found.lower_bound_bytes <= find_order(problem).peak_bytes <= found.peak_bytes <= rpo.peak_bytes


@needs_solver
def test_the_program_refuses_what_is_too_large_and_what_works_in_place() -> None:
    with pytest.raises(AhasdError, match="at most 60 fused nodes, and there are 215; use exact"):
        find_order(network("nasnetalarge"), Method.INTEGER_PROGRAM)
    problem = next(
        found
        for seed in range(100)
        if (found := ordering_problem(drawn_in_place(seed, 8), Aliases.IN_PLACE)).overwritten
        if any(s.overwritten for part in fuse(found).segments for s in part)
    )
    with pytest.raises(AhasdError, match="leave out --aliases in-place"):
        find_order(problem, Method.INTEGER_PROGRAM)
    assert Method.INTEGER_PROGRAM not in available_methods(problem)


@pytest.mark.parametrize("seed", range(200))
def test_groups_run_as_their_nodes_do_one_after_the_other(seed: int) -> None:
    for problem in (
        ordering_problem(drawn_graph(seed, 12)),
        ordering_problem(drawn_in_place(seed, 12), Aliases.IN_PLACE),
    ):
        if not problem.nodes:
            continue
        cuts = sorted(random.Random(seed).sample(range(problem.nodes + 1), min(3, problem.nodes + 1)))
        ends = [0, *cuts, problem.nodes]
        groups = [range(a, b) for a, b in pairwise(ends) if a < b]
        macros = grouped(problem, groups)
        search = Search(macros).solve()
        assert search.macros is not None
        assert live_bytes(problem, macros.order(search.macros)).peak == search.bound
        alone = grouped(problem, [range(problem.nodes)])
        assert Search(alone).solve().bound == live_bytes(problem, range(problem.nodes)).peak
        each = grouped(problem, [[node] for node in range(problem.nodes)])
        assert Search(each).solve().bound == least_peak(problem)


@pytest.mark.parametrize("seed", range(300))
def test_stretches_ordered_anew_stay_an_order_and_never_get_worse(seed: int) -> None:
    for problem in (
        ordering_problem(drawn_graph(seed, 14)),
        ordering_problem(drawn_in_place(seed, 14), Aliases.IN_PLACE),
    ):
        macros = unfused(problem)
        better = improved(macros, range(problem.nodes), 10)
        peak = live_bytes(problem, macros.order(better)).peak
        assert least_peak(problem) <= peak <= live_bytes(problem, range(problem.nodes)).peak
        # Up to the shortest stretch the whole order is one, and the result the optimum.
        assert peak == least_peak(problem) or problem.nodes > SHORTEST


def test_stretches_lower_the_peak_of_a_graph_that_is_too_wide_to_be_proved() -> None:
    macros = fuse(ordering_problem(random_wiring(seed=1, nodes=64, stages=1)))
    start = beam(macros)
    better = improved(macros, start, 60)
    problem = ordering_problem(random_wiring(seed=1, nodes=64, stages=1))
    peaks = [live_bytes(problem, macros.order(order)).peak for order in (start, better)]
    assert peaks[1] < 0.8 * peaks[0]


@pytest.mark.parametrize(
    ("name", "kilobytes"),
    [("nasnet-nn", 1856), ("nasnet-nnrnn", 2592), ("darts-nnrnn", 1728), ("amoeba-nnrnn", 1440)],
)
def test_from_coarse_to_fine_is_between_the_least_peak_and_reverse_post_order(
    name: str, kilobytes: int
) -> None:
    problem = network(name)
    found = find_order(problem, Method.HIERARCHICAL)
    assert found.peak_bytes == kilobytes * 1024
    assert find_order(problem).peak_bytes <= found.peak_bytes
    assert found.peak_bytes < find_order(problem, Method.REVERSE_POST_ORDER).peak_bytes


@needs_solver
def test_a_program_without_any_time_gives_its_start_and_no_bound() -> None:
    macros = fuse(network("darts-nnrnn"))
    found = integer_program.solve(macros, 1e-9)
    assert found.bound <= found.peak
    problem = network("darts-nnrnn")
    assert live_bytes(problem, macros.order(found.macros)).peak == found.peak
