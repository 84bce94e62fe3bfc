"""Orders of least peak, against every order of small graphs and published figures of real networks."""

import random
from itertools import pairwise, permutations
from typing import Any

import pytest
from tests.graph_ordering.drawn import drawn_graph, drawn_in_place, least_peak, network

from ahasd.errors import AhasdError
from ahasd.graph_ordering.exact import Search
from ahasd.graph_ordering.fusion import fuse, unfused
from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.peak import blocks_at, least_possible, live_bytes
from ahasd.graph_ordering.problem import Aliases, OrderingProblem, ordering_problem
from ahasd.workload.graph import Graph, Node
from ahasd.workload.value import Value, ValueKind

#: KB, of (given, rpo, lpmf, bfs, dfs, least): measured by others with sketches of their own.
FIGURES = {
    "nasnet-nn": (1856, 2304, 2304, 2448, 1872, 1856),
    "nasnet-nnrnn": (2880, 3672, 2448, 3168, 2952, 2232),
    "darts-nn": (1280, 1584, 1584, 1584, 1440, 1280),
    "darts-nnrnn": (2016, 2448, 1728, 2160, 2340, 1584),
    "amoeba-nn": (1008, 1584, 1008, 1584, 1296, 992),
    "amoeba-nnrnn": (1584, 2088, 1584, 1872, 1764, 1440),
    "nasnetalarge": (38986, 35381, 56698, 61256, 39241, 33390),
    "pnasnet5large": (42432, 35524, 44666, 61505, 35874, 32330),
}


@pytest.mark.parametrize("name", FIGURES)
def test_real_networks_have_the_peaks_that_others_measured(name: str) -> None:
    problem = network(name)
    methods = ("given", "rpo", "lpmf", "bfs", "dfs", "exact")
    found = [find_order(problem, Method(method)) for method in methods]
    assert tuple(round(ordering.peak_bytes / 1024) for ordering in found) == FIGURES[name]
    assert found[-1].optimal
    assert all(ordering.lower_bound_bytes <= found[-1].peak_bytes for ordering in found)


def _some_at_once(step: int) -> list[Any]:
    """Where to begin with graphs: the first in every run, the others in the slow one."""
    return [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(step, 20_000, step))]


@pytest.mark.parametrize("first", _some_at_once(2_500))
def test_the_least_peak_is_that_of_all_orders_and_fusion_keeps_it(first: int) -> None:
    for seed in range(first, first + 2_500):
        problem = ordering_problem(drawn_graph(seed, 9))
        least = least_peak(problem)
        for macros in (fuse(problem), unfused(problem)):
            found = Search(macros, least_possible(problem)).solve()
            assert found.macros is not None
            peak = live_bytes(problem, macros.order(found.macros)).peak
            assert peak == least == found.bound or problem.nodes == 0, seed


@pytest.mark.parametrize("first", _some_at_once(5_000))
def test_the_least_peak_is_that_of_all_orders_in_place_too(first: int) -> None:
    saved = 0
    for seed in range(first, first + 5_000):
        graph = drawn_in_place(seed, 8)
        problem = ordering_problem(graph, Aliases.IN_PLACE)
        least = least_peak(problem)
        for macros in (fuse(problem), unfused(problem)):
            found = Search(macros, least_possible(problem)).solve()
            assert found.macros is not None
            peak = live_bytes(problem, macros.order(found.macros)).peak
            assert peak == least == found.bound, seed
        saved += least < find_order(ordering_problem(graph, Aliases.VIEWS)).peak_bytes
    assert saved > 1_000


@pytest.mark.parametrize("seed", range(300))
def test_the_least_peak_of_larger_graphs_is_the_same_with_and_without_fusion(seed: int) -> None:
    problem = ordering_problem(drawn_graph(seed, 14))
    assert (
        find_order(problem).peak_bytes == find_order(problem, fused=False).peak_bytes == least_peak(problem)
    )


def chain(lengths: list[int]) -> Graph:
    """Nodes one after the other, each making a value of so many bytes; the last is what it is for."""
    values = {"v0": Value("v0", ValueKind.INPUT, lengths[0])}
    nodes = []
    for number, length in enumerate(lengths[1:], 1):
        kind = ValueKind.OUTPUT if number == len(lengths) - 1 else ValueKind.ACTIVATION
        values[f"v{number}"] = Value(f"v{number}", kind, length)
        nodes.append(Node(f"n{number}", "op", (f"v{number - 1}",), (f"v{number}",)))
    return Graph(tuple(nodes), values)


def test_a_chain_of_ten_thousand_nodes_fuses_and_its_peak_is_its_widest_pair() -> None:
    lengths = [(number * 7919) % 1000 + 1 for number in range(10_001)]
    problem = ordering_problem(chain(lengths))
    found = find_order(problem)
    assert found.peak_bytes == max(a + b for a, b in pairwise(lengths))
    assert found.optimal
    assert found.order == tuple(range(10_000))


