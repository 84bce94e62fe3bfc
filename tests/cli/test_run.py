"""``ahasd run``: what it prints and what it writes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Succeeds = Callable[..., str]

# The fields that the result is documented to have, by heart and not from the code under test.
FIELDS = {
    "schema_version", "family", "system", "hardware", "work", "verdict", "tokens", "seconds", "seconds_prefill",
    "tokens_per_second", "ttft_s", "tpot_s", "energy_j", "joules_per_token", "acceptance_from", "devices", "baseline",
    "notes", "reproduce", "speculation",
}  # fmt: skip
SECTION = {
    "algorithm", "tokens_cut", "drafted", "accepted", "rejected", "flushed", "in_flight", "draft_acceptance_rate",
    "draft_efficiency", "wasted", "verifications", "mean_acceptance_length", "accepted_histogram", "joules_wasted",
    "break_even_acceptance", "queues", "controller",
}  # fmt: skip
VERDICT = {
    "best", "best_by_energy", "pays", "speedup_over_best_alone", "joules_ratio", "alternatives", "sentence",
}  # fmt: skip


def test_the_text_begins_with_what_is_best_here(succeeds: Succeeds, short: list[str]) -> None:
    text = succeeds("run", *short, "--details")
    first, empty, title = text.splitlines()[:3]
    best = (
        r"Best here: the target alone on the NPU and the PIM ranks together: [\d.]+ tokens/s, [\d.]+ J/token"
    )
    assert re.match(best + r", [\d.]+x as fast as and [\d.]+x the energy of ahasd \(", first)
    assert "Speculation does not pay here, though it is" in first
    assert "acceptance rate" in first
    assert (empty, title) == (
        "",
        "ahasd on module-mac: llama2-7b:llama2-13b, algorithm adaedl (published)",
    )
    for heading in ("Speed", "Tokens", "Energy", "Devices", "Queues", "Controllers"):
        assert f"\n{heading}\n" in text


def test_without_speculation_nothing_is_said_of_acceptance(succeeds: Succeeds, short: list[str]) -> None:
    text = succeeds("run", *short, "--algorithm", "none", "--details")
    assert text.startswith("Best here: the target alone on ")
    assert "the target alone on the NPU (" in text.splitlines()[0]
    assert "acceptance is" not in text
    assert "pays" not in text
    assert json.loads(succeeds("run", *short, "--algorithm", "none", "--json"))["acceptance_from"] is None


def test_a_synthetic_trace_is_not_called_a_recording(succeeds: Succeeds, short: list[str]) -> None:
    assert "synthetic:" in " ".join(short)
    text = succeeds("run", *short, "--algorithm", "fixed:20", "--system", "npu", "--details")
    assert "recorded" not in text
    assert "acceptance is the trace's: " in text
    assert "recorded" in succeeds("run", "--tokens", 8, "--details")


def test_nothing_is_written_unless_asked(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds("run", *short)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("system", ["npu", "npu-pim-async", "ahasd"])
def test_json_is_complete_and_consistent(succeeds: Succeeds, short: list[str], system: str) -> None:
    result = json.loads(succeeds("run", *short, "--json", "--system", system))
    about = result["speculation"]
    assert result["schema_version"] == 2
    assert result["work"] == {"done": 24, "unit": "token"}
    assert result.keys() >= FIELDS
    assert about.keys() >= SECTION
    assert result["verdict"].keys() == VERDICT
    assert not result.keys() & SECTION
    assert result["tokens"] == 24
    assert result["tokens_per_second"] == pytest.approx(24 / result["seconds"])
    assert result["tpot_s"] == pytest.approx(result["seconds"] / 24)
    assert result["ttft_s"] > result["seconds_prefill"] > 0
    parts = [about[name] for name in ("accepted", "rejected", "flushed", "in_flight")]
    assert about["drafted"] == sum(parts)
    assert about["wasted"] == about["drafted"] - about["accepted"]
    assert sum(result["energy_j"].values()) == pytest.approx(24 * result["joules_per_token"])
    for shares in result["devices"].values():
        assert sum(shares.values()) == pytest.approx(1)
    assert sum(about["accepted_histogram"].values()) == about["verifications"]
    if system == "npu":  # serial: every pass adds a token of the target's own
        emitted = sum((int(count) + 1) * times for count, times in about["accepted_histogram"].items())
        assert emitted == 24 + about["tokens_cut"]
    baseline = result["baseline"]
    assert result["speedup"] == pytest.approx(result["tokens_per_second"] / baseline["tokens_per_second"])
    assert {"trace_sha256", "version", "seed", "hardware", "system", "models"} <= result["reproduce"].keys()


def test_results_name_no_folder_host_or_date(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds("trace", "synth", "--output", tmp_path / "mine.safetensors", "--positions", 200)
    text = succeeds(
        "run",
        "--tokens",
        24,
        "--trace",
        tmp_path / "mine.safetensors",
        "--json",
        "--output",
        tmp_path / "out",
    )
    assert str(tmp_path) not in text
    assert "mine.safetensors" in text
    assert str(tmp_path) not in (tmp_path / "out" / "results.json").read_text()


def test_output_holds_four_files(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    printed = succeeds("run", *short, "--details", "--output", tmp_path / "a" / "b")
    names = sorted(path.name for path in (tmp_path / "a" / "b").iterdir())
    assert names == ["config.json", "details.json", "metrics.txt", "results.json"]
    assert (tmp_path / "a" / "b" / "metrics.txt").read_text() == printed
    result = (tmp_path / "a" / "b" / "results.json").read_text()
    assert result == succeeds("run", *short, "--json")


def test_options_reach_the_simulation(succeeds: Succeeds, short: list[str]) -> None:
    def result(*options: str) -> dict[str, Any]:
        return json.loads(succeeds("run", *short, "--json", *options))

    plain = result()
    assert result("--seed", "3")["seconds"] != plain["seconds"]
    assert result("--tokens", "30")["tokens"] == 30
    assert result("--prompt-tokens", "512")["seconds_prefill"] > plain["seconds_prefill"]
    assert result("--weight-bits", "4")["seconds"] < plain["seconds"]
    assert result("--kv-bits", "16")["seconds"] > plain["seconds"]
    assert result("--system", "npu")["system"] == "npu"
    assert result("--algorithm", "fixed:3")["speculation"]["algorithm"] == "fixed:3"
    assert result("--hardware", "rank-both")["hardware"] == "rank-both"
    assert result("--set", "memory.channel_gb_per_second=25.6")["seconds"] < plain["seconds"]
    assert result("--set", "system.edc=false")["speculation"]["controller"]["edc"] is None


def test_a_pair_may_be_a_config_file(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "my-llama"
    folder.mkdir()
    (folder / "config.json").write_text(
        json.dumps(
            {
                "model_type": "llama",
                "hidden_size": 4096,
                "intermediate_size": 11008,
                "num_hidden_layers": 32,
                "num_attention_heads": 32,
                "vocab_size": 32000,
                "hidden_act": "silu",
                "max_position_embeddings": 4096,
                "tie_word_embeddings": False,
            }
        )
    )
    from_zoo = json.loads(succeeds("run", *short, "--json"))
    for member in (folder, folder / "config.json"):
        own = json.loads(succeeds("run", *short, "--json", "--pair", f"{member}:llama2-13b"))
        assert own["pair"] == "my-llama:llama2-13b"
        assert own["seconds"] == from_zoo["seconds"]
        assert own["energy_j"] == from_zoo["energy_j"]


def test_breakdown_adds_up_to_the_step(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    text = succeeds("run", *short, "--details", "--breakdown", "--output", "out")
    tables = (tmp_path / "out" / "breakdown.txt").read_text()
    assert text.startswith("Best here: ")
    assert text.endswith(tables)
    titles = re.findall(
        r"^(.+?): (\S+) on (\w+), (\d+) token\(s\) at context (\d+): ([\d.]+) ms$", tables, re.M
    )
    steps = ["prefill", "prefill", "draft step", "verification", "pre-verification"]
    assert [title[0] for title in titles] == steps
    (whole,) = re.findall(r"^Prefill: ([\d.]+) s in all$", tables, re.M)
    assert sum(float(title[5]) for title in titles[:2]) == pytest.approx(float(whole) * 1e3, abs=0.1)
    (prefill,) = re.findall(r"prefill time +([\d.]+) s$", text, re.M)
    assert whole == prefill
    blocks = [block for block in tables.split("\n\n") if "token(s) at context" in block]
    for title, block in zip(titles, blocks, strict=True):
        rows = re.findall(r"^  \S+ +([\d.]+) +([\d.]+)%", block, re.M)
        assert len(rows) > 10
        assert sum(float(row[0]) for row in rows) == pytest.approx(float(title[5]), abs=0.0005 * len(rows))
        assert sum(float(row[1]) for row in rows) == pytest.approx(100, abs=0.05 * len(rows))


def test_breakdown_shows_what_the_placement_leaves_both_sides(succeeds: Succeeds, short: list[str]) -> None:
    """Apart, the stream loses a little to the buses; on the same ranks, operators take turns, and both lose."""
    shares = {}
    for placement in ("apart", "interleaved"):
        text = succeeds("run", *short, "--breakdown", "--set", f"system.placement={placement}")
        assert f"Placement ({placement}): target on rank" in text
        stream = re.search(r"NPU stream +([\d.]+) -> +([\d.]+) GB/s +\(([\d.]+)%\)", text)
        arrays = re.search(r"PIM arrays +([\d.]+) -> +([\d.]+) GB/s +\(([\d.]+)%\)", text)
        assert stream is not None
        assert arrays is not None
        for alone, together, share in (stream.groups(), arrays.groups()):
            assert float(together) == pytest.approx(float(alone) * float(share) / 100, abs=0.15)
        shares[placement] = float(stream[3]), float(arrays[3])
    assert 95 < shares["apart"][0] < 100 == shares["apart"][1]
    assert sum(shares["interleaved"]) == pytest.approx(100, abs=0.2)


def test_breakdown_shows_the_width_of_the_run(succeeds: Succeeds, short: list[str]) -> None:
    for system in ("npu", "npu-pim-async+aau"):
        text = succeeds("run", *short, "--breakdown", "--system", system, "--algorithm", "fixed:3")
        assert re.search(r"verification: llama2-13b on npu, 4 token\(s\)", text), system
