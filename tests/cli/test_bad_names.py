"""What does not exist: the error names it, suggests the nearest and lists the valid ones."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ahasd.systems.families import system_names

Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("options", "given", "nearest", "others"),
    [
        (["--pair", "llama2-7:llama2-13b"], "model 'llama2-7'", "llama2-7b", ["opt-1.3b", "qwen2.5-7b"]),
        (["--pair", "llama2-7b:lama2-13b"], "model 'lama2-13b'", "llama2-13b", ["opt-1.3b", "palm-like-62b"]),
        (["--system", "ahsd"], "system 'ahsd'", "ahasd", ["ahasd-plus"]),
        (["--algorithm", "adaedll"], "algorithm 'adaedll'", "adaedl", ["fixed", "svip", "none"]),
        (["--algorithm", "svip:g=1,hh=2"], "parameter of svip 'g'", None, ["h", "calibrated"]),
        (["--algorithm", "adaedl:gama=0.2"], "parameter of adaedl 'gama'", "gamma", ["lambda"]),
        (["--hardware", "module-mc"], "hardware preset 'module-mc'", "module-mac", ["module-op"]),
        (["--trace", "tiny-distiled-sampled"], "trace 'tiny-distiled-sampled'", "tiny-distilled-sampled", ["file"]),
        (["--trace", "synthetic:acceptence=0.5"], "'acceptence'", "acceptance", ["auc", "positions"]),
        (["--set", "npu.clok_ghz=1"], "--set key 'npu.clok_ghz'", "npu.clock_ghz", ["pim.clock_ghz"]),
        (["--set", "system.edcc=true"], "--set key 'system.edcc'", "system.edc", []),
        (["--set", "sytem.edc=true"], "--set key 'sytem.edc'", "system.edc", []),
        (["--set", "edc=true"], "--set key 'edc'", None, ["system.edc"]),
    ],
)  # fmt: skip
def test_run_names_suggests_and_lists(
    refused: Refusal, short: list[str], options: list[str], given: str, nearest: str | None, others: list[str]
) -> None:
    message = refused("run", *short, *options)
    assert f"unknown {given}" in message or f"unknown setting of a synthetic trace {given}" in message
    if nearest is not None:
        assert f"Did you mean '{nearest}'?" in message
    several = re.search(r"(Valid|The nearest of \d+): (.*)", message)
    assert several is not None
    assert several[1] == "Valid" or len(several[2].split(", ")) == 5
    assert all(name in several[2] for name in [nearest or others[0], *others])


def test_a_wrong_algorithm_is_wrong_on_every_system(refused: Refusal, short: list[str]) -> None:
    message = refused("run", *short, "--system", "npu-autoregressive", "--algorithm", "bogus")
    assert "unknown algorithm 'bogus'" in message


def test_compare_checks_every_name_before_it_runs(refused: Refusal, short: list[str], tmp_path: Path) -> None:
    message = refused("compare", *short, "--systems", "npu,ahsd", "--output", "out")
    assert "unknown system 'ahsd'. Did you mean 'ahasd'?" in message
    assert "unknown hardware preset 'x'" in refused("compare", *short, "--hardware", "lpddr5,x")
    assert not (tmp_path / "out" / "results.csv").exists()


def test_other_commands(refused: Refusal) -> None:
    assert "unknown list 'modls'. Did you mean 'models'?" in refused("list", "modls")
    assert "Did you mean 'rank-both'?" in refused("hardware", "show", "rank-boht")
    assert "unknown trace 'bogus'" in refused("trace", "info", "bogus")


def test_a_name_like_nothing_gets_no_suggestion(refused: Refusal, short: list[str]) -> None:
    message = refused("run", *short, "--system", "zzzz")
    assert "Did you mean" not in message
    nearest = message.partition(f"The nearest of {len(system_names())}: ")[2].strip().split(", ")
    assert len(nearest) == 5
    assert set(nearest) <= set(system_names())


@pytest.mark.parametrize(
    ("pair", "cause"),
    [
        ("", "is not a pair; write DRAFT:TARGET"),
        ("llama2-7b", "is not a pair; write DRAFT:TARGET"),
        ("llama2-7b:", "is not a pair; write DRAFT:TARGET"),
        ("a:b:c", "cannot read 'a:b:c' as DRAFT:TARGET"),
        ("missing/config.json:llama2-13b", "no such model file or folder: missing/config.json"),
    ],
)
def test_what_is_no_pair(refused: Refusal, short: list[str], pair: str, cause: str) -> None:
    assert cause in refused("run", *short, "--pair", pair)


def test_different_tokenizers(refused: Refusal, short: list[str]) -> None:
    message = refused("run", *short, "--pair", "llama2-7b:llama-3.1-8b")
    assert "need the same tokenizer" in message
    assert "llama2-7b has 'llama2' (32000 entries)" in message
    assert "llama-3.1-8b has 'llama3' (128256 entries)" in message


@pytest.mark.parametrize("arguments", [["bogus"], ["run", "--bogus"], ["list"], ["hardware", "show"]])
def test_unknown_commands_and_options_are_usage_errors(
    ahasd: Callable[..., Any], arguments: list[str]
) -> None:
    ending = ahasd(*arguments)
    assert ending.code == 2
    assert "Usage" in ending.err
    assert "Traceback" not in ending.err
