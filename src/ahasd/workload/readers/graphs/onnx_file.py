"""Graphs of ONNX files: nodes, shapes as ONNX infers them, weights apart."""

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.graph import Graph, Node
from ahasd.workload.readers.graphs.in_order import in_order
from ahasd.workload.readers.graphs.onnx_model import load_onnx, node_names
from ahasd.workload.readers.graphs.onnx_shapes import lengths, type_name
from ahasd.workload.readers.graphs.value_types import bytes_of
from ahasd.workload.value import Value, ValueKind

#: Operators whose result is their first input with other lengths of axes, in the same memory.
VIEWS = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"})

#: Type of the constants that say shapes, in ONNX's numbering.
_INT64 = 7


def read_onnx(path: Path, dims: Mapping[str, int] | None = None) -> Graph:
    """Read a file; what it holds outside of itself (external data) is not needed.

    Parameters
    ----------
    dims
        Lengths of axes by name, where the model leaves them open.

    Raises
    ------
    AhasdError
        It is no ONNX file, has control flow, a value whose shape is not known, an open length that `dims` does not
        give, or a type that has no size; or `onnx` is not installed. The message names the file and the cause.
    """
    where, model = str(path), load_onnx(path, dims or {})
    graph = model.graph
    constants = dict(_constants(graph, where))
    values = {name: Value(name, ValueKind.CONSTANT, size) for name, size in constants.items()}
    types = {info.name: info for part in (graph.input, graph.value_info, graph.output) for info in part}
    outputs = {info.name for info in graph.output}
    elsewhere = [
        tensor.name for tensor in graph.initializer if tensor.external_data and tensor.data_type == _INT64
    ]
    if elsewhere:
        where += (
            f" (constants that lie in other files, and on which shapes may hang: {', '.join(elsewhere[:3])})"
        )
    for info in graph.input:
        if info.name not in values:
            values[info.name] = _value(info.name, ValueKind.INPUT, types, where)
    nodes = []
    for name, made in node_names(graph):
        if made.op_type == "Constant":
            continue
        read = tuple(value for value in made.input if value)
        written = tuple(value for value in made.output if value)
        base = read[0] if made.op_type in VIEWS and read and read[0] not in constants else None
        for value in written:
            kind = ValueKind.OUTPUT if value in outputs else ValueKind.ACTIVATION
            if value in values:
                raise AhasdError(f"{where}: two nodes write {value}")
            values[value] = _value(value, kind, types, where)._replace(alias_of=base)
        nodes.append(Node(name, made.op_type, read, written))
    for node in nodes:
        for value in node.inputs:
            if value not in values:
                raise AhasdError(f"{where}: node {node.name} reads {value}, which nothing writes")
    return Graph(in_order(nodes, where), values)


def _value(name: str, kind: ValueKind, types: Mapping[str, Any], where: str) -> Value:
    place = f"{where}: value {name}"
    if name not in types:
        raise AhasdError(
            f"{place} has no shape: the file says none and ONNX infers none; export the model with static shapes"
        )
    shape, dtype = lengths(types[name], place), type_name(types[name], place)
    return Value(name, kind, bytes_of(prod(shape), dtype, place), shape)


def _constants(graph: Any, where: str) -> Iterator[tuple[str, int]]:
    """Names and bytes of what is the same in every run."""
    from onnx import TensorProto

    def size(name: str, tensor: Any) -> tuple[str, int]:
        place = f"{where}: constant {name}"
        dtype = type_name(tensor.data_type, place)
        return name, bytes_of(prod(tensor.dims), dtype, place) if dtype != "string" else 0

    for tensor in graph.initializer:
        yield size(tensor.name, tensor)
    for sparse in graph.sparse_initializer:
        yield size(sparse.values.name, sparse.values)
    for node in graph.node:
        if node.op_type == "Constant":
            tensor = next((part.t for part in node.attribute if part.name == "value"), None)
            if isinstance(tensor, TensorProto):
                yield size(node.output[0], tensor)
            else:  # a few numbers in the node itself
                yield node.output[0], 0
