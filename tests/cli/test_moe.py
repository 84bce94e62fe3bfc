"""``ahasd moe`` and what ``ahasd trace`` says of routing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.traces.routing.files import load

Succeeds = Callable[..., str]
SMALL = "synthetic-routing:experts=8,top=2,layers=3,tokens=200,prompts=2,prefix=10"


def test_a_replay_says_first_how_many_experts_are_there(succeeds: Succeeds) -> None:
    text = succeeds("moe", "replay", SMALL, "--policy", "lru,lfu,belady", "--slots", "2,4")
    answer, _, table = text.partition("\n\n")
    assert "with 4 slots a layer" in answer
    assert "No policy could pass" in answer
    assert [line.split()[0] for line in table.splitlines()[2:5]] == ["lru", "lfu", "belady"]
    assert "Made-up routing" in table


def test_json_has_each_policy_at_each_size(succeeds: Succeeds) -> None:
    found = json.loads(
        succeeds("moe", "replay", SMALL, "--policy", "lru,mrs:alpha=0.75", "--slots", "2,4,99", "--json")
    )
    assert list(found["results"]) == ["lru", "mrs:alpha=0.75"]
    for sizes in found["results"].values():
        assert list(sizes) == ["2", "4", "8"]
        for one in sizes.values():
            assert one["hits"] + one["misses"] == one["selected"] == 200 * 3 * 2
            assert one["hit_rate"] == pytest.approx(one["hits"] / one["selected"])
    assert any("99 slots are cut to 8" in note for note in found["notes"])


def test_what_is_fetched_ahead_is_counted_as_fetched(succeeds: Succeeds) -> None:
    options = ("--policy", "lru,belady", "--slots", "4")
    plain, ahead = (
        json.loads(succeeds("moe", "replay", SMALL, *options, "--prefetch", name, "--json"))
        for name in ("none", "next-gate")
    )
    before, after = (found["results"]["lru"]["4"] for found in (plain, ahead))
    assert before["prefetched"] == 0
    assert after["hits"] > before["hits"]
    assert 0 < after["prefetched_used"] <= after["prefetched"]
    assert plain["results"]["belady"] == ahead["results"]["belady"]
    assert any("no bound for those that do" in note for note in ahead["notes"])
    text = succeeds("moe", "replay", SMALL, *options, "--prefetch", "next-gate").replace("\n", " ")
    fetched = (after["misses"] + after["prefetched"]) / 200
    assert f"{fetched:.2f} of 6 are fetched for each token" in text
    assert "ahead by next-gate" in text


def test_slots_of_the_whole_model_are_shared(succeeds: Succeeds) -> None:
    found = json.loads(succeeds("moe", "replay", SMALL, "--pool", "model", "--policy", "lru", "--json"))
    assert found["pool"] == "model"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--policy", "lur"), "Did you mean 'lru'"),
        (("--slots", "4,x"), "--slots 'x' must be a whole number"),
        (("--slots", "-1"), "--slots '-1' must be a whole number"),
        (("--pool", "model", "--policy", "mrs"), "scores of one router"),
        (("--prefetch", "impact"), "depends on the clock"),
        (("--prefetch", "next"), "unknown prefetching"),
    ],
)
def test_what_cannot_be_replayed_is_refused(refused: Succeeds, options: tuple[str, ...], said: str) -> None:
    assert said in refused("moe", "replay", SMALL, *options)


def test_the_rules_of_caches_are_listed(succeeds: Succeeds) -> None:
    names = [line.split()[0] for line in succeeds("list", "caches").splitlines()]
    assert names == ["lru", "lfu", "lfru", "random", "static-hot", "least-stale", "mrs", "belady"]


def test_machines_are_listed(succeeds: Succeeds) -> None:
    names = [line.split()[0] for line in succeeds("list", "machines").splitlines()]
    assert "phone-flash" in names


def test_the_info_of_routing_says_what_caches_depend_on(succeeds: Succeeds) -> None:
    text = succeeds("trace", "info", f"{SMALL},depth=2")
    for said in ("same expert again", "Jaccard", "hottest tenth", "1 ahead 2 ahead"):
        assert said in text


def test_imported_routing_can_be_looked_at_and_replayed(
    succeeds: Succeeds, refused: Succeeds, tmp_path: Path
) -> None:
    (tmp_path / "qwen.csv").write_text("-1,3,5,2\n0,3,2,1\n1,3,1,2\n", encoding="utf-8")
    assert "3 tokens, 2 of 8 experts in 1 layers" in succeeds(
        "trace", "import", "qwen.csv", "--experts", "8", "-o", "qwen.safetensors"
    )
    assert load(tmp_path / "qwen.safetensors").header.layers == (3,)
    assert "imported from llama-moe-trace's CSV" in succeeds("trace", "info", "qwen.safetensors")
    found = json.loads(
        succeeds("moe", "replay", "qwen.safetensors", "--policy", "lru", "--slots", "2", "--json")
    )
    assert found["results"]["lru"]["2"]["hits"] == 3
    assert "this trace has none" in refused("moe", "replay", "qwen.safetensors", "--policy", "mrs")


def test_a_plan_says_first_whether_it_fits_and_with_which_flags(succeeds: Succeeds) -> None:
    text = succeeds("moe", "plan", "gpt-oss-120b", "--machine", "RTX 3090", "--host", "i9-14900K")
    assert text.startswith("Does not fit RTX 3090; with the experts of ")
    answer = text.partition("\n\n")[0].splitlines()
    assert max(map(len, answer)) <= 98
    # Options stand whole on a line of their own, to be copied.
    assert [line for line in answer if line.startswith("llama.cpp: -ngl 99 -c 4096 --n-cpu-moe ")]
    assert succeeds("moe", "plan", "gpt-oss-20b", "--machine", "RTX 3090").startswith("Fits: ")


def test_json_of_a_plan_has_interval_and_flags(succeeds: Succeeds) -> None:
    found = json.loads(succeeds("moe", "plan", "Qwen3.6-35B-A3B", "--machine", "RTX 3060", "--json"))
    speed = found["tokens_per_second"]
    assert speed["low"] < speed["mean"] < speed["high"] <= 2.5 * speed["low"]
    assert found["llama_cpp"].endswith(f"--n-cpu-moe {found['n_cpu_moe']}")
    assert found["fits"] is False
    assert any("--host changes it" in note for note in found["notes"])


def test_figures_of_a_plan_must_be_positive(refused: Succeeds) -> None:
    assert "--ram is -1" in refused("moe", "plan", "gpt-oss-20b", "--machine", "RTX 3090", "--ram", "-1")
