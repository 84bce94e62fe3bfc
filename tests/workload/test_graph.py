"""Graphs: what they refuse, how they join, and a network of which only the bytes are known."""

from itertools import permutations

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.element_type import ElementType
from ahasd.workload.graph import Flow, Graph, Node, join
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision
from ahasd.workload.value import Value, ValueKind, tensor

INPUT, CONSTANT, ACTIVATION, OUTPUT = ValueKind


def named(*values: Value) -> dict[str, Value]:
    return {value.name: value for value in values}


X, Y, Z = Value("x", INPUT, 4), Value("y", ACTIVATION, 2), Value("z", OUTPUT, 1)
FIRST, SECOND = Node("first", "relu", ("x",), ("y",)), Node("second", "add", ("x", "y"), ("z",))


@pytest.mark.parametrize(
    ("nodes", "values", "problem"),
    [
        ((FIRST, SECOND._replace(name="first")), (X, Y, Z), "two nodes of a graph are named first"),
        ((SECOND, FIRST), (X, Y, Z), "second reads y, which nothing before it writes"),
        ((FIRST, SECOND), (Y, Z), "first reads x, which nothing before it writes"),
        ((FIRST, SECOND), (X, Y), "second writes z, which is no value of the graph"),
        ((FIRST, SECOND._replace(outputs=("y",))), (X, Y), "second writes y, which is there already"),
        ((FIRST._replace(outputs=("x",)),), (X,), "first writes x, which is there already"),
        ((FIRST,), (X, Y, Z), "nothing writes z"),
        ((FIRST,), (X, Y._replace(alias_of="w")), "y is to lie in w, which is no value"),
    ],
)
def test_what_is_no_graph_is_refused(
    nodes: tuple[Node, ...], values: tuple[Value, ...], problem: str
) -> None:
    with pytest.raises(AhasdError, match=problem):
        Graph(nodes, named(*values))


def test_the_bytes_of_a_tensor_follow_from_its_shape() -> None:
    odd = (3, 5)
    expected = {"int4": 8, "int8": 15, "int32": 60, "int64": 120, "float16": 30, "float32": 60}
    assert {str(kind): tensor("x", INPUT, odd, kind).bytes for kind in ElementType} == expected
    assert tensor("x", INPUT, odd, ElementType.INT4).elements == 15
    with pytest.raises(AhasdError, match="only the bytes"):
        _ = X.elements


#: A cell in the JSON form of networks to be ordered: shapes and types, or bytes; an activation function in place.
CELL = {
    "nodes": [
        {"name": "wide", "op": "conv", "inputs": ["image", "kernel"], "outputs": ["a"]},
        {"name": "relu", "op": "relu_", "inputs": ["a"], "outputs": ["b"]},
        {"name": "left", "op": "conv", "inputs": ["b"], "outputs": ["c"]},
        {"name": "right", "op": "conv", "inputs": ["image"], "outputs": ["d"]},
        {"name": "sum", "op": "add", "inputs": ["c", "d"], "outputs": ["e"]},
    ],
    "values": {
        "image": {"kind": "input", "shape": [10, 10], "dtype": "float32"},
        "kernel": {"kind": "constant", "bytes": 999},
        "a": {"kind": "activation", "bytes": 1000},
        "b": {"kind": "activation", "bytes": 1000, "alias_of": "a"},
        "c": {"kind": "activation", "bytes": 100},
        "d": {"kind": "activation", "bytes": 300},
        "e": {"kind": "output", "bytes": 50},
    },
}


def read(document: dict) -> Graph:
    values = {}
    for name, value in document["values"].items():
        kind = ValueKind(value["kind"])
        if "shape" in value:
            values[name] = tensor(name, kind, tuple(value["shape"]), ElementType(value["dtype"]))
        else:
            values[name] = Value(name, kind, value["bytes"], alias_of=value.get("alias_of"))
    nodes = [Node(n["name"], n["op"], tuple(n["inputs"]), tuple(n["outputs"])) for n in document["nodes"]]
    return Graph(tuple(nodes), values)


