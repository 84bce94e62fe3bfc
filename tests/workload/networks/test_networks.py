"""Networks built here against exports of the same networks by others, and against published sizes."""

from collections import Counter
from pathlib import Path

import pytest

from ahasd.errors import UnknownNameError
from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.problem import ordering_problem
from ahasd.workload.graph import Graph
from ahasd.workload.networks.catalogue import NETWORKS, build_network
from ahasd.workload.networks.cells import cell_network
from ahasd.workload.networks.genotypes import AMOEBANET_A, DARTS_V2, NASNET_A, Genotype
from ahasd.workload.networks.random_wiring import watts_strogatz
from ahasd.workload.readers.graphs.graph_json import read_graph_json
from ahasd.workload.value import ValueKind

EXPORTED = Path(__file__).parents[2] / "reference" / "graphs"

#: FP32 there, FP16 here.
WIDER = 2


def sizes(graph: Graph) -> Counter[tuple[int, ...]]:
    """How often a node reads and makes so many bytes."""
    constants = {name for name, value in graph.values.items() if value.kind is ValueKind.CONSTANT}
    return Counter(
        (
            *(graph.values[name].bytes for name in node.outputs),
            *sorted(graph.values[name].bytes for name in {*node.inputs} - constants),
        )
        for node in graph.nodes
    )


@pytest.mark.parametrize("kinds", ["NN", "NNRNN"])
@pytest.mark.parametrize(
    ("name", "genotype"), [("nasnet", NASNET_A), ("darts", DARTS_V2), ("amoeba", AMOEBANET_A)]
)
def test_cells_are_those_that_others_have_exported(name: str, genotype: Genotype, kinds: str) -> None:
    ours = cell_network(genotype, kinds)
    theirs = read_graph_json(EXPORTED / f"{name}-{kinds.lower()}.json")
    doubled = {tuple(size * WIDER for size in key): count for key, count in sizes(ours).items()}
    assert sum(doubled.values()) == len(theirs.nodes)
    assert doubled == sizes(theirs)
    peaks = [find_order(ordering_problem(graph)).peak_bytes for graph in (ours, theirs)]
    assert peaks[0] * WIDER == peaks[1]


def macs(graph: Graph) -> float:
    return sum(operator.macs for operator in graph.operators) / 1e9


def parameters(graph: Graph) -> float:
    constants = [value for value in graph.values.values() if value.kind is ValueKind.CONSTANT]
    return sum(value.bytes for value in constants) / 2 / 1e6


def test_sizes_are_the_published_ones() -> None:
    resnet, mobilenet = build_network("resnet-50"), build_network("mobilenet-v2")
    assert macs(resnet) == pytest.approx(4.1, rel=0.02)  # torchvision: 4.09
    assert parameters(resnet) == pytest.approx(25.5, rel=0.01)  # 25.6 with batch norms
    assert macs(mobilenet) == pytest.approx(0.300, rel=0.01)
    assert parameters(mobilenet) == pytest.approx(3.47, rel=0.01)  # 3.50 with batch norms


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_can_be_ordered_and_costed(name: str) -> None:
    graph = build_network(name)
    assert macs(graph) > 0
    found = find_order(ordering_problem(graph), seconds=0.5)
    given = find_order(ordering_problem(graph), Method.GIVEN)
    assert found.lower_bound_bytes <= found.peak_bytes <= given.peak_bytes


def test_the_random_graph_has_the_edges_of_its_model_and_is_that_of_its_seed() -> None:
    edges = watts_strogatz(32, 4, 0.75, 1)
    assert len(edges) == len(set(edges)) == 64
    assert all(one < other for one, other in edges)
    assert watts_strogatz(32, 4, 0.0, 1) == sorted(
        {tuple(sorted((node, (node + step) % 32))) for node in range(32) for step in (1, 2)}
    )
    assert edges == watts_strogatz(32, 4, 0.75, 1) != watts_strogatz(32, 4, 0.75, 2)


def test_an_unknown_network_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'nasnet-a'"):
        build_network("nasnet")
