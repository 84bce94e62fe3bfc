"""Products in which every head, or block of channels, has a matrix of its own."""

from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind


def multiply_heads(
    graph: GraphBuilder, layer: LinearLayer, heads: int, x: str, shape: tuple[int, ...] | None = None
) -> str:
    """Multiply the channels of each head by its matrix; all heads are one launch.

    Parameters
    ----------
    layer
        The matrix of one head.
    heads
        How many there are.
    x
        What holds the channels of all of them, and perhaps others that pass by.
    shape
        Of the result where it holds others too; else it is tokens × the outputs of all heads.
    """
    precision, tokens = graph.precision, graph.shape(x)[0]
    shape = shape or (tokens, heads * layer.outputs)
    constants = [graph.matrix(f"{layer.name}.weight", (heads, layer.outputs, layer.inputs))]
    if layer.bias:
        constants.append(graph.fine(f"{layer.name}.bias", heads * layer.outputs))
    operator = Operator(
        layer.name,
        OperatorKind.MATMUL,
        tokens,
        layer.inputs,
        layer.outputs,
        heads,
        1,
        macs=tokens * heads * layer.weights,
        weight_bytes=sum(map(graph.bytes, constants)),
        input_bytes=graph.bytes(x),
        output_bytes=precision.activation_bytes(shape[0] * shape[1]),
    )
    return graph.activation(operator, (x, *constants), shape)
