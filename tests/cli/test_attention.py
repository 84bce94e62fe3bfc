"""``ahasd attention``, and what other commands know of the family."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.sparse_attention.heads.shipped import shipped_pattern

Succeeds = Callable[..., str]


def test_a_plan_says_first_what_it_brings_then_shows_banks_and_parts(succeeds: Succeeds) -> None:
    text = succeeds("attention", "plan", "llama-3.1-8b", "--context", "32k", "--tokens", "8")
    answer, banks, parts, ways = text.split("\n\n")
    assert answer.startswith("llama-3.1-8b, 32768 tokens, hb-h2llm: h2eal makes attention ")
    assert "balance (co-placed) brings" in answer
    lines = banks.splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith(" ")][1:] == [
        "head-groups",
        "co-placed",
    ]
    assert sum(line.count(mark) for line in lines for mark in "▁▂▃▄▅▆▇█") == 2 * 128
    assert [line.split(":")[0].split()[0] for line in parts.splitlines()[1:8]] == [
        "sparsity",
        "straggler",
        "balance",
        "overheads",
        "=",
        "products",
        "=",
    ]
    assert "Energy gains more than time because" in parts
    assert "helios-like" in ways


def test_json_has_the_same(succeeds: Succeeds, tmp_path: Path) -> None:
    table = tmp_path / "heads.tsv"
    rows = shipped_pattern("llama-3.1-8b").need.tolist()
    table.write_text("\n".join("\t".join(map(str, row)) for row in rows))
    asked = ("attention", "plan", "llama-3.1-8b", "--context", "16k", "--tokens", "4", "--json")
    found = json.loads(succeeds(*asked, "--heads", str(table), "--mapping", "interleaved", "--page", "64"))
    same = json.loads(succeeds(*asked, "--mapping", "interleaved", "--page", "64"))
    assert found["parts"] == same["parts"], "the file is the model's own pattern"
    parts = found["parts"]
    product = parts["sparsity"] * parts["straggler"] * parts["balance"] * parts["overheads"]
    assert parts["attention"] == pytest.approx(product)
    assert found["mapping"] == "interleaved"
    assert len(found["bank_seconds"]) == 128
    assert len(found["ways"]) == 17
    even = json.loads(succeeds(*asked, "--heads", "even"))
    assert even["parts"]["straggler"] > same["parts"]["straggler"] or even["parts"] != same["parts"]


def test_a_plan_without_sparsity_says_so(succeeds: Succeeds) -> None:
    asked = ("attention", "plan", "llama-3.1-8b", "--context", "4k", "--tokens", "2")
    assert "leaves nothing out" in succeeds(*asked, "--system", "helios-like")


def test_runs_are_those_of_every_family(succeeds: Succeeds) -> None:
    text = succeeds("run", "--system", "h2eal", "--context", "16k", "--tokens", "2", "--details")
    assert text.startswith("Best here: h2eal")
    assert "0 dense, 128 paged, 128 streaming" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--budget", "8"), "below a page"),
        (("--context", "1M"), "was made for 131072 tokens"),
        (("--device", "hb-h2lm"), "Did you mean 'hb-h2llm'"),
        (("--mapping", "tile"), "system.mapping"),
        (("--heads", "mistral-7b"), "Did you mean 'mistral-7b-v0.2'"),
        (("--system", "hybrimoe"), "hybrimoe"),
    ],
)
def test_what_does_not_go_is_refused(
    refused: Callable[..., str], options: tuple[str, ...], said: str
) -> None:
    assert said in refused("attention", "plan", "llama-3.1-8b", *options)


def test_lists_have_the_familys_names(succeeds: Succeeds) -> None:
    assert "hb-h2llm-x8" in succeeds("list", "bonded")
    assert "91% above one half" in succeeds("list", "heads")
    assert "helios-like" in succeeds("list", "systems")
    assert "synthetic-attention" in succeeds("list", "traces")
