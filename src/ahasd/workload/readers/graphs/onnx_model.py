"""ONNX models as files: loading, names of nodes, and the same model in another order."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import read_file

#: Bytes of a file at most: what protocol buffers can hold.
MOST_BYTES = 2**31 - 1

#: Operators that hold a graph of their own, whose memory depends on what is computed.
_CONTROL_FLOW = frozenset({"If", "Loop", "Scan", "SequenceMap"})


def load_onnx(path: Path, dims: Mapping[str, int]) -> Any:
    """Load a model with its functions inlined, open lengths filled in, and shapes inferred.

    Raises
    ------
    AhasdError
        It is none, has control flow, no length of a name in `dims`, or `onnx` is not installed.
    """
    model = _load(path)
    for graph_node in model.graph.node:
        holds_graph = any(part.HasField("g") or part.graphs for part in graph_node.attribute)
        if graph_node.op_type in _CONTROL_FLOW or holds_graph:
            raise AhasdError(
                f"{path}: node {graph_node.name or graph_node.output[0]} is {graph_node.op_type}, control flow: what "
                "it runs, and so what lives, is not known before it runs; export the model without it"
            )
    _fill_in(model, dims, str(path))
    return _with_shapes(model, str(path))


def reordered_onnx(path: Path, order: Sequence[str]) -> bytes:
    """The file with its nodes in another order, checked by ONNX.

    Parameters
    ----------
    order
        Names of all nodes but constants, which come first.

    Raises
    ------
    AhasdError
        ONNX's checker refuses the result.
    """
    from onnx import checker

    model = _load(path)
    by_name = {name: _copy(node) for name, node in node_names(model.graph)}
    constants = [node for node in by_name.values() if node.op_type == "Constant"]
    nodes = [*constants, *(by_name[name] for name in order)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    try:
        checker.check_model(model)
    except checker.ValidationError as error:
        raise AhasdError(
            f"{path}: in the new order it is no valid ONNX model: {str(error).strip()}"
        ) from error
    return bytes(model.SerializeToString())


def has_external_data(path: Path) -> bool:
    """Whether weights lie in other files beside it."""
    return any(tensor.external_data for tensor in _load(path).graph.initializer)


def node_names(graph: Any) -> Iterator[tuple[str, Any]]:
    """Nodes with a name each of its own: theirs, or what they do and where they stand."""
    taken: set[str] = set()
    for number, node in enumerate(graph.node):
        name = node.name or f"{node.op_type}_{number}"
        if name in taken:
            name = f"{name}_{number}"
        taken.add(name)
        yield name, node


def _load(path: Path) -> Any:
    if find_spec("onnx") is None:
        raise AhasdError(
            "onnx is not installed; in the source folder: pip install -c constraints.txt -e '.[ordering]'"
        )
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import inliner

    content = read_file(path, "ONNX file", MOST_BYTES)
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise AhasdError(f"{path} is no ONNX file: {str(error).strip()}") from error
    if not model.HasField("graph") or not model.graph.node:
        raise AhasdError(f"{path} is no ONNX file, or has no nodes")
    return inliner.inline_local_functions(model) if model.functions else model


def _fill_in(model: Any, dims: Mapping[str, int], where: str) -> None:
    """Put lengths in; what a file says of the values between, with lengths open, is left to inference."""
    open_names = set()
    for info in [*model.graph.input, *model.graph.output]:
        for length in info.type.tensor_type.shape.dim:
            if length.WhichOneof("value") == "dim_param":
                open_names.add(length.dim_param)
                if length.dim_param in dims:
                    length.dim_value = dims[length.dim_param]
    for name in dims:
        if name not in open_names:
            known = f"open are {', '.join(sorted(open_names))}" if open_names else "none is open"
            raise AhasdError(f"{where}: no input or output has a length named '{name}'; {known}")
    closed = [
        info
        for info in model.graph.value_info
        if all(length.WhichOneof("value") == "dim_value" for length in info.type.tensor_type.shape.dim)
    ]
    kept = [_copy(info) for info in closed]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)


def _with_shapes(model: Any, where: str) -> Any:
    from onnx import shape_inference

    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except (shape_inference.InferenceError, ValueError) as error:
        raise AhasdError(f"{where}: ONNX cannot infer its shapes: {str(error).strip()}") from error


def _copy(message: Any) -> Any:
    made = type(message)()
    made.CopyFrom(message)
    return made
