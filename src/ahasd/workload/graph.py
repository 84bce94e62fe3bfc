"""A computation as a graph: nodes that do work, and the values that one node writes and others read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from ahasd.errors import AhasdError
from ahasd.workload.operators import Operator
from ahasd.workload.value import Value, ValueKind


class Node(NamedTuple):
    """A step of the computation.

    Attributes
    ----------
    name
        Its own in the graph.
    op
        What it does; where there is an operator, its kind, or the name of an element-wise function of that kind.
    inputs, outputs
        Names of the values that it reads and writes.
    operator
        Its work as devices cost it; None where only the values are known, which is enough to order nodes.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operator: Operator | None = None


class Flow(NamedTuple):
    """What one operator hands to others.

    Attributes
    ----------
    producer, consumers
        Names of operators; a consumer may stand before the producer, in the next layer.
    bytes
        In all layers together.
    """

    producer: str
    consumers: tuple[str, ...]
    bytes: int


class OperatorGraph(Protocol):
    """What devices cost: a graph, of which all layers of a kind may be taken together."""

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Operators in order of execution."""

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What they hand to each other; neither caches nor constants."""


class Graph:
    """Nodes in an order in which they can run, and the values between them.

    Parameters
    ----------
    nodes
        Each reads only what is given or was written before.
    values
        All that nodes read and write, by name.

    Raises
    ------
    AhasdError
        A name occurs twice, a value is missing, is written twice, or is read before it is written.
    """

    def __init__(self, nodes: tuple[Node, ...], values: Mapping[str, Value]) -> None:
        _check(nodes, values)
        self.nodes, self.values = nodes, values
        self._in_layers: dict[tuple[str, int], tuple[Operator, ...]] = {}

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Operators of the nodes.

        Raises
        ------
        AhasdError
            A node says nothing of its work.
        """
        return tuple(_work(node) for node in self.nodes)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What the nodes hand to each other."""
        return tuple(flows_within((self,)))

    def in_layers(self, name: str, layers: int) -> tuple[Operator, ...]:
        """Operators of so many equal layers together; kept, since passes of one width share graphs."""
        found = self._in_layers.get((name, layers))
        if found is None:
            found = tuple(_work(node).in_layers(name, layers) for node in self.nodes)
            self._in_layers[name, layers] = found
        return found

    def renamed(self, names: Mapping[str, str], prefix: str = "") -> "Graph":
        """Return the same graph with other names for some values, and a prefix for all other values and the nodes."""

        def name(value: str) -> str:
            return names.get(value, prefix + value)

        nodes = tuple(
            node._replace(
                name=prefix + node.name,
                inputs=tuple(map(name, node.inputs)),
                outputs=tuple(map(name, node.outputs)),
                operator=node.operator and replace(node.operator, name=prefix + node.operator.name),
            )
            for node in self.nodes
        )
        values = (
            value._replace(name=name(value.name), alias_of=value.alias_of and name(value.alias_of))
            for value in self.values.values()
        )
        return Graph(nodes, {value.name: value for value in values})


def join(graphs: Iterable[Graph]) -> Graph:
    """Return graphs that run one after the other as one.

    What a graph puts out and a later one takes in under the same name becomes an activation; a later graph may take
    in less of it, as a head does that only the last token needs. Inputs and constants of the same name are one.
    """
    nodes: list[Node] = []
    values: dict[str, Value] = {}
    for graph in graphs:
        nodes += graph.nodes
        for value in graph.values.values():
            known = values.get(value.name)
            if known is None:
                values[value.name] = value
                continue
            if value.kind not in (ValueKind.INPUT, ValueKind.CONSTANT):
                raise AhasdError(f"two graphs that are joined both make a value {value.name}")
            if value.bytes > known.bytes:
                raise AhasdError(f"{value.name} has {known.bytes} bytes, and {value.bytes} are taken in")
            if known.kind is ValueKind.OUTPUT:
                values[value.name] = known._replace(kind=ValueKind.ACTIVATION)
    return Graph(tuple(nodes), values)


def readers(graphs: Iterable[Graph], prefix: str = "") -> dict[str, tuple[str, ...]]:
    """Names of the nodes that read each value, in order."""
    found: dict[str, list[str]] = {}
    for graph in graphs:
        for node in graph.nodes:
            for value in dict.fromkeys(node.inputs):
                found.setdefault(value, []).append(prefix + node.name)
    return {value: tuple(names) for value, names in found.items()}


def flows_within(
    graphs: Sequence[Graph], prefix: str = "", times: int = 1, besides: str | None = None
) -> list[Flow]:
    """Flows inside graphs that run one after the other, `times` times, but for those of one value.

    A cache is an input that is written in place, and stays where it is.
    """
    read_by = readers(graphs, prefix)
    found = []
    for graph in graphs:
        for node in graph.nodes:
            for name in node.outputs:
                value = graph.values[name]
                in_place = value.alias_of and graph.values[value.alias_of].kind is ValueKind.INPUT
                if name in read_by and name != besides and not in_place:
                    found.append(Flow(prefix + node.name, read_by[name], value.bytes * times))
    return found


def _work(node: Node) -> Operator:
    if node.operator is None:
        raise AhasdError(
            f"no device can cost {node.name} ({node.op}): the graph says what it reads and writes, not its work"
        )
    return node.operator


def _check(nodes: Sequence[Node], values: Mapping[str, Value]) -> None:
    given = (ValueKind.INPUT, ValueKind.CONSTANT)
    written = {name for name, value in values.items() if value.kind in given}
    names: set[str] = set()
    for node in nodes:
        if node.name in names:
            raise AhasdError(f"two nodes of a graph are named {node.name}")
        names.add(node.name)
        for read in node.inputs:
            if read not in written:
                raise AhasdError(f"{node.name} reads {read}, which nothing before it writes")
        for made in node.outputs:
            if made not in values:
                raise AhasdError(f"{node.name} writes {made}, which is no value of the graph")
            if made in written:
                raise AhasdError(f"{node.name} writes {made}, which is there already")
            written.add(made)
    never = values.keys() - written
    if never:
        raise AhasdError(f"nothing writes {min(never)}")
    for value in values.values():
        if value.alias_of is not None and value.alias_of not in values:
            raise AhasdError(f"{value.name} is to lie in {value.alias_of}, which is no value of the graph")
