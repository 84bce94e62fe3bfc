"""Values that make no sense: the error names the option and what it may be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError

Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (["--tokens", "0"], "tokens is 0; must be at least 1"),
        (["--tokens", "-5"], "tokens is -5; must be at least 1"),
        (["--prompt-tokens", "0"], "prompt_tokens is 0; must be at least 1"),
        (["--seed", "-1"], "seed is -1; must be at least 0"),
        (["--weight-bits", "7"], "weight_bits is 7; must be 4, 8 or 16"),
        (["--kv-bits", "32"], "kv_bits is 32; must be 4, 8 or 16"),
        (["--coins", "tossed"], "coins is 'tossed'; must be 'redrawn' or 'recorded'"),
        (["--algorithm", "fixed:0"], "fixed: length=0 is out of range; it must be at least 1"),
        (["--algorithm", "fixed:-3"], "fixed: length=-3 is out of range"),
        (["--algorithm", "fixed:2.5"], "must be whole, not 2.5"),
        (["--algorithm", "fixed:x"], "length=x is not a number"),
        (["--algorithm", "fixed"], "write e.g. fixed:4"),
        (["--algorithm", "fixed:calibrated"], "fixed has no threshold to calibrate"),
        (["--algorithm", "svip:h=nan"], "h=nan is not a number"),
        (["--trace", "synthetic:acceptance=2"], "acceptance is 2.0; must be in [0, 1]"),
        (["--trace", "synthetic:acceptance=nan"], "acceptance is nan; must be in [0, 1]"),
        (["--trace", "synthetic:steps=0"], "steps is 0; must be at least 1"),
        (["--set", "npu.clock_ghz"], "--set npu.clock_ghz: expected KEY=VALUE"),
        (["--set", "npu.clock_ghz=fast"], "npu.clock_ghz is 'fast'; must be a number"),
        (["--set", "npu.clock_ghz=-1"], "npu.clock_ghz is '-1'; must be above 0\n"),
        (["--set", "npu.clock_ghz=inf"], "must be finite"),
        (
            ["--fidelity", "first-order", "--set", "memory.bus_efficiency=1.5"],
            "memory.bus_efficiency is '1.5'; must be at most 1\n",
        ),
        (["--set", "memory.bus_efficiency=0.5"], "is read by first-order costs, and these are detailed"),
        (
            ["--fidelity", "first-order", "--set", "npu.tiling=onnxim"],
            "is read by detailed costs, and these are first-order",
        ),
        (["--set", "memory.channels=2.5"], "memory.channels is '2.5'; must be a whole number"),
        (["--set", "system.edc=maybe"], "system.edc is 'maybe'; must be true or false"),
        (["--set", "system.queues.feedback=0"], "system.queues.feedback is '0'; must be above 0"),
        (["--set", "system.verify=newest"], "must be 'oldest' or 'coalesce'"),
        (["--system", "npu", "--set", "system.tvc=true"], "an option of asynchronous systems; this one is serial"),
        (["--system", "ahasd", "--hardware", "lpddr5"], "'lpddr5' has no processing in memory"),
        (["--pair", "opt-1.3b:opt-6.7b", "--tokens", "3000"], "positions for 2048 tokens, and the run needs 3128"),
    ],
)  # fmt: skip
def test_run_refuses(refused: Refusal, short: list[str], options: list[str], cause: str) -> None:
    message = refused("run", *short, *options)
    assert cause in message
    assert "Input should" not in message
    assert "Value error" not in message


def test_what_is_no_number_is_a_usage_error(ahasd: Callable[..., Any], short: list[str]) -> None:
    ending = ahasd("run", *short, "--tokens", "many")
    assert ending.code == 2
    assert "--tokens" in ending.err


def test_a_pair_that_does_not_fit_is_refused_with_the_sum(refused: Refusal, short: list[str]) -> None:
    message = refused(
        "run", *short, "--pair", "palm-like-30b:palm-like-62b", "--weight-bits", 16, "--system", "npu"
    )
    # 62.496 and 29.109 billion parameters of two bytes; 16 ranks of 4 GiB.
    assert "palm-like-62b: 124.99 GB of weights" in message
    assert "palm-like-30b: 58.22 GB of weights" in message
    assert "together 183.2" in message
    assert "16 ranks x 4 GiB = 68.72 GB" in message


def test_a_target_and_a_draft_on_ranks_of_their_own_must_fit_too(refused: Refusal, short: list[str]) -> None:
    message = refused("run", *short, "--pair", "palm-like-8b:palm-like-62b")
    # 62.5 GB take 4 of the 4 ranks on every channel (17.2 GB a row), so none is left for the draft.
    assert "4 + 1 ranks per channel, there are 4" in message


def test_a_cache_that_does_not_fit_is_refused_with_the_sum(refused: Refusal, short: list[str]) -> None:
    message = refused("run", *short, "--tokens", 10_000_000)
    # 40 layers of 5120 keys and values, one byte each, for 10,000,192 tokens.
    assert "+ 4096.08 GB of KV cache" in message


def test_a_refused_run_leaves_no_folder(refused: Refusal, short: list[str], tmp_path: Path) -> None:
    refused(
        "run", *short, "--pair", "palm-like-8b:palm-like-62b", "--output", "out", "--timeline", "t/t.json"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"tokens": 0}, "tokens is 0; must be at least 1"),
        ({"tokens": float("inf")}, "tokens is inf; must be finite"),
        ({"batch": 8}, "batch 8"),
        ({"system": 3}, "system is 3"),
        ({"hardware": 3}, "hardware is 3"),
        ({"set": "npu.clock_ghz=1"}, "set is 'npu.clock_ghz=1'; must be a list"),
    ],
)
def test_python_refuses_the_same(values: dict[str, object], cause: str) -> None:
    with pytest.raises(AhasdError) as refusal:
        simulate(**values)
    assert cause in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (["--acceptance", "1.5"], "acceptance is 1.5; must be in [0, 1]"),
        (["--steps", "3"], "3 draft steps per position; a trace file holds 16 to 24"),
        (["--positions", "0"], "positions is 0"),
        (["--prompts", "9", "--positions", "3"], "prompts"),
    ],
)
def test_synth_refuses(refused: Refusal, tmp_path: Path, options: list[str], cause: str) -> None:
    assert cause in refused("trace", "synth", "--output", "a.safetensors", *options)
    assert list(tmp_path.iterdir()) == []


def test_zero_seeds_are_refused(ahasd: Callable[..., Any], short: list[str]) -> None:
    ending = ahasd("compare", *short, "--seeds", 0)
    assert ending.code == 2
    assert "--seeds" in ending.err
