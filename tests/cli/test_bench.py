"""``ahasd bench``: figures, files, and refusals."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

SHORT = ("bench", "--max-new-tokens", "12", "--repetitions", "1")


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.jsonl"
    path.write_text(
        '{"question_id": 1, "turns": ["def f(x):\\n"]}\n{"question_id": 2, "turns": ["import os\\n"]}\n'
    )
    return path


def test_all_methods_side_by_side(ahasd: Any, prompts: Path, tmp_path: Path) -> None:
    methods = "autoregressive,speculative,async,transformers,transformers-assisted"
    latency = ("--emulate-latency", "draft=1ms,target=3ms")
    options = (
        "--methods",
        methods,
        "--algorithm",
        "fixed:2",
        "--prompts",
        prompts,
        "--output",
        "out",
        *latency,
    )
    ending = ahasd(*SHORT, *options)
    assert ending.code == 0, ending.err
    assert "EMULATED: draft=1ms,target=3ms" in ending.out
    assert "All methods wrote the same texts." in ending.out
    assert max(map(len, ending.out.splitlines())) <= 100
    assert "Passes by accepted drafts, async fixed:2: 0: " in ending.out
    summary = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert "EMULATED" in summary
    assert "| speculative fixed:2 |" in summary
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert document["emulated"] is True
    assert document["identical"] is True
    assert document["prompts"] == {"source": "prompts.jsonl", "count": 2}
    assert [each["method"] for each in document["methods"]] == methods.split(",")
    for each in document["methods"]:
        assert each["emulated"] is True
        assert each["tokens"] == 24
        assert each["seconds_per_token"]["median"] > 0
    alone, speculative, concurrent, plain, _ = document["methods"]
    assert alone["speedup"]["median"] == 1
    # A pass of the target for every token: none is faster than its padding.
    assert alone["seconds_per_token"]["median"] >= 0.003
    assert plain["seconds_per_token"]["median"] >= 0.003
    for each in (speculative, concurrent):
        fates = sum(each[fate] for fate in ("accepted", "rejected", "flushed", "in_flight"))
        assert fates == each["drafted"]
        assert sum(each["accepted_histogram"].values()) == each["verifications"]
    assert str(tmp_path) not in json.dumps(document)


def test_several_algorithms_and_json(ahasd: Any, prompts: Path) -> None:
    options = (
        "--methods",
        "speculative",
        "--algorithm",
        "fixed:1,adaedl:gamma=0.2,lambda=0.8",
        "--prompts",
        prompts,
    )
    ending = ahasd(*SHORT, *options, "--json")
    document = json.loads(ending.out)
    assert [each["algorithm"] for each in document["methods"]] == ["fixed:1", "adaedl:gamma=0.2,lambda=0.8"]
    assert document["methods"][0]["speedup"] is None
    assert document["emulated"] is False


def test_half_precision_says_what_it_may_change_and_how_often_it_might_have(
    ahasd: Any, prompts: Path
) -> None:
    options = ("--methods", "autoregressive,speculative", "--dtype", "bfloat16", "--prompts", prompts)
    out = " ".join(ahasd(*SHORT, *options).out.split())
    assert "ties may fall otherwise than with the target alone" in out
    assert "of 24 (autoregressive)," in out
    document = json.loads(ahasd(*SHORT, *options, "--json").out)
    assert all("ties may fall otherwise" in each["note"] for each in document["methods"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--methods", "asink"), "unknown method 'asink'. Did you mean 'async'?"),
        (("--methods", ","), "--methods ',' lacks a name"),
        (("--algorithm", "fixed:0"), "fixed: length=0 is out of range"),
        (("--algorithm", "svip,fixedd:4"), "unknown algorithm 'fixedd'"),
        (("--prompts", "missing.jsonl"), "prompt file 'missing.jsonl' does not exist"),
        (("--prompts", "empty.txt"), "prompt file empty.txt: holds no prompt"),
        (("--prompts", "long.txt"), "prompt 1 (question 1) needs a context of"),
        (("--draft", "."), "there is a draft and no target"),
        (("--target", "nowhere"), "model nowhere: no such folder"),
        (("--output", "empty.txt"), "output folder 'empty.txt' cannot be written: it is a file"),
        (("--emulate-latency", "draft=10"), "'10' is no time"),
        (("--repetitions", "0"), "repetitions is 0"),
        (("--max-new-tokens", "0"), "max_new_tokens is 0"),
        (("--max-new-tokens", "5000"), "Shorten the prompt or lower --max-new-tokens"),
        (("--threads", "0"), "threads is 0"),
        (("--target-device", "cuda:99"), "device 'cuda:99' cannot be used"),
    ],
)
def test_bad_input_is_refused(refused: Any, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "long.txt").write_text("x = 1; " * 300)
    assert said in refused(*("bench", "--methods", "speculative"), *options)


def test_a_target_without_a_draft_decodes_alone_and_nothing_else(
    ahasd: Any, refused: Any, prompts: Path
) -> None:
    from ahasd.decoding.tiny_pair import target_path

    base = ("--target", target_path(), "--prompts", prompts)
    assert ahasd(*SHORT, *base, "--methods", "autoregressive,transformers").code == 0
    assert "method 'speculative' needs a draft" in refused(*SHORT, *base)


def test_a_generation_config_holds_for_every_method_or_for_none(
    ahasd: Any, refused: Any, prompts: Path, tmp_path: Path
) -> None:
    from ahasd.decoding.tiny_pair import draft_path, target_path

    folder = tmp_path / "target"
    shutil.copytree(target_path(), folder)
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(
        json.dumps(config | {"repetition_penalty": 1.4, "do_sample": True, "temperature": 0.7})
    )
    command = (
        *SHORT,
        *("--methods", "autoregressive,speculative,ngram,tree,transformers", "--prompts", prompts, "--json"),
        *("--target", str(folder), "--draft", str(draft_path())),
    )
    honoured = json.loads(ahasd(*command).out)
    left_out = json.loads(ahasd(*command, "--ignore-generation-config", "--tree", "dynamic,chain:2").out)
    trees = [each["algorithm"] for each in left_out["methods"] if each["method"] == "tree"]
    assert trees == ["dynamic", "chain:2"]
    assert honoured["identical"] is True
    assert left_out["identical"] is True
    texts = [next(iter(document["texts"].values())) for document in (honoured, left_out)]
    assert texts[0] != texts[1]
    (folder / "generation_config.json").write_text(json.dumps(config | {"num_beams": 4}))
    assert "num_beams = 4" in refused(*command)


@pytest.mark.slow
def test_a_dataset_is_played_turn_by_turn_and_its_results_are_told_by_category(
    ahasd: Any, refused: Any, tmp_path: Path
) -> None:
    (tmp_path / "talks.jsonl").write_text(
        '{"question_id": 1, "category": "files", "turns": ["import os\\n", "import sys\\n"]}\n'
        '{"question_id": 2, "category": "loops", "turns": ["for x in "]}\n{"prompt": "left out"}\n'
    )
    options = ("--dataset", "talks.jsonl", "--samples", "2", "--methods", "autoregressive,speculative,async")
    ending = ahasd(*SHORT, *options, "--algorithm", "fixed:5,amusd", "--output", "out")
    assert ending.code == 0, ending.err
    assert "All methods wrote the same texts." in ending.out
    document = json.loads((tmp_path / "out" / "results.json").read_text())
    methods = [(each["method"], each["algorithm"]) for each in document["methods"]]
    assert methods == [
        ("autoregressive", ""),
        ("speculative", "fixed:5"),
        ("async", "fixed:5"),
        ("async", "amusd"),
    ]
    assert len(document["samples"]) == 4 * 3
    assert all(each["tokens_over_time"][-1][1] == 12 for each in document["samples"])
    table = ahasd("bench", "stats", "out", "--plot", "1")
    assert table.code == 0
    assert [line.split()[0] for line in table.out.splitlines()[2:14:4]] == ["all", "files", "loops"]
    assert "* autoregressive" in table.out
    assert "Prompt 1 (question 2)" in table.out
    rows = json.loads(ahasd("bench", "stats", "out/results.json", "--json").out)
    assert [row["texts"] for row in rows] == [3] * 4 + [2] * 4 + [1] * 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--prompts", "a", "--dataset", "b"), "give one"),
        (("--turns", "1"), "--turns is for the conversations of --dataset"),
        (("--dataset", "bad.jsonl"), "prompt file bad.jsonl, line 1: field 'turns', entry 2"),
        (("--tree", "dynamic"), "--tree dynamic is for method 'tree', which is not among --methods"),
        (("--tree", "chain:2"), "--tree chain:2 is for method 'tree', which is not among --methods"),
        (("--tree", "wide", "--methods", "tree"), "unknown tree 'wide'"),
        (("--algorithm", "fixed:5,amusd"), "'amusd' is for method 'async', which is not among --methods"),
        (("--algorithm", "amusd", "--methods", "async,speculative"), "method 'speculative' takes turns"),
    ],
)
def test_bad_datasets_and_options_are_refused(
    refused: Any, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"turns": ["a", 3]}\n')
    assert said in refused(*("bench", "--methods", "speculative"), *options)


def test_statistics_of_a_file_that_is_none_are_refused(refused: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"samples": [{}]}')
    assert "results file bad.json, entry 1, field 'method'" in refused("bench", "stats", "bad.json")
    assert "does not exist" in refused("bench", "stats", "gone.json")
