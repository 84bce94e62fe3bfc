"""``ahasd order``: the first sentence, the picture, JSON, files, and what it refuses without writing anything."""

import json
import random
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ahasd.graph_ordering.spill import spill
from ahasd.hardware.preset.preset import load_preset

Succeeds = Callable[..., str]
Refusal = Callable[..., str]
GRAPHS = Path(__file__).parents[1] / "reference" / "graphs"
NASNET = GRAPHS / "nasnetalarge.json"


def ordered(succeeds: Succeeds, *arguments: object) -> dict[str, Any]:
    return dict(json.loads(succeeds("order", "--json", *arguments)))


def graph_file(path: Path, nodes: list[dict[str, Any]], values: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"nodes": nodes, "values": values}))
    return path


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A graph that no search proves in milliseconds."""
    values: dict[str, Any] = {"x": {"kind": "input", "bytes": 1}}
    nodes = []
    rng = random.Random(0)
    for n in range(150):
        read = [f"v{m}" for m in rng.sample(range(n), min(3, n))] or ["x"]
        values[f"v{n}"] = {"kind": "activation", "bytes": rng.randint(50, 100)}
        nodes.append({"name": f"n{n}", "op": "op", "inputs": read, "outputs": [f"v{n}"]})
    return graph_file(tmp_path / "wide.json", nodes, values)


def test_the_first_sentence_says_peak_proof_and_distances(succeeds: Succeeds) -> None:
    text = succeeds("order", NASNET)
    first = " ".join(text.partition("\n\n")[0].split())
    assert first == (
        "The least peak is 33,390 KB, proved: 14 % less than the given order's 38,986 KB and 5.6 % less than reverse "
        "post-order (35,381 KB)."
    )
    assert "given order: 38,986 KB at step 40 of 1266" in text
    assert "order by exact: 33,390 KB at step 12 of 1266" in text
    assert "At the peak, while n40 runs: v40 10,710 KB, v2 10,209 KB" in text


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(
    succeeds: Succeeds, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = succeeds("order", GRAPHS / "darts-nnrnn.json", "--sram", "1MB")
    assert max(map(len, text.splitlines())) <= min(columns, 98)
    bars = [line for line in text.splitlines() if set(line) & set("▁▂▃▄▅▆▇█#|")]
    assert len(bars) == 8


def test_the_json_holds_an_order_that_can_be_counted_again(succeeds: Succeeds) -> None:
    document = ordered(succeeds, NASNET)
    assert (document["peak_bytes"], document["lower_bound_bytes"]) == (34190928, 34190928)
    assert document["optimal"] is True
    assert len(document["order"]) == len(set(document["order"])) == document["nodes"] == 1266
    assert max(document["live_bytes"]) == document["peak_bytes"]
    assert max(document["given_live_bytes"]) == document["given_peak_bytes"]
    peak = document["at_peak"]
    assert sum(one["bytes"] for one in peak["values"]) == document["peak_bytes"]
    assert document["order"][peak["step"]] == peak["node"]
    assert document["arena"]["bytes"] >= document["peak_bytes"]


def test_what_was_not_proved_is_never_called_the_least(succeeds: Succeeds, wide: Path) -> None:
    text = " ".join(succeeds("order", wide, "--seconds", "0.01").split())
    assert "not proved to be the least (none goes below" in text
    assert "The least peak" not in text
    document = ordered(succeeds, wide, "--seconds", "0.01")
    assert document["optimal"] is False
    assert document["lower_bound_bytes"] < document["peak_bytes"]


def test_a_comparison_has_every_method_and_none_below_the_bound(succeeds: Succeeds) -> None:
    document = ordered(succeeds, GRAPHS / "nasnet-nnrnn.json", "--compare")
    peaks = {one["method"]: one["peak_bytes"] for one in document["compared"]}
    assert {
        "given",
        "rpo",
        "lpmf",
        "bfs",
        "dfs",
        "inductor",
        "beam",
        "windows",
        "hmcos-like",
        "exact",
    } <= peaks.keys()
    assert min(peaks.values()) == peaks["exact"] == document["lower_bound_bytes"]
    table = succeeds("order", GRAPHS / "nasnet-nnrnn.json", "--compare").partition("method ")[2]
    assert "3,672.0     64.5 %" in next(line for line in table.splitlines() if line.startswith("rpo"))


def test_a_weaker_method_is_not_called_least_unless_another_proves_it(succeeds: Succeeds) -> None:
    rpo = ordered(succeeds, GRAPHS / "nasnet-nn.json", "--method", "rpo")
    assert (rpo["method"], rpo["optimal"]) == ("rpo", False)
    proved = ordered(succeeds, GRAPHS / "amoeba-nn.json", "--method", "hmcos-like", "--compare")
    assert (proved["method"], proved["optimal"]) == ("hmcos-like", True)


def test_what_does_not_fit_is_summed_by_the_stated_rule_and_costed(succeeds: Succeeds) -> None:
    document = ordered(succeeds, NASNET, "--sram", "2MB", "--hardware", "rank-both")
    spilled = sum(max(0, live - 2 * 2**20) for live in document["live_bytes"])
    hardware = load_preset("rank-both").hardware
    memory, energy = hardware.require_memory(), hardware.require_energy()
    rate = memory.channels * memory.channel_gb_per_second * 1e9 * memory.bus_efficiency
    assert document["spill"]["bytes"] == spilled
    assert document["spill"]["seconds"] == pytest.approx(spilled / rate)
    joules = spilled * 8e-12 * energy.offchip_pj_per_bit
    joules += spilled / rate * memory.channels * energy.rank_active_mw * 1e-3
    assert document["spill"]["joules"] == pytest.approx(joules)
    assert document["spill"]["given"]["bytes"] > spilled
    assert spill([10, 20], 30, hardware).bytes == 0
    assert "Both orders fit" in succeeds("order", GRAPHS / "darts-nn.json", "--sram", "1GB")


def test_working_in_place_lowers_the_peak_of_a_network(succeeds: Succeeds) -> None:
    mobile = [
        ordered(succeeds, "--network", "mobilenet-v2", "--aliases", name)["peak_bytes"]
        for name in ("copied", "in-place")
    ]
    assert mobile[1] < mobile[0]


def test_every_step_is_listed_on_demand(succeeds: Succeeds) -> None:
    lines = succeeds("order", GRAPHS / "darts-nn.json", "--details").splitlines()
    assert len([line for line in lines if line.endswith("n1")]) == 1
    assert lines[-1].split()[0] == "82"


def test_the_order_is_written_whole(succeeds: Succeeds, tmp_path: Path) -> None:
    succeeds("order", GRAPHS / "darts-nn.json", "--output", "made/order.json")
    document = json.loads((tmp_path / "made" / "order.json").read_text())
    assert document["peak_bytes"] == 1280 * 1024
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["order.json"]


@pytest.mark.skipif(find_spec("onnx") is None, reason="needs the extra ordering")
def test_an_onnx_file_is_ordered_and_written_in_that_order(
    succeeds: Succeeds, refused: Refusal, tmp_path: Path
) -> None:
    from onnx import TensorProto, helper, load

    nodes = [
        helper.make_node("Concat", ["x"] * 4, ["kept"], "keep", axis=1),
        helper.make_node("Concat", ["x"] * 9, ["wide"], "widen", axis=1),
        helper.make_node("ReduceSum", ["wide"], ["narrow"], "narrow"),
        helper.make_node("Add", ["kept", "narrow"], ["y"], "join"),
    ]
    ends = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", c]) for n, c in (("x", 4), ("y", 16))
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", ends[:1], ends[1:]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    assert "give it a value, such as --dim batch=1" in refused("order", path, "--output", "order.onnx")
    assert not (tmp_path / "order.onnx").exists()
    succeeds("order", path, "--dim", "batch=2", "--output", "order.onnx")
    assert [node.name for node in load(tmp_path / "order.onnx").graph.node] == [
        "widen",
        "narrow",
        "keep",
        "join",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a FILE (.json, .onnx or .pt2), or --network and a name"),
        ((NASNET, "--network", "darts"), "not both"),
        (("none.json",), "'none.json' does not exist"),
        (("graph.txt",), "a graph is a file that ends in .json, .onnx, .pt2"),
        (("--network", "nasnet"), "unknown network 'nasnet'. Did you mean 'nasnet-a'?"),
        ((NASNET, "--method", "exakt"), "unknown method 'exakt'. Did you mean 'exact'?"),
        ((NASNET, "--method", "liu"), "is for trees"),
        ((NASNET, "--aliases", "free"), "unknown --aliases 'free'"),
        ((NASNET, "--arena", "worst"), "unknown --arena 'worst'"),
        ((NASNET, "--seconds", "0"), "--seconds is 0; it must be above 0"),
        ((NASNET, "--seconds", "nan"), "--seconds is nan"),
        ((NASNET, "--sram", "2 apples"), "--sram 2 apples: expected a size above 0"),
        ((NASNET, "--sram", "0MB"), "--sram 0MB: expected a size above 0"),
        ((NASNET, "--hardware", "nothing"), "nothing"),
        ((NASNET, "--dim", "batch=1"), "only those have such"),
        (("some.onnx", "--dim", "batch"), "expected NAME=LENGTH"),
        (("some.onnx", "--dim", "batch=0"), "a length is at least 1"),
        (("some.onnx", "--dim", "batch=1_0"), "no whole number"),
        ((NASNET, "--execute"), "give a .pt2 file"),
        ((NASNET, "--output", "order.onnx"), "only an ONNX file can be written as one"),
        ((NASNET, "--output", "order.txt"), "ends in .json or .onnx"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(
    refused: Refusal, tmp_path: Path, arguments: tuple[object, ...], message: str
) -> None:
    given = arguments if "--output" in arguments else (*arguments, "--output", "order.json")
    assert message in refused("order", *given)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("order")]


NODE = {"name": "n", "op": "relu", "inputs": ["x"], "outputs": ["y"]}
VALUES = {"x": {"kind": "input", "bytes": 4}, "y": {"kind": "output", "bytes": 4}}


@pytest.mark.parametrize(
    ("nodes", "values", "message"),
    [
        ([NODE], {"x": VALUES["x"]}, "node n names the value y, which 'values' lacks"),
        ([NODE], VALUES | {"y": {"kind": "output"}}, "value y: bytes is None"),
        ([NODE], VALUES | {"y": {"kind": "output", "bytes": -4}}, "value y: bytes is -4"),
        ([NODE], VALUES | {"y": {"kind": "out", "bytes": 4}}, "kind is 'out'"),
        (
            [NODE],
            VALUES | {"y": {"kind": "output", "shape": ["n"], "dtype": "int8"}},
            "'n' of its shape is not a number",
        ),
        (
            [NODE],
            VALUES | {"y": {"kind": "output", "shape": [2], "dtype": "int7"}},
            "the type 'int7' is not known",
        ),
        ([NODE], VALUES | {"y": VALUES["y"] | {"alias_of": "z"}}, "y is to lie in z"),
        ([NODE | {"inputs": ["y"]}], VALUES, "wait for each other in a circle: n"),
        ([NODE, NODE], VALUES, "two nodes of a graph are named n"),
        ([NODE, NODE | {"name": "m"}], VALUES, "writes y, which is there already"),
    ],
)
def test_a_graph_that_is_none_is_refused_and_nothing_written(
    refused: Refusal, tmp_path: Path, nodes: list[dict[str, Any]], values: dict[str, Any], message: str
) -> None:
    path = graph_file(tmp_path / "graph.json", nodes, values)
    said = refused("order", path, "--output", "order.json")
    assert message in said
    assert "graph.json" in said
    assert not (tmp_path / "order.json").exists()


def test_a_graph_without_nodes_has_a_peak_of_nothing(succeeds: Succeeds, tmp_path: Path) -> None:
    path = graph_file(tmp_path / "graph.json", [], {})
    assert succeeds("order", path).startswith("The least peak is 0 B, proved")
    assert ordered(succeeds, path, "--compare")["order"] == []


@pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch")
def test_a_program_of_torch_is_run_in_the_order_that_was_found(succeeds: Succeeds, tmp_path: Path) -> None:
    import torch

    class Branches(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            kept = torch.cat([x] * 4)
            return kept + torch.cat([x] * 9).sum()

    path = tmp_path / "branches.pt2"
    torch.export.save(torch.export.export(Branches(), (torch.ones(8),)), path)
    document = ordered(succeeds, path, "--execute")
    assert document["executed"] == {"peak_bytes": document["peak_bytes"], "outputs_equal": True}
    said = "as predicted; outputs have the same bits as in the given order."
    assert said not in " ".join(succeeds("order", path).split())
    assert said in " ".join(succeeds("order", path, "--execute").split())


def test_networks_are_listed(succeeds: Succeeds) -> None:
    assert "randwire" in succeeds("list", "networks")
