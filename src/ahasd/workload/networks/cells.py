"""Networks of searched cells: each cell reads the two before it."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.convolution import Convolution, Window, activate, concatenate, pool, separable
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.networks.genotypes import Cell, Genotype
from ahasd.workload.precision import Precision

#: FP16: the widest in which devices here compute.
PRECISION = Precision(16, 16, 16)


def cell_network(
    genotype: Genotype, kinds: str = "NNRNN", size: int = 32, channels: int = 36, given: int = 32
) -> Graph:
    """Build one for images of CIFAR's size; no batch norm, which is folded into the convolutions.

    Parameters
    ----------
    kinds
        Of the cells in order: N keeps the resolution, R halves it and doubles the channels.
    size
        Positions along each axis.
    channels
        Of the first cell's nodes.
    given
        Channels of the input, which a stem has made.
    """
    graph = GraphBuilder(PRECISION)
    before = now = graph.input("x", (size, size, given))
    for number, kind in enumerate(kinds):
        reduces = kind == "R"
        channels *= 2 if reduces else 1
        builder = _CellBuilder(graph, f"cell{number}", channels, reduces)
        before, now = now, builder.build(genotype.reduction if reduces else genotype.normal, before, now)
    return graph.graph(now)


@dataclass(frozen=True, slots=True)
class _CellBuilder:
    """Builds one cell.

    Attributes
    ----------
    graph, name
        Where it goes, and what the names of its nodes begin with.
    channels
        Of its nodes.
    reduces
        Whether it halves the resolution.
    """

    graph: GraphBuilder
    name: str
    channels: int
    reduces: bool

    def build(self, cell: Cell, before: str, now: str) -> str:
        """Add its nodes, and return its result."""
        size = self.graph.shape(now)[0]
        prepared = self._prepare("now", now, size)
        states = [prepared if before == now else self._prepare("before", before, size), prepared]
        for number, edges in enumerate(cell.nodes, 2):
            made = [
                self._operation(f"{self.name}.node{number}.{side}", operation, states[read], read < 2)
                for side, (operation, read) in zip(("left", "right"), edges, strict=True)
            ]
            states.append(self._sum(f"{self.name}.node{number}.add", *made))
        return concatenate(
            self.graph, f"{self.name}.concat", *(states[number] for number in cell.concatenated)
        )

    def _sum(self, name: str, left: str, right: str) -> str:
        graph = self.graph
        inputs = tuple(dict.fromkeys((left, right)))
        return graph.vector(name, inputs, vector_counts.RESIDUAL * graph.elements(left))

    def _prepare(self, name: str, x: str, size: int) -> str:
        """A convolution of 1 x 1; where the input has twice the resolution, two of half the channels, shifted."""
        graph, name = self.graph, f"{self.name}.{name}"
        channels = graph.shape(x)[-1]
        active = activate(graph, f"{name}.relu", x)
        if graph.shape(x)[0] == size:
            return Convolution(f"{name}.mix", channels, self.channels, Window((1, 1))).build(graph, active)
        halves = []
        for side in ("left", "right"):
            y = active
            if side == "right":
                padded = graph.vector(f"{name}.pad", (y,), 0)
                y = graph.vector(f"{name}.crop", (padded,), 0)
            y = pool(graph, f"{name}.{side}.pool", y, Window((1, 1), 2))
            mix = Convolution(f"{name}.{side}.mix", channels, self.channels // 2, Window((1, 1)))
            halves.append(mix.build(graph, y))
        return concatenate(graph, f"{name}.concat", *halves)

    def _operation(self, name: str, operation: str, x: str, is_input: bool) -> str:
        graph, channels = self.graph, self.channels
        stride = 2 if self.reduces and is_input else 1
        if operation == "skip":
            return x if stride == 1 else self._shrunk_skip(name, x)
        kind, _, width = operation.rpartition(" ")
        length = int(width)
        window = Window((length, length), stride, length // 2)
        if kind == "pool":
            return pool(graph, f"{name}.pool", x, window)
        if kind == "separable":  # twice in a row, the first with the stride
            again = Window((length, length), 1, length // 2)
            first = separable(graph, f"{name}.first", x, channels, window)
            return separable(graph, f"{name}.second", first, channels, again)
        if kind == "dilated":
            return separable(graph, name, x, channels, Window((length, length), stride, length - 1, 2))
        rows = Window((1, length), stride, (0, length // 2))
        columns = Window((length, 1), 1, (length // 2, 0))
        y = Convolution(f"{name}.rows", channels, channels, rows).build(graph, x)
        return Convolution(f"{name}.columns", channels, channels, columns).build(graph, y)

    def _shrunk_skip(self, name: str, x: str) -> str:
        """What stands for doing nothing where the resolution halves (PNASNet): a ReLU and a convolution of 1 x 1."""
        active = activate(self.graph, f"{name}.relu", x)
        return Convolution(f"{name}.mix", self.channels, self.channels, Window((1, 1), 2)).build(
            self.graph, active
        )
