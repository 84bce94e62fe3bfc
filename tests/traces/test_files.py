"""Traces on disk: they come back as they were, and what is not a trace is refused by name and cause."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from ahasd.errors import AhasdError
from ahasd.traces.files import load, save
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.synthetic import synthesize


@pytest.fixture(scope="module")
def trace() -> RolloutTrace:
    return synthesize(positions=40, prompts=3)


def write(path: Path, trace: RolloutTrace, drop: str = "", metadata: Any = None, **tensors: Any) -> Path:
    """Write a file that `save` would not write."""
    kept = {name: tensor for name, tensor in trace.tensors().items() if name != drop} | tensors
    header = {k: v for k, v in (trace.header.to_metadata() | (metadata or {})).items() if v is not None}
    safetensors.numpy.save_file(kept, path, header)
    return path


def test_the_same_trace_gives_the_same_bytes(tmp_path: Path, trace: RolloutTrace) -> None:
    for number in range(6):
        save(trace, tmp_path / str(number))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_the_header_of_a_file_is_sorted_padded_text_in_utf_8(tmp_path: Path, trace: RolloutTrace) -> None:
    named = replace(trace, header=replace(trace.header, notes="für Ästhetik"))
    save(named, tmp_path / "trace")
    data = (tmp_path / "trace").read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    text = data[8 : 8 + length].decode("utf-8")
    assert '"notes":"für Ästhetik"' in text
    assert text.rstrip(" ").endswith("}")
    metadata = list(json.loads(text)["__metadata__"])
    assert metadata == sorted(metadata)
    assert load(tmp_path / "trace").header.notes == "für Ästhetik"


@pytest.mark.parametrize("steps", [16, 24])
@pytest.mark.parametrize("head", [False, True])
def test_round_trip(tmp_path: Path, steps: int, head: bool) -> None:
    trace = synthesize(positions=30, steps=steps, prompts=2)
    if head:
        trace = replace(trace, predicted_acceptance=trace.draft_probability)
    save(trace, tmp_path / "a.safetensors")
    again = load(str(tmp_path / "a.safetensors"))
    assert again.header == trace.header
    assert again.tensors().keys() == trace.tensors().keys()
    for name, tensor in trace.tensors().items():
        np.testing.assert_array_equal(again.tensors()[name], tensor)
    assert again.sha256 == trace.sha256
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_a_trace_of_the_usual_size_is_small(tmp_path: Path) -> None:
    save(synthesize(), tmp_path / "a.safetensors")
    assert (tmp_path / "a.safetensors").stat().st_size == pytest.approx(0.92e6, rel=0.02)


@pytest.mark.parametrize("steps", [1, 15, 25])
def test_files_hold_16_to_24_steps(tmp_path: Path, steps: int) -> None:
    trace = synthesize(positions=4, steps=steps, prompts=1)
    with pytest.raises(AhasdError, match=f"has {steps} draft steps per position"):
        save(trace, tmp_path / "a.safetensors")
    with pytest.raises(AhasdError, match=f"bad.safetensors: has {steps} draft steps per position"):
        load(write(tmp_path / "bad.safetensors", trace))
    assert os.listdir(tmp_path) == ["bad.safetensors"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, trace: RolloutTrace, share: float) -> None:
    path = tmp_path / "cut.safetensors"
    save(trace, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(AhasdError, match=r"cut.safetensors: truncated"):
        load(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"weight": np.zeros((2, 2), np.float32)}, path)
    with pytest.raises(AhasdError, match=r"model.safetensors: not a rollout trace"):
        load(path)
    path.write_text("question_id,category\n" * 100)
    with pytest.raises(AhasdError, match=r"model.safetensors: truncated, or not a safetensors file"):
        load(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"format_version": "2", "new_field": "x"}, "format version 2 is not supported"),
        ({"format_version": "two"}, "format_version is 'two'"),
        ({"format_version": None}, "format_version is 'missing'"),
        ({"draft": None, "seed": None}, "missing draft, seed"),
        ({"colour": "red"}, "unknown colour"),
        ({"temperature": "warm"}, "temperature is 'warm'"),
        ({"mode": "beam"}, "mode is 'beam'"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, trace: RolloutTrace, metadata: Any, message: str) -> None:
    with pytest.raises(AhasdError, match=f"bad.safetensors: .*{message}"):
        load(write(tmp_path / "bad.safetensors", trace, metadata=metadata))


@pytest.mark.parametrize(
    "name",
    ["entropy", "draft_probability", "acceptance_probability", "accepted", "target_entropy", "prompt_start"],
)
def test_a_missing_tensor_is_named(tmp_path: Path, trace: RolloutTrace, name: str) -> None:
    with pytest.raises(AhasdError, match=f"bad.safetensors: lacks the tensor {name}"):
        load(write(tmp_path / "bad.safetensors", trace, drop=name))


def test_wrong_tensors_are_named(tmp_path: Path, trace: RolloutTrace) -> None:
    path = tmp_path / "bad.safetensors"
    with pytest.raises(AhasdError, match="holds the unknown tensor logits"):
        load(write(path, trace, logits=np.zeros(3, np.float32)))
    with pytest.raises(AhasdError, match="entropy has dtype F32; must be F16"):
        load(write(path, trace, entropy=trace.entropy.astype(np.float32)))
    entropy = trace.entropy.copy()
    entropy[7, 3] = np.nan
    with pytest.raises(AhasdError, match=r"bad.safetensors: entropy row 7, step 3 is nan"):
        load(write(path, trace, entropy=entropy))


def test_no_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match=r"none.safetensors: no such file"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(AhasdError, match="is a folder"):
        load(tmp_path)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, trace: RolloutTrace) -> None:
    with pytest.raises(AhasdError, match=r"cannot write trace .*a.safetensors: No such file"):
        save(trace, tmp_path / "none" / "a.safetensors")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, trace: RolloutTrace, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "a.safetensors"
    save(trace, path)
    old = path.read_bytes()

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((AhasdError, KeyboardInterrupt)):
        save(synthesize(positions=50, prompts=1), path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["a.safetensors"]
