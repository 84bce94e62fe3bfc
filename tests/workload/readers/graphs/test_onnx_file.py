"""Graphs of ONNX files: what is read, what is refused and how, and files written in another order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.graph_ordering.order import find_order
from ahasd.graph_ordering.problem import Aliases, ordering_problem
from ahasd.workload.readers.graphs.onnx_file import read_onnx
from ahasd.workload.readers.graphs.onnx_model import has_external_data, reordered_onnx
from ahasd.workload.value import ValueKind

onnx = pytest.importorskip("onnx")
helper = onnx.helper
FLOAT = onnx.TensorProto.FLOAT


def value(name: str, *shape: Any, kind: int = FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def weights(name: str, *shape: int) -> Any:
    return onnx.numpy_helper.from_array(np.full(shape, 0.5, np.float32), name)


def written(
    tmp_path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], held: Any = (), **fields: Any
) -> Path:
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializer=list(held), **fields)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def branches(tmp_path: Path, batch: Any = 1) -> Path:
    """Two convolutions of an input, one of them wide and narrowed again, joined; shapes only at the ends."""
    nodes = [
        helper.make_node("Conv", ["x", "keep"], ["kept"], "keeping", kernel_shape=[1, 1]),
        helper.make_node("Conv", ["x", "widen"], ["wide"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["wide"], ["active"]),
        helper.make_node("Conv", ["active", "narrow"], ["narrowed"], kernel_shape=[1, 1]),
        helper.make_node("Constant", [], ["one"], value=weights("one", 1)),
        helper.make_node("Add", ["narrowed", "one"], ["more"]),
        helper.make_node("Concat", ["kept", "more"], ["y"], axis=1),
    ]
    held = [weights("keep", 8, 2, 1, 1), weights("widen", 16, 2, 1, 1), weights("narrow", 1, 16, 1, 1)]
    return written(tmp_path, nodes, [value("x", batch, 2, 4, 4)], [value("y", batch, 9, 4, 4)], held)


def test_shapes_are_inferred_and_weights_apart(tmp_path: Path) -> None:
    graph = read_onnx(branches(tmp_path))
    sizes = {name: one.bytes for name, one in graph.values.items() if one.kind is not ValueKind.CONSTANT}
    assert sizes == {
        "x": 128, "kept": 512, "wide": 1024, "active": 1024, "narrowed": 64, "more": 64, "y": 576
    }  # fmt: skip
    assert [node.name for node in graph.nodes] == [
        "keeping",
        "Conv_1",
        "Relu_2",
        "Conv_3",
        "Add_5",
        "Concat_6",
    ]
    assert graph.values["y"].kind is ValueKind.OUTPUT
    constants = [name for name, one in graph.values.items() if one.kind is ValueKind.CONSTANT]
    assert constants == ["keep", "widen", "narrow", "one"]
    assert find_order(ordering_problem(graph)).peak_bytes == 128 + 2 * 1024


def test_an_open_length_is_named_and_can_be_given(tmp_path: Path) -> None:
    path = branches(tmp_path, "batch")
    with pytest.raises(
        AhasdError, match=r"value x: axis 0 has the length 'batch', which is open; .* --dim batch=1"
    ):
        read_onnx(path)
    with pytest.raises(AhasdError, match="no input or output has a length named 'rows'; open are batch"):
        read_onnx(path, {"rows": 1})
    assert read_onnx(path, {"batch": 3}).values["wide"].bytes == 3 * 1024
    with pytest.raises(AhasdError, match="value x: the length of axis 0 is open and has no name"):
        read_onnx(branches(tmp_path, None))
    with pytest.raises(AhasdError, match="axis 0 has the length -2"):
        read_onnx(branches(tmp_path, -2))


def test_in_place_and_views_save_what_they_should(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Exp", ["flat"], ["e"]),
        helper.make_node("Neg", ["e"], ["n"]),
        helper.make_node("Identity", ["n"], ["y"]),
    ]
    graph = read_onnx(written(tmp_path, nodes, [value("x", 2, 8)], [value("y", 2, 8)]))
    peaks = {aliases: find_order(ordering_problem(graph, aliases)).peak_bytes for aliases in Aliases}
    assert peaks == {Aliases.COPIED: 128, Aliases.VIEWS: 128, Aliases.IN_PLACE: 128}
    assert len(ordering_problem(graph, Aliases.VIEWS).blocks) == 3
    longer = [helper.make_node("Exp", ["n"], ["m"]), helper.make_node("Sum", ["m", "m"], ["y"])]
    graph = read_onnx(written(tmp_path, [*nodes[:3], *longer], [value("x", 2, 8)], [value("y", 2, 8)]))
    assert ordering_problem(graph, Aliases.IN_PLACE).overwritten.keys() == {2, 3, 4}


def test_missing_external_data_is_no_problem(tmp_path: Path) -> None:
    path = branches(tmp_path)
    assert not has_external_data(path)
    model = onnx.load(path)
    expected = read_onnx(path)
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "weights.bin").unlink()
    assert has_external_data(path)
    assert dict(read_onnx(path).values) == dict(expected.values)


def test_external_data_on_which_shapes_hang_is_named(tmp_path: Path) -> None:
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["m"]), helper.make_node("Neg", ["m"], ["y"])]
    shape = onnx.numpy_helper.from_array(np.array([4, 2]), "shape")
    path = written(tmp_path, nodes, [value("x", 2, 4)], [value("y", "rows", "columns")], [shape])
    assert read_onnx(path).values["y"].shape == (4, 2)
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(
        AhasdError, match=r"constants that lie in other files.*: shape.*: value m has no shape"
    ):
        read_onnx(path)


@pytest.mark.parametrize(
    ("node", "kind", "problem"),
    [
        ("Unknown", FLOAT, "value y has no shape|shape"),
        ("Identity", onnx.TensorProto.STRING, "the type 'string' is not known"),
    ],
)
def test_types_and_shapes_that_nobody_knows_are_refused(
    tmp_path: Path, node: str, kind: int, problem: str
) -> None:
    nodes = [helper.make_node(node, ["x"], ["m"], domain="else" if node == "Unknown" else "")]
    nodes.append(helper.make_node("Identity", ["m"], ["y"]))
    path = written(tmp_path, nodes, [value("x", 2, kind=kind)], [value("y", 2, kind=kind)])
    with pytest.raises(AhasdError, match=problem):
        read_onnx(path)


def test_control_flow_is_refused_by_name(tmp_path: Path) -> None:
    body = helper.make_graph([helper.make_node("Neg", ["x"], ["b"])], "body", [], [value("b", 2)])
    nodes = [helper.make_node("If", ["c"], ["y"], "choice", then_branch=body, else_branch=body)]
    inputs = [value("x", 2), value("c", kind=onnx.TensorProto.BOOL)]
    with pytest.raises(AhasdError, match="node choice is If, control flow"):
        read_onnx(written(tmp_path, nodes, inputs, [value("y", 2)]))


def test_what_is_no_tensor_no_file_or_no_graph_is_refused(tmp_path: Path) -> None:
    sequence = helper.make_tensor_sequence_value_info("s", FLOAT, [2])
    nodes = [helper.make_node("SequenceLength", ["s"], ["y"])]
    with pytest.raises(AhasdError, match="value s is no tensor but sequence"):
        read_onnx(written(tmp_path, nodes, [sequence], [value("y", kind=onnx.TensorProto.INT64)]))
    bad = tmp_path / "bad.onnx"
    with pytest.raises(AhasdError, match=r"bad\.onnx' does not exist"):
        read_onnx(bad)
    for content in (b"", b"\xff\xff\xff", b"PK\x03\x04 not a model"):
        bad.write_bytes(content)
        with pytest.raises(AhasdError, match=r"bad\.onnx is no ONNX file"):
            read_onnx(bad)
    circle = [helper.make_node("Neg", ["b"], ["a"], "one"), helper.make_node("Neg", ["a"], ["b"], "two")]
    infos = [value("a", 2)]
    with pytest.raises(AhasdError, match=r"in a circle|cannot infer"):
        read_onnx(written(tmp_path, circle, [], [value("b", 2)], value_info=infos))
    loose = [helper.make_node("Add", ["x", "nobody"], ["y"], "adding")]
    with pytest.raises(AhasdError, match="node adding reads nobody, which nothing writes"):
        read_onnx(written(tmp_path, loose, [value("x", 2)], [value("y", 2)]))


def test_the_file_in_another_order_is_valid_and_computes_the_same(tmp_path: Path) -> None:
    from onnx.reference import ReferenceEvaluator

    path = branches(tmp_path)
    graph = read_onnx(path)
    order = [graph.nodes[number].name for number in (1, 2, 3, 4, 0, 5)]
    other = tmp_path / "other.onnx"
    other.write_bytes(reordered_onnx(path, order))
    again = read_onnx(other)
    assert [node.op for node in again.nodes] == ["Conv", "Relu", "Conv", "Add", "Conv", "Concat"]
    assert again.values.keys() == graph.values.keys()
    x = onnx.numpy_helper.to_array(weights("x", 1, 2, 4, 4))
    outputs = [ReferenceEvaluator(onnx.load(file)).run(None, {"x": x})[0] for file in (path, other)]
    assert (outputs[0] == outputs[1]).all()
    with pytest.raises(AhasdError, match="in the new order it is no valid ONNX model"):
        reordered_onnx(path, order[::-1])


def test_functions_of_the_file_are_inlined(tmp_path: Path) -> None:
    function = helper.make_function(
        "own",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    nodes = [helper.make_node("Twice", ["x"], ["m"], domain="own"), helper.make_node("Neg", ["m"], ["y"])]
    graph = helper.make_graph(nodes, "g", [value("x", 2)], [value("y", 2)])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(graph, functions=[function], opset_imports=opsets, ir_version=8)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    assert [node.op for node in read_onnx(path).nodes] == ["Add", "Neg"]
