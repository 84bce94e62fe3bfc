"""A run's ``config.json`` gives the same run again, to the byte."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    same = ("--system", "npu", "--hardware", "module-mac")  # the file's, not the system's own
    assert other == succeeds("run", *short, "--seed", 2, *same, "--json")


def test_python_gives_the_same_result(succeeds: Succeeds, short: list[str]) -> None:
    import ahasd

    result = ahasd.simulate(
        system="npu", pair="llama2-7b:llama2-13b", algorithm="fixed:4", trace=short[1], tokens=24
    )
    printed = json.loads(succeeds("run", *short, "--system", "npu", "--algorithm", "fixed:4", "--json"))
    assert json.loads(result.model_dump_json()) == printed


def test_a_configuration_of_schema_1_runs_with_the_values_that_it_holds(
    succeeds: Succeeds, tmp_path: Path
) -> None:
    """An earlier version wrote the file for `--set pim.aau_lanes=8`, a constant that stands elsewhere now."""
    old = Path(__file__).parent / "configurations" / "schema-1.json"
    document = json.loads(old.read_text(encoding="utf-8"))
    constants = document["hardware"]["pim"]
    lanes, latency = constants.pop("aau_lanes"), constants.pop("aau_latency_cycles")
    assert lanes == {"value": 8, "source": "given (--set)"}
    document["hardware"]["aau"] = {"lanes": lanes, "latency_cycles": latency}
    (tmp_path / "today.json").write_text(json.dumps(document))
    results = [json.loads(succeeds("run", "--config", path, "--json")) for path in (old, "today.json")]
    assert results[0] == results[1]
    assert results[0]["reproduce"]["hardware"]["aau"]["lanes"] == lanes
    assert results[0]["energy_j"]["aau"] > 0


def test_an_old_key_in_set_is_refused_with_the_new_one(ahasd: Callable[..., Any], short: list[str]) -> None:
    ending = ahasd("run", *short, "--set", "pim.aau_lanes=8")
    assert ending.code != 0
    assert "pim.aau_lanes: this constant is now 'aau.lanes'" in ending.err
    succeeds_now = ahasd("run", *short, "--set", "aau.lanes=8", "--json")
    assert json.loads(succeeds_now.out)["reproduce"]["hardware"]["aau"]["lanes"]["value"] == 8


def test_a_hardware_file_of_two_lines_runs_and_is_written_out_whole(
    succeeds: Succeeds, short: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("base: module-mac\nnpu: {clock_ghz: 1.25}\n")
    succeeds("run", *short, "--hardware", "mine.yaml", "--output", "based")
    succeeds("run", *short, "--set", "npu.clock_ghz=1.25", "--output", "set")
    based, as_set = (json.loads((tmp_path / name / "results.json").read_text()) for name in ("based", "set"))
    assert based["hardware"] == "mine"
    assert based["tokens_per_second"] == as_set["tokens_per_second"]
    assert based["energy_j"] == as_set["energy_j"]
    shown = succeeds("hardware", "show", "mine.yaml")
    assert "given in mine.yaml" in shown
    assert "base" not in shown
    file.unlink()
    succeeds("run", "--config", "based/config.json", "--output", "again")
    assert contents(tmp_path / "based") == contents(tmp_path / "again")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("base: mine.yaml\n", "go in a circle: mine.yaml -> mine.yaml"),
        ("base: module-mak\n", "unknown base of mine.yaml 'module-mak'. Did you mean 'module-mac'?"),
        ("base: gone.yaml\n", "mine.yaml: its base 'gone.yaml' does not exist"),
    ],
)
def test_a_base_that_cannot_be_used_is_an_error(
    refused: Callable[..., str], short: list[str], tmp_path: Path, text: str, cause: str
) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    for command in (["run", *short, "--hardware", "mine.yaml"], ["hardware", "show", "mine.yaml"]):
        assert cause in refused(*command)
