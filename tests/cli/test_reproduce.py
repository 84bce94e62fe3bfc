"""A run's ``config.json`` gives the same run again, to the byte."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Succeeds = Callable[..., str]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--system", "npu", "--algorithm", "fixed:4", "--seed", "7"],
        ["--set", "npu.clock_ghz=1.25", "--set", "system.tvc=false", "--weight-bits", "4"],
        ["--algorithm", "svip:calibrated=3", "--coins", "recorded"],
        ["--algorithm", "none"],
        ["--pair", "qwen2.5-0.5b:qwen2.5-7b", "--prompt-tokens", "33", "--kv-bits", "16"],
    ],
    ids=" ".join,
)
def test_rerun_is_the_same(succeeds: Succeeds, short: list[str], tmp_path: Path, options: list[str]) -> None:
    succeeds("run", *short, *options, "--output", "first")
    succeeds("run", "--config", "first/config.json", "--output", "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_rerun_needs_neither_the_hardware_file_nor_the_models(
    succeeds: Succeeds, short: list[str], tmp_path: Path
) -> None:
    hardware, model = tmp_path / "mine.yaml", tmp_path / "config.json"
    hardware.write_text(succeeds("hardware", "show", "rank-both").replace("name: rank-both", "name: mine"))
    model.write_text(
        json.dumps(
            {
                "model_type": "llama",
                "hidden_size": 1024,
                "intermediate_size": 2816,
                "num_hidden_layers": 8,
                "num_attention_heads": 16,
                "vocab_size": 32000,
                "hidden_act": "silu",
                "max_position_embeddings": 4096,
            }
        )
    )
    given = ["--hardware", hardware, "--pair", f"{model}:llama2-7b", "--set", "pim.weight_reuse=2"]
    succeeds("run", *short, *given, "--output", "first")
    hardware.unlink()
    model.unlink()
    succeeds("run", "--config", "first/config.json", "--output", "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    result = json.loads((tmp_path / "second" / "results.json").read_text())
    assert result["hardware"] == "mine"
    assert result["reproduce"]["hardware"]["pim"]["weight_reuse"] == {
        "value": 2,
        "source": "given (--set)",
        "range": [1, 4],
    }


def test_options_go_before_the_file(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds("run", *short, "--seed", 1, "--output", "first")
    other = succeeds("run", "--config", "first/config.json", "--seed", 2, "--system", "npu", "--json")
    assert other == succeeds("run", *short, "--seed", 2, "--system", "npu", "--json")


def test_python_gives_the_same_result(succeeds: Succeeds, short: list[str]) -> None:
    import ahasd

    result = ahasd.simulate(
        system="npu", pair="llama2-7b:llama2-13b", algorithm="fixed:4", trace=short[1], tokens=24
    )
    printed = json.loads(succeeds("run", *short, "--system", "npu", "--algorithm", "fixed:4", "--json"))
    assert json.loads(result.model_dump_json()) == printed
