"""A graph of which parts repeat: all layers of a kind as one for speed, or each on its own."""

from collections.abc import Iterator
from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.workload.graph import Flow, Graph, flows_within, join, readers
from ahasd.workload.operators import Operator
from ahasd.workload.value import Value, ValueKind


class Section(NamedTuple):
    """Graphs that run one after the other, the whole `times` times in a row.

    Attributes
    ----------
    graphs
        The parts of one time.
    entry
        The input that comes from the section before and, from the second time on, from the time before.
    exit
        The output that goes on; None where every time reads what the section before left, and so does the next one.
    name
        Of the layers that it is; empty for what a model has once.
    times
        How many layers there are.
    sides
        Values of sections before that every time reads beside the entry, each its own share of them.
    """

    graphs: tuple[Graph, ...]
    entry: str
    exit: str | None
    name: str = ""
    times: int = 1
    sides: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What the names of operators begin with."""
        return f"{self.name}." if self.name else ""

    @property
    def operators(self) -> Iterator[Operator]:
        """Operators of all times together."""
        for graph in self.graphs:
            yield from graph.in_layers(self.name, self.times) if self.name else graph.operators

    @property
    def constants(self) -> list[Value]:
        """Weights of one time; what two of its graphs share is there once."""
        found = {
            name: value
            for graph in self.graphs
            for name, value in graph.values.items()
            if value.kind is ValueKind.CONSTANT
        }
        return list(found.values())

    def taken(self, name: str) -> Value:
        """Return a value as it enters."""
        return next(graph.values[name] for graph in self.graphs if name in graph.values)

    def makes(self, name: str) -> bool:
        """Whether one of its operators makes a value."""
        return any(name in node.outputs for graph in self.graphs for node in graph.nodes)

    def producer(self, name: str) -> tuple[str, Value]:
        """Return the operator that makes a value, and the value."""
        return next(
            (self.prefix + node.name, graph.values[name])
            for graph in self.graphs
            for node in graph.nodes
            if name in node.outputs
        )


class LayeredGraph:
    """Sections that run one after the other.

    A pass of a decoder is its embedding, so many layers and its head. Devices cost the operators of all layers
    together; `unrolled` has every layer by itself.

    Parameters
    ----------
    sections
        In order; what enters the first is given.

    Attributes
    ----------
    operators
        In order of execution, those of all layers of a section together.

    Raises
    ------
    AhasdError
        A section that repeats has no name, or two operators have the same.
    """

    def __init__(self, sections: tuple[Section, ...]) -> None:
        for section in sections:
            if section.times > 1 and not section.name:
                raise AhasdError("layers need a name")
        self.sections = sections
        self.operators = tuple(operator for section in sections for operator in section.operators)
        if len({operator.name for operator in self.operators}) < len(self.operators):
            raise AhasdError("two operators of a graph have the same name: name its sections apart")

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What operators hand to each other, in all layers together.

        What goes from layer to layer is two flows: one back to the entry, and one out of the last layer.
        """
        found: list[Flow] = []
        # What goes on, and who reads it already in the section that makes it.
        carried: tuple[str, Value, tuple[str, ...]] | None = None
        for section in self.sections:
            read_by = readers(section.graphs, section.prefix)
            entering = read_by.get(section.entry, ())
            if carried is not None and entering:
                found.append(Flow(carried[0], carried[2] + entering, carried[1].bytes))
                carried = (*carried[:2], ())
            once = section.exit if section.times == 1 else None
            found += flows_within(section.graphs, section.prefix, section.times, besides=once)
            found += self._side_flows(section)
            if section.exit is not None:
                carried = (*section.producer(section.exit), read_by.get(once, ()) if once else ())
                if section.times > 1:
                    found.append(Flow(carried[0], entering, carried[1].bytes * (section.times - 1)))
        if carried is not None and carried[2]:
            found.append(Flow(carried[0], carried[2], carried[1].bytes))
        return tuple(found)

    def _side_flows(self, section: Section) -> list[Flow]:
        read_by = readers(section.graphs, section.prefix)
        return [
            Flow(maker.producer(side)[0], read_by[side], section.taken(side).bytes * section.times)
            for side in section.sides
            for maker in self.sections
            if maker.makes(side)
        ]

    @property
    def constants(self) -> list[tuple[Value, int]]:
        """Weights, and in how many layers each is; what sections without a name share is there once."""
        found: dict[str, tuple[Value, int]] = {}
        for section in self.sections:
            for value in section.constants:
                found[section.prefix + value.name] = value, section.times
        return list(found.values())

    @property
    def resident_bytes(self) -> dict[str, int]:
        """Bytes of the weights that each operator reads all or, as a mixture of experts does, a part of."""
        found: dict[str, int] = {}
        for section in self.sections:
            for graph in section.graphs:
                for node in graph.nodes:
                    held = [graph.values[name] for name in node.inputs]
                    size = sum(value.bytes for value in held if value.kind is ValueKind.CONSTANT)
                    found[section.prefix + node.name] = size * section.times
        return found

    @property
    def parameters(self) -> int:
        """Elements of all weights."""
        return sum(value.elements * layers for value, layers in self.constants)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all weights at rest."""
        return sum(value.bytes * layers for value, layers in self.constants)

    def unrolled(self) -> Graph:
        """Return every layer's nodes and values by themselves, named ``<section>.<number>.<own name>``."""
        parts: list[Graph] = []
        carried = self.sections[0].entry
        for section in self.sections:
            one_time = join(section.graphs)
            for number in range(section.times):
                prefix = f"{section.name}.{number}." if section.name else ""
                names = {section.entry: carried} | {side: side for side in section.sides}
                parts.append(one_time.renamed(names, prefix))
                if section.exit is not None:
                    carried = prefix + section.exit
        return join(parts)
