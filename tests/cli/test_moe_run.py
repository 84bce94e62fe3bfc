"""``ahasd moe run``, ``ahasd trace record-routing`` and ``ahasd probe --experts``."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.decoding.tiny_moe import model_path
from ahasd.traces.routing.files import load
from ahasd.traces.routing.resolve import resolve_routing

Succeeds = Callable[..., str]
Refused = Callable[..., str]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None,
    reason="runs real models",
)
RUN = ("moe", "run", "--prompt", "def main(", "--max-new-tokens", "12")


def test_text_is_the_same_for_every_budget_and_the_hits_are_those_of_the_replay(
    succeeds: Succeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small, large = (
        json.loads(succeeds(*RUN, "--expert-memory", memory, "--json")) for memory in ("3MB", "20MB")
    )
    assert small["text"] == large["text"]
    assert (small["slots"], large["slots"]) == (3, 16)
    assert small["memory_bytes"] <= 3e6
    assert (
        small["continuation"]["bytes_read"] == small["continuation"]["misses"] * small["expert_bytes_on_disk"]
    )
    (tmp_path / "prompts.txt").write_text("def main(\n")
    succeeds(
        *("trace", "record-routing", "--prompts", "prompts.txt", "--mode", "greedy"),
        *("--tokens-per-prompt", "12", "-o", "same.safetensors"),
    )
    replayed = json.loads(
        succeeds("moe", "replay", "same.safetensors", "--policy", "lru", "--slots", "3", "--json")
    )
    counts = replayed["results"]["lru"]["3"]
    for part in ("prefix", "continuation"):
        assert counts[part]["hits"] == small[part]["hits"]
    assert load(tmp_path / "same.safetensors").tokens == small["prefix"]["tokens"] + 11
    assert not (tmp_path / "same.safetensors.unfinished").exists()


def test_a_gate_is_told_of(succeeds: Succeeds) -> None:
    found = json.loads(
        succeeds(
            *RUN,
            "--expert-memory",
            "3MB",
            "--gate",
            "sensitivity:threshold=100",
            "--prefetch",
            "adaptive",
            "--json",
        )
    )
    assert found["left_out"] > 0
    assert found["prefetched"] > 0
    assert found["sensitivities"] == "measured on tiny-moe itself"


def test_what_a_gate_costs_is_said_first(succeeds: Succeeds, tmp_path: Path) -> None:
    options = ("moe", "gate", "--tokens", "256", "--thresholds", "0,0.02,100")
    found = json.loads(succeeds(*options, "--json"))
    none, some, all_ = found["thresholds"]
    assert none["kl_nats"] == none["single_expert_ratio"] == 0
    assert 0.1 < some["single_expert_ratio"] < 0.5
    assert (all_["single_expert_ratio"], all_["experts_per_token"]) == (1, 1)
    assert 0 < some["kl_nats"] < 0.05 < all_["kl_nats"]
    text = succeeds(*options)
    answer = " ".join(text.partition("\n\n")[0].split())
    assert answer.startswith("tiny-moe: with threshold 0.02 the second expert is left out in ")
    assert f"from {none['perplexity']:.3f} to {some['perplexity']:.3f}" in answer


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--thresholds", "0,-1"), "--thresholds is '-1'; must be a number, at least 0"),
        (("--thresholds", "nan"), "must be a number"),
        (("--text", "nowhere.txt"), "nowhere.txt"),
    ],
)
def test_gates_that_cannot_be_measured_are_refused(
    refused: Refused, options: tuple[str, ...], said: str
) -> None:
    assert said in refused("moe", "gate", *options)


def test_a_probe_says_the_least_time_of_a_run(succeeds: Succeeds, refused: Refused, tmp_path: Path) -> None:
    rates = {
        "processor_bytes_per_second": 1e9,
        "disk_bytes_per_second": {"4096": 1e7, "65536": 1e8},
        "read_bytes": 65536,
        "processor_beside_disk_bytes_per_second": 5e8,
        "disk_beside_processor_bytes_per_second": 6e7,
        "past_the_page_cache": True,
        "threads": 1,
    }
    (tmp_path / "rates.json").write_text(json.dumps(rates))
    probed = (*RUN, "--expert-memory", "3MB", "--probe", str(tmp_path / "rates.json"))
    found = json.loads(succeeds(*probed, "--json"))
    part, least = found["continuation"], found["least_seconds_per_token"]
    assert least["reads"] == pytest.approx(part["bytes_read"] / part["tokens"] / 1e8)
    # A token goes through eight experts and all that is none; the file has two bytes of a number, the run four.
    whole = 2 * (model_path() / "model.safetensors").stat().st_size
    experts, through = 8 * found["expert_bytes"], least["products"] * 1e9
    assert experts < through < experts + whole - 4 * 16 * found["expert_bytes"]
    first = min(least["products"] / 0.5, least["reads"] / 0.6)
    rest = max(least["products"] - 0.5 * first, least["reads"] - 0.6 * first)
    assert least["both"] == pytest.approx(first + rest)
    rates["read_bytes"] = 8192
    (tmp_path / "rates.json").write_text(json.dumps(rates))
    assert "not what `ahasd probe --experts" in refused(*probed)
    (tmp_path / "rates.json").write_text("{")
    assert "no JSON" in refused(*probed)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--expert-memory", "3"), "give a size above 0 with its unit"),
        (("--expert-memory", "0MB"), "give a size above 0 with its unit"),
        (("--expert-memory", "100kB"), "experts of one token in one layer need"),
        (("--expert-memory", "3MB", "--cache", "belady"), "moe replay"),
        (("--expert-memory", "3MB", "--gate", "top-k:threshold=1"), "option of the gate"),
        (("--expert-memory", "3MB", "--gate", "sensitivity:threshold=-1"), "at least 0"),
        (("--expert-memory", "3MB", "--gate", "none"), "unknown gate"),
        (("--expert-memory", "3MB", "--prefetch", "impact"), "only a simulation knows"),
        (("--expert-memory", "3MB", "--prefetch", "all"), "unknown prefetching"),
        (("--expert-memory", "3MB", "--threads", "0"), "must be at least 1"),
        (("--expert-memory", "3MB", "--model", "nowhere"), "no such folder"),
        (("--expert-memory", "3MB", "--max-new-tokens", "0"), "must be at least 1"),
    ],
)
def test_what_cannot_run_is_refused(refused: Refused, options: tuple[str, ...], said: str) -> None:
    assert said in refused(*RUN, *options)


def test_the_shipped_traces_are_recorded_from_the_tiny_mixture() -> None:
    for name, mode in (("tiny-moe", "sampled"), ("tiny-moe-greedy", "greedy")):
        trace = resolve_routing(name)
        assert (trace.header.model, trace.header.mode) == ("tiny-moe", mode)
        assert (trace.experts, trace.top, trace.layers, trace.depth) == (16, 2, 4, 3)
        assert trace.tokens >= 8000
        foreseen = (trace.ahead[:, 1, 0, :, None] == trace.chosen[:, 2, None, :]).any(-1).mean()
        assert foreseen > 0.8  # of a layer the gate before foresees most; by chance an eighth


def test_a_probe_of_the_disk_says_which_reads_to_take(
    succeeds: Succeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "large.bin").write_bytes(bytes(2**26))
    found = json.loads(
        succeeds("probe", "--experts", "--model", "large.bin", "--seconds", "1", "--threads", "1", "--json")
    )
    disk = {int(size): rate for size, rate in found["disk_bytes_per_second"].items()}
    assert disk[found["read_bytes"]] >= 0.9 * max(disk.values())
    assert found["processor_bytes_per_second"] > 1e6
    assert [path.name for path in tmp_path.iterdir()] == ["large.bin"]


def test_a_probe_of_experts_takes_no_options_of_the_other(refused: Refused, tmp_path: Path) -> None:
    assert "do not go together" in refused("probe", "--experts", "--widths", "1,2")
    assert "holds no safetensors files" in refused("probe", "--experts", "--model", str(tmp_path))
