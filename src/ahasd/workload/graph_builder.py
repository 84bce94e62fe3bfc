"""Building a graph node by node, as the blocks do."""

from dataclasses import replace
from math import prod

from ahasd.workload.element_type import ElementType
from ahasd.workload.graph import Graph, Node
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.number_format import NumberFormat, word_bits
from ahasd.workload.operators import Operator, OperatorKind, matmul
from ahasd.workload.precision import Precision
from ahasd.workload.value import Value, ValueKind, tensor


class GraphBuilder:
    """Collects nodes in order of execution.

    A node's value is named after it, and every method returns the name of the value that it adds. Activations have
    the channels as their last axis.

    Parameters
    ----------
    precision
        What weights, caches and activations are kept as.
    """

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self._nodes: list[Node] = []
        self._values: dict[str, Value] = {}

    def shape(self, name: str) -> tuple[int, ...]:
        """Lengths of the axes of a value."""
        shape = self._values[name].shape
        assert shape is not None, "a builder adds values with shapes only"
        return shape

    def elements(self, name: str) -> int:
        """Elements of a value."""
        return self._values[name].elements

    def bytes(self, name: str) -> int:
        """Bytes of a value."""
        return self._values[name].bytes

    def input(
        self, name: str, shape: tuple[int, ...], element_type: ElementType | NumberFormat | None = None
    ) -> str:
        """Add a value that is given, by default as activations are."""
        return self._add(tensor(name, ValueKind.INPUT, shape, element_type or self.precision.activation_type))

    def receive(self, value: Value) -> str:
        """Add a value that another graph puts out."""
        return self._add(value._replace(kind=ValueKind.INPUT, alias_of=None))

    def matrix(self, name: str, shape: tuple[int, ...]) -> str:
        """Add a matrix or table of weights; one that is there already is shared."""
        return self._add(tensor(name, ValueKind.CONSTANT, shape, self.precision.matrix_type(name)))

    def fine(self, name: str, elements: int) -> str:
        """Add norm gains or biases."""
        return self._add(tensor(name, ValueKind.CONSTANT, (elements,), self.precision.fine_type))

    def add(self, operator: Operator, inputs: tuple[str, ...], *made: Value) -> None:
        """Add a node that makes values."""
        for value in made:
            self._add(value)
        names = tuple(value.name for value in made)
        if self.precision.weights is not None and operator.kind.has_weights:
            kept = self.precision.matrix_type(operator.name)
            operator = replace(operator, weight_word_bits=word_bits(kept.bits), weight_stored_bits=kept.bits)
        self._nodes.append(Node(operator.name, operator.kind, inputs, names, operator))

    def activation(self, operator: Operator, inputs: tuple[str, ...], shape: tuple[int, ...]) -> str:
        """Add a node that makes one activation."""
        made = tensor(operator.name, ValueKind.ACTIVATION, shape, self.precision.activation_type)
        self.add(operator, inputs, made)
        return made.name

    def linear(self, layer: LinearLayer, x: str, weights: str | None = None) -> str:
        """Multiply by a weight matrix, of its own unless another's is named.

        The matrix is laid out as outputs × inputs, as a table of embeddings is.
        """
        weights = self.matrix(weights or f"{layer.name}.weight", (layer.outputs, layer.inputs))
        bias = (self.fine(f"{layer.name}.bias", layer.outputs),) if layer.bias else ()
        operator = matmul(layer, self.elements(x) // layer.inputs, self.precision)
        return self.activation(operator, (x, weights, *bias), (*self.shape(x)[:-1], layer.outputs))

    def vector(
        self,
        name: str,
        inputs: tuple[str, ...],
        operations: int,
        shape: tuple[int, ...] | None = None,
        constants: tuple[str, ...] = (),
    ) -> str:
        """Do element-wise or non-linear work.

        Parameters
        ----------
        name
            Of the node.
        inputs
            Activations that are read, each once.
        operations
            Element operations in all.
        shape
            Of the result, that of the first input by default.
        constants
            Gains, biases and tables that are read whole.
        """
        shape = shape or self.shape(inputs[0])
        operator = Operator(
            name,
            OperatorKind.VECTOR,
            prod(shape[:-1]),
            shape[-1],
            shape[-1],
            1,
            1,
            weight_bytes=sum(map(self.bytes, constants)),
            input_bytes=sum(map(self.bytes, inputs)),
            output_bytes=self.precision.activation_bytes(prod(shape)),
            vector_operations=operations,
        )
        return self.activation(operator, (*inputs, *constants), shape)

    def look_up(self, name: str, numbers: str, table: str) -> str:
        """Take a row of a table for each of the numbers, which themselves are not counted."""
        rows, width = self.elements(numbers), self.shape(table)[-1]
        operator = Operator(
            name,
            OperatorKind.GATHER,
            rows,
            width,
            width,
            1,
            1,
            weight_bytes=self.precision.matrix_bytes(rows * width, table),
            output_bytes=self.precision.activation_bytes(rows * width),
        )
        return self.activation(operator, (numbers, table), (*self.shape(numbers), width))

    def graph(self, *outputs: str) -> Graph:
        """Return what was built; the named values are what it is for."""
        for name in outputs:
            self._values[name] = self._values[name]._replace(kind=ValueKind.OUTPUT)
        return Graph(tuple(self._nodes), dict(self._values))

    def _add(self, value: Value) -> str:
        self._values[value.name] = value
        return value.name
