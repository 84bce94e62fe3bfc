"""Files that cannot be used: the error names the file and the cause, and nothing is half written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import yaml

from ahasd.hardware.preset.preset import load_preset
from ahasd.traces.rollout.synthetic import synthesize

Refusal = Callable[..., str]
Document = dict[str, Any]


@pytest.fixture
def preset() -> Document:
    """A valid hardware document, to spoil."""
    return load_preset("module-mac").to_document()


def spoil(document: Document, key: str, entry: Any) -> Document:
    section, _, name = key.partition(".")
    if name:
        document[section][name] = entry
    else:
        document[section] = entry
    return document


@pytest.mark.parametrize(
    ("key", "entry", "cause"),
    [
        ("npu.clock_ghz", {"value": -1, "source": "s"}, "npu.clock_ghz is -1; must be above 0"),
        ("pim.clock_ghz", -0.8, "pim.clock_ghz is -0.8; must be above 0"),
        ("npu.clock_ghz", {"value": float("nan"), "source": "s"}, "npu.clock_ghz is nan; must be finite"),
        (
            "npu.clock_ghz",
            {"value": "fast", "source": "s"},
            "npu.clock_ghz is 'fast'; must be a number",
        ),
        ("npu.clock_ghz", {"value": 1}, "'npu.clock_ghz.source' is missing"),
        ("npu.clock_ghz", [1], "npu.clock_ghz is [1]; must be a number"),
        ("npu.chips", 1.5, "npu.chips is 1.5; must be a whole number"),
        ("npu.clok_ghz", 1, "unknown key 'npu.clok_ghz' (did you mean 'npu.clock_ghz'?)"),
        ("cpus", {"decision_us": 1}, "unknown key 'cpus' (did you mean 'cpu'?)"),
        ("memory", 3, "memory is 3; must be a group of keys and values"),
    ],
)
def test_hardware_file_with_a_bad_constant(
    refused: Refusal, short: list[str], tmp_path: Path, preset: Document, key: str, entry: Any, cause: str
) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(spoil(preset, key, entry)))
    for command in (["run", *short, "--hardware", "mine.yaml"], ["hardware", "show", "mine.yaml"]):
        message = refused(*command)
        assert message.startswith("error: mine.yaml: ")
        assert cause in message
        assert "Input should" not in message


def test_hardware_file_that_lacks_something(
    refused: Refusal, short: list[str], tmp_path: Path, preset: Document
) -> None:
    del preset["npu"]["chips"], preset["cpu"]
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(preset))
    message = refused("run", *short, "--hardware", "mine.yaml")
    assert message == "error: mine.yaml: 'npu.chips' is missing; 'cpu' is missing\n"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"npu: [1, 2", "is not valid YAML"),
        (b"npu:\n\tclock: 1\n", "is not valid YAML"),
        (b"", "is not a hardware preset: expected sections such as 'npu:'"),
        (b"- 1\n- 2\n", "is not a hardware preset"),
        (b"\xff\xfe\x00abc", "is not text in UTF-8"),
    ],
)
def test_hardware_file_that_is_none(
    refused: Refusal, short: list[str], tmp_path: Path, content: bytes, cause: str
) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    message = refused("run", *short, "--hardware", "mine.yaml")
    assert "mine.yaml" in message
    assert cause in message


def test_hardware_that_is_a_folder_or_missing(refused: Refusal, short: list[str], tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "folder").mkdir()
    for name in ("folder.yaml", "folder"):
        assert f"'{name}' cannot be read: Is a directory" in refused("run", *short, "--hardware", name)
    for name in ("missing.yaml", "nowhere/missing"):
        assert f"'{name}' does not exist" in refused("run", *short, "--hardware", name)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ('{"tokens": ', "is not valid JSON"),
        ("[1]", "must hold one JSON object"),
        ('{"tokns": 3}', "unknown key 'tokns' (did you mean 'tokens'?)"),
        ('{"seed": "many"}', "seed is 'many'; must be a whole number"),
        ('{"seed": Infinity}', "Infinity is no number of JSON"),
        ('{"system": {"name": "x"}}', "'system.schedule' is missing"),
        ('{"system": {"nme": "x"}}', "unknown key 'system.nme'"),
        ('{"hardware": {"npu": {"clock_ghz": -1}}}', "npu.clock_ghz is -1; must be above 0"),
        ('{"models": {"draft": {"name": "x"}}}', "'models.draft.layers' is missing"),
        ('{"set": ["npu.clock_ghz=1", 3]}', "set.1 is 3; must be a text"),
    ],
)
def test_configuration_file(
    refused: Refusal, short: list[str], tmp_path: Path, content: str, cause: str
) -> None:
    (tmp_path / "mine.json").write_text(content)
    message = refused("run", *short, "--config", "mine.json")
    assert cause in message
    assert "Input should" not in message


def test_configuration_that_is_a_folder_or_missing(
    refused: Refusal, short: list[str], tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    assert "'folder' cannot be read: Is a directory" in refused("run", *short, "--config", "folder")
    assert "'missing' does not exist" in refused("run", *short, "--config", "missing")


def test_model_files(refused: Refusal, short: list[str], tmp_path: Path) -> None:
    model = tmp_path / "config.json"
    for content in ("{", "[]", "{}", '{"model_type": "mamba"}', '{"model_type": "llama"}'):
        model.write_text(content)
        message = refused("run", *short, "--pair", f"{model}:llama2-13b")
        assert str(model) in message
    model.write_bytes(b"\xff\xfe\x00")
    assert str(model) in refused("run", *short, "--pair", f"{model}:llama2-13b")


def broken_trace(path: Path, **tensors: Any) -> None:
    trace = synthesize(positions=40, prompts=3)
    safetensors.numpy.save_file(trace.tensors() | tensors, path, trace.header.to_metadata())


def entropies(value: float) -> np.ndarray[Any, Any]:
    entropy = synthesize(positions=40, prompts=3).entropy.copy()
    entropy[5, 3] = value
    return entropy


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.5, 60000.0])
def test_trace_with_an_entropy_out_of_range(refused: Refusal, tmp_path: Path, value: float) -> None:
    broken_trace(tmp_path / "bad.safetensors", entropy=entropies(value))
    for command in (["run", "--tokens", "16", "--trace"], ["trace", "info"]):
        message = refused(*command, "bad.safetensors")
        assert message.startswith("error: trace bad.safetensors: entropy row 5, step 3 is ")
        assert "must be in [0, " in message


def test_trace_without_draft_steps(refused: Refusal, tmp_path: Path) -> None:
    tensors = synthesize(positions=40, prompts=3).tensors()
    none = {name: tensor[:, :0] for name, tensor in tensors.items() if tensor.ndim == 2}
    broken_trace(tmp_path / "bad.safetensors", **none)
    assert "at least one draft step K" in refused("run", "--trace", "bad.safetensors")


def test_truncated_and_foreign_traces(refused: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    broken_trace(path)
    path.write_bytes(path.read_bytes()[:-100])
    assert "bad.safetensors: truncated" in refused("run", "--trace", "bad.safetensors")
    path.write_text("not a trace")
    assert "not a safetensors file" in refused("run", "--trace", "bad.safetensors")
    safetensors.numpy.save_file({"weight": np.zeros(3, np.float32)}, path)
    assert "not a rollout trace" in refused("run", "--trace", "bad.safetensors")
    assert "no such file" in refused("run", "--trace", "missing.safetensors")
    assert "is a folder" in refused("run", "--trace", tmp_path)


@pytest.mark.parametrize("output", ["file", "file/below"])
def test_output_folder_that_cannot_be(
    refused: Refusal, short: list[str], tmp_path: Path, output: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    for command in ("run", "compare"):
        message = refused(command, *short, "--output", output)
        assert f"output folder '{output}' cannot be written" in message
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(
    ("timeline", "cause"),
    [("folder", "it is a folder"), ("file/t.json", "'file' cannot be written"), ("", "give a file name")],
)
def test_timeline_that_cannot_be_written_is_refused_before_anything_is(
    refused: Refusal, short: list[str], tmp_path: Path, timeline: str, cause: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    assert cause in refused("run", *short, "--output", "out", "--timeline", timeline)
    assert not (tmp_path / "out" / "results.json").exists()


def test_synth_into_what_cannot_be_written(refused: Refusal, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for output in ("folder", "missing/a.safetensors"):
        assert f"cannot write trace {output}" in refused("trace", "synth", "--output", output)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_failed_run_leaves_the_earlier_result(
    ahasd: Callable[..., Any], refused: Refusal, short: list[str], tmp_path: Path
) -> None:
    ahasd("run", *short, "--output", "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    refused("run", *short, "--output", "out", "--algorithm", "fixed:0")
    refused("run", *short, "--output", "out", "--pair", "palm-like-8b:palm-like-62b")
    (tmp_path / "out" / "metrics.txt").unlink()
    (tmp_path / "out" / "metrics.txt").mkdir()
    refused("run", *short, "--output", "out", "--seed", 5)
    (tmp_path / "out" / "metrics.txt").rmdir()
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert after == {name: content for name, content in before.items() if name != "metrics.txt"}
    assert json.loads(after["config.json"])["seed"] == 0