def peak(graph: Graph) -> int:
    """Most bytes at a node: from its maker to its last reader, inputs from the start, outputs to the end."""
    live, most = {n for n, v in graph.values.items() if v.kind is INPUT}, 0
    for index, node in enumerate(graph.nodes):
        live |= set(node.outputs)
        memories = {graph.values[name].alias_of or name for name in live}
        most = max(most, sum(graph.values[name].bytes for name in memories))
        later = {name for following in graph.nodes[index + 1 :] for name in following.inputs}
        live = {name for name in live if name in later or graph.values[name].kind is OUTPUT}
    return most


def test_a_network_of_which_only_the_bytes_are_known_can_be_ordered() -> None:
    graph = read(CELL)
    # The image (400) and a (1000), in which b lies; then c (100) beside them: 1500.
    assert peak(graph) == 400 + 1000 + 100
    # Right first: d (300) is there with image and a, and later with b and c.
    order = {node.name: node for node in graph.nodes}
    right_first = Graph(tuple(order[n] for n in ("right", "wide", "relu", "left", "sum")), graph.values)
    assert peak(right_first) == 400 + 300 + 1000
    possible = []
    for names in permutations(order):
        try:
            possible.append(peak(Graph(tuple(order[name] for name in names), graph.values)))
        except AhasdError:
            continue
    assert len(possible) == 4  # `right` anywhere before the sum
    assert min(possible) == 1500


def test_no_device_is_asked_for_work_that_nobody_described() -> None:
    with pytest.raises(AhasdError, match=r"no device can cost wide \(conv\)"):
        _ = read(CELL).operators


def test_flows_go_from_each_node_to_those_that_read_what_it_writes() -> None:
    assert read(CELL).flows == (
        Flow("wide", ("relu",), 1000),
        Flow("relu", ("left",), 1000),
        Flow("left", ("sum",), 100),
        Flow("right", ("sum",), 300),
    )


def test_what_one_graph_puts_out_and_the_next_takes_in_joins_them() -> None:
    left = Graph((FIRST,), named(X, Y._replace(kind=OUTPUT)))
    right = Graph((SECOND,), named(X, Y._replace(kind=INPUT), Z))
    joined = join((left, right))
    assert joined.nodes == (FIRST, SECOND)
    assert joined.values == named(X, Y, Z)
    # The next one may need less of it, not more.
    assert join((left, Graph((SECOND,), named(X, Value("y", INPUT, 1), Z)))).values == named(X, Y, Z)
    with pytest.raises(AhasdError, match="y has 2 bytes, and 3 are taken in"):
        join((left, Graph((SECOND,), named(X, Value("y", INPUT, 3), Z))))
    with pytest.raises(AhasdError, match="both make a value y"):
        join((left, Graph((FIRST._replace(name="again"),), named(X, Y))))


def test_a_constant_that_two_nodes_share_is_there_once() -> None:
    graph = GraphBuilder(Precision())
    x = graph.input("x", (3, 8))
    first = graph.linear(LinearLayer("first", 8, 8), x, "table")
    second = graph.linear(LinearLayer("second", 8, 8, bias=True), first, "table")
    built = graph.graph(second)
    constants = {name: value for name, value in built.values.items() if value.kind is CONSTANT}
    assert {name: value.bytes for name, value in constants.items()} == {"table": 64, "second.bias": 16}
    assert [operator.weight_bytes for operator in built.operators] == [64, 64 + 16]
    assert built.nodes[1].inputs == ("first", "table", "second.bias")
    assert built.values["first"].kind is ACTIVATION
    assert built.values["second"].kind is OUTPUT


def test_renaming_keeps_the_graph() -> None:
    graph = read(CELL).renamed({"image": "photo"}, "cell.")
    assert [node.name for node in graph.nodes] == [f"cell.{n['name']}" for n in CELL["nodes"]]
    assert set(graph.values) == {"photo", *(f"cell.{n}" for n in ("kernel", "a", "b", "c", "d", "e"))}
    assert graph.values["cell.b"].alias_of == "cell.a"
    assert peak(graph) == 1500
