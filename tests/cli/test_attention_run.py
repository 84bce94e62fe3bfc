"""``ahasd attention run`` and ``calibrate``, and what other commands make of what they write."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ahasd.decoding.tiny_pair import target_path
from ahasd.traces.attention.files import load

Succeeds = Callable[..., str]
Refused = Callable[..., str]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None,
    reason="runs real models",
)
PROMPT = "def area(width, height):\n    return width * height\n\n\n" * 4
SMALL = ("--page", "8", "--budget", "16", "--sink", "8", "--recent", "16")
RUN = ("attention", "run", "--prompt", PROMPT, "--max-new-tokens", "12")


def test_heads_are_calibrated_and_the_table_splits_a_run_whose_trace_is_replayed(
    succeeds: Succeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("--sink", "8", "--recent", "24", "--prompts", "1", "--length", "150", "-o", "tiny.tsv")
    said = succeeds("attention", "calibrate", *asked)
    assert said.startswith("tiny-target: with the half of its 16 key-value heads that need the context least")
    rows = [[float(text) for text in line.split("\t")] for line in Path("tiny.tsv").read_text().splitlines()]
    assert [len(row) for row in rows] == [4] * 4
    assert max(max(row) for row in rows) == 1
    model = str(target_path() / "config.json")
    plan = ("attention", "plan", model, "--context", "200", "--tokens", "2", "--sink", "8", "--recent", "16")
    assert "h2eal makes attention" in succeeds(*plan, "--budget", "32", "--heads", "tiny.tsv")

    given = ("--heads", "tiny.tsv", "--record", "trace.safetensors", "--json")
    found = json.loads(succeeds(*RUN, *SMALL, *given))
    assert found["heads"] == {"dense": 0, "paged": 8, "streaming": 8}
    assert 0 < found["bytes_read_per_step"] < found["dense_bytes_per_step"]
    assert 0 <= found["same_choice"] <= 1
    trace = load("trace.safetensors")
    assert trace.steps == found["tokens"] - 1
    least = sorted(value for row in rows for value in row)[8]
    assert [[int(one == 1) for one in row] for row in trace.classes.tolist()] == [
        [int(value >= least) for value in row] for row in rows
    ]
    said = succeeds("trace", "info", "trace.safetensors")
    assert said.startswith("A head that chooses pages reads ")
    assert "8 choose pages, 8 stream (of 4 layers of 4)" in said
    replay = ("run", "--system", "h2eal", "--model", model, "--attention", "trace.safetensors")
    section = json.loads(succeeds(*replay, "--json"))["sparse_attention"]
    assert section["context"] == found["prompt_tokens"] + trace.steps
    # 16 bits here, 32 in the run.
    assert 2 * section["attention_bytes"] == pytest.approx(found["bytes_read_per_step"])


def test_dense_is_the_models_own_text(succeeds: Succeeds, ahasd: Callable[..., Any]) -> None:
    found = json.loads(succeeds(*RUN, "--dense", "--json"))
    assert found["same_text"]
    assert found["bytes_read_per_step"] == found["dense_bytes_per_step"]
    own = ahasd("generate", "--prompt", PROMPT, "--method", "autoregressive", "--max-new-tokens", "12")
    assert found["text"].strip() == own.out.strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--budget", "8"), "budget of 8 tokens is below a page of 16"),
        (("--sink", "100", "--recent", "100"), "sink 100 and recent 100 together are more than the context"),
        (("--heads", "llama-3.1-8b", *SMALL), "it is another model's"),
        (("--dense", "--page", "8"), "--dense reads everything, so --page would change nothing"),
        (("--sharing", "both"), "--sharing is 'both'"),
        (("--streaming", "1.5", *SMALL), "--streaming is 1.5"),
        (("--dense-layers", "5", *SMALL), "dense layers are 5"),
        (("--max-new-tokens", "500", *SMALL), "was made for 256"),
        (("--max-new-tokens", "1", "--record", "x.safetensors", *SMALL), "nothing to record"),
        (("--max-new-tokens", "0", *SMALL), "--max-new-tokens is 0"),
        (("--threads", "0"), "--threads is 0"),
    ],
)
def test_what_cannot_run_is_refused(
    refused: Refused,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused("attention", "run", "--prompt", PROMPT, *options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "needs.csv"), "ends in .tsv"),
        (("-o", "needs.tsv", "--task", "sing"), "--task is 'sing'"),
        (("-o", "needs.tsv"), "more than the context of 25"),
        (("-o", "needs.tsv", "--length", "300", "--sink", "4", "--recent", "8"), "was made for 256"),
        (("-o", "needs.tsv", "--length", "30", "--sink", "4", "--recent", "8"), "cannot hold a pass key"),
    ],
)
def test_calibration_that_cannot_be_is_refused(
    refused: Refused,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused("attention", "calibrate", *options)


def test_help_shows_defaults_that_differ_between_families(succeeds: Succeeds) -> None:
    text = " ".join(succeeds("run", "--help").replace("│", " ").split())
    assert "16 for systems such as h2eal" in text