def test_the_staircase_of_a_small_graph_by_hand() -> None:
    values = {
        "x": Value("x", ValueKind.INPUT, 4),
        "w": Value("w", ValueKind.CONSTANT, 1000),
        "a": Value("a", ValueKind.ACTIVATION, 10),
        "b": Value("b", ValueKind.ACTIVATION, 3),
        "unused": Value("unused", ValueKind.ACTIVATION, 5),
        "y": Value("y", ValueKind.OUTPUT, 2),
    }
    nodes = (
        Node("first", "op", ("x", "w"), ("a",)),
        Node("second", "op", ("a",), ("b", "unused")),
        Node("third", "op", ("b", "x"), ("y",)),
    )
    problem = ordering_problem(Graph(nodes, values))
    found = live_bytes(problem, [0, 1, 2])
    assert found.during == (14, 22, 9)
    assert found.after == (14, 7, 2)
    assert (found.peak, found.peak_step) == (22, 1)
    assert [block.name for block in blocks_at(problem, [0, 1, 2], 1)] == ["a", "unused", "x", "b"]
    assert least_possible(problem) == 18


def test_a_view_takes_nothing_where_views_are_free_and_keeps_its_base_alive() -> None:
    values = {
        "x": Value("x", ValueKind.INPUT, 8),
        "a": Value("a", ValueKind.ACTIVATION, 8),
        "view": Value("view", ValueKind.ACTIVATION, 8, alias_of="a"),
        "y": Value("y", ValueKind.OUTPUT, 1),
    }
    nodes = (
        Node("make", "op", ("x",), ("a",)),
        Node("reshape", "view", ("a",), ("view",)),
        Node("use", "op", ("view",), ("y",)),
    )
    graph = Graph(nodes, values)
    assert live_bytes(ordering_problem(graph), [0, 1, 2]).during == (16, 16, 9)
    assert live_bytes(ordering_problem(graph, Aliases.VIEWS), [0, 1, 2]).during == (16, 8, 9)


@pytest.mark.parametrize("seed", range(50))
def test_names_and_the_given_order_change_no_peak(seed: int) -> None:
    graph = drawn_graph(seed, 9)
    least = find_order(ordering_problem(graph)).peak_bytes
    other = find_order(ordering_problem(graph), Method.LEAST_PEAK_FIRST).order
    turned = Graph(tuple(graph.nodes[number] for number in other), graph.values).renamed({}, "z")
    assert find_order(ordering_problem(turned)).peak_bytes == least


#: Those that need no solver and are for every graph.
EVERYWHERE = [method for method in Method if method not in (Method.TREE, Method.INTEGER_PROGRAM)]


@pytest.mark.parametrize("method", EVERYWHERE)
@pytest.mark.parametrize("seed", range(0, 400, 40))
def test_every_method_gives_an_order_and_no_bound_above_the_least_peak(method: Method, seed: int) -> None:
    problem = ordering_problem(drawn_graph(seed, 12))
    found = find_order(problem, method)
    assert live_bytes(problem, found.order).peak == found.peak_bytes
    assert found.lower_bound_bytes <= least_peak(problem) <= found.peak_bytes


def test_a_search_out_of_time_proves_a_bound_and_is_not_called_optimal() -> None:
    problem = wide(150, 0)
    found = find_order(problem, Method.EXACT, seconds=0.05)
    assert not found.optimal
    assert least_possible(problem) <= found.lower_bound_bytes < found.peak_bytes
    others = [find_order(problem, Method(name)).peak_bytes for name in ("rpo", "lpmf", "bfs", "dfs")]
    assert found.peak_bytes <= min(others)


def wide(nodes: int, seed: int) -> OrderingProblem:
    """A layered graph in which every node reads three of all before it: far too wide for the exact search."""
    rng = random.Random(seed)
    values = {"x": Value("x", ValueKind.INPUT, 1)}
    made = []
    for number in range(nodes):
        before = [f"v{n}" for n in rng.sample(range(number), min(3, number))] or ["x"]
        values[f"v{number}"] = Value(f"v{number}", ValueKind.ACTIVATION, rng.randint(50, 100))
        made.append(Node(f"n{number}", "op", tuple(before), (f"v{number}",)))
    return ordering_problem(Graph(tuple(made), values))


def test_an_order_that_is_none_is_refused() -> None:
    problem = ordering_problem(chain([1, 2, 3]))
    with pytest.raises(AhasdError, match="n2 runs before n1, whose result it reads"):
        live_bytes(problem, [1, 0])
    with pytest.raises(AhasdError, match="names each of them once"):
        live_bytes(problem, [0, 0])


#: A drawn graph whose orders have several peaks.
SEVERAL_ORDERS = 34


def test_every_topological_order_of_a_graph_counts() -> None:
    problem = ordering_problem(drawn_graph(SEVERAL_ORDERS, 6))
    peaks = []
    for order in permutations(range(problem.nodes)):
        try:
            peaks.append(live_bytes(problem, order).peak)
        except AhasdError:
            continue
    assert min(peaks) == find_order(problem).peak_bytes
    assert max(peaks) > min(peaks)
