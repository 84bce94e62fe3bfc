"""``ahasd plan``: a verdict from names, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ahasd.prediction.from_figures.acceptance import GivenAcceptance
from ahasd.prediction.from_figures.named_models import NamedModel
from ahasd.prediction.from_figures.named_setting import named_setting
from ahasd.prediction.from_figures.plan import lengths_of, make_plan

Succeeds = Callable[..., str]
Refusal = Callable[..., str]
PAIR = ("--target", "Qwen2.5-14B", "--draft", "Qwen2.5-0.5B")


def planned(succeeds: Succeeds, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(succeeds("plan", "--json", *arguments)))


def test_the_first_sentence_is_the_verdict(succeeds: Succeeds) -> None:
    draft_alone = ("--methods", "draft-model", "--acceptance", "0.3")
    slow = succeeds("plan", "--device", "GTX 1080 Ti", *PAIR, *draft_alone)
    assert slow.startswith("Do not: 0.")
    assert "It would pay from an acceptance of 0." in " ".join(slow.split())
    assert "Run it without drafting: llama-server -m TARGET.gguf -c 4096\n" in slow
    fast = succeeds("plan", "--device", "RTX 5090", "--target", "Qwen3.8-27B")
    assert fast.startswith("Do it: ")
    assert "by mtp" in fast
    assert "Run it: llama-server -m TARGET.gguf -c 4096 --spec-type draft-mtp --spec-draft-n-max " in fast


def test_where_the_interval_straddles_one_it_says_what_to_measure_and_to_bring_back(
    succeeds: Succeeds,
) -> None:
    text = succeeds("plan", "--device", "RTX 3090", *PAIR)
    document = planned(succeeds, "--device", "RTX 3090", *PAIR)
    assert document["pays"] == "measure"
    assert document["speedup"]["low"] < 1 < document["speedup"]["high"]
    commands = [document["measure"], *document["bring_back"]["commands"]]
    assert "Measure it:\n" + "".join(f"  {command}\n" for command in commands) in text
    file = document["bring_back"]["file"]
    assert commands[0].startswith("llama-batched-bench ")
    assert commands[0].endswith(f" --output-format jsonl > {file}")
    assert f"-npl 1,2,{'3' if document['draft_length'] < 3 else ''}" in commands[0]
    assert commands[1].startswith(f"ahasd hardware import {file} --output ")
    assert commands[2].startswith(f"ahasd plan --device {commands[1].split()[-1]} --target Qwen2.5-14B")


def test_another_program_is_measured_by_decoding_without_and_with_drafts(succeeds: Succeeds) -> None:
    mlx = ("--device", "Apple M3 Max (40-core GPU)", "--runtime", "mlx-lm", *PAIR, "--methods", "draft-model")
    document = planned(succeeds, *mlx)
    assert document["pays"] == "measure"
    alone, drafting = document["measure_commands"]
    assert alone.startswith("mlx_lm.generate --model Qwen2.5-14B ")
    length = document["draft_length"]
    assert drafting == f"{alone} --draft-model Qwen2.5-0.5B --num-draft-tokens {length}" == document["run"]
    assert document["bring_back"] is None


def test_the_draft_that_was_named_is_spoken_of_even_where_another_method_is_faster(
    succeeds: Succeeds,
) -> None:
    document = planned(succeeds, "--device", "GTX 1080 Ti", *PAIR, "--acceptance", "0.3")
    assert document["method"] == "ngram"
    assert "With the draft model, 1 token a round, it does not pay: 0." in document["sentence"]
    assert set(document["break_even_by_method"]) == {"ngram", "draft-model"}


def test_drafting_by_nothing_is_ranked_too_and_heads_that_need_training_apart(succeeds: Succeeds) -> None:
    text = succeeds("plan", "--device", "GTX 1080 Ti", *PAIR, "--acceptance", "0.3")
    lines = [line.split() for line in text.splitlines()]
    ranked = [
        line[0] for line in lines if line[:1] in (["no"], ["ngram"], ["draft-model"], ["if"], ["eagle"])
    ]
    assert ranked.index("no") < ranked.index("if") < ranked.index("eagle")
    head = next(number for number, line in enumerate(lines) if line[:1] == ["method"])
    end = next(number for number, line in enumerate(lines) if line[:1] == ["if"])
    means = [float(line[2]) for line in lines[head + 1 : end]]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 1 < means[0]
    document = planned(succeeds, "--device", "RTX 3090", *PAIR)
    assert {option["method"] for option in document["options"]} == {"ngram", "draft-model"}
    assert {option["method"] for option in document["if_a_head_were_trained"]} == {"eagle", "dflash"}
    assert (
        planned(succeeds, "--device", "RTX 3090", *PAIR, "--methods", "draft-model")["if_a_head_were_trained"]
        == []
    )


def test_the_plot_shows_every_length_of_the_best_method_in_40_columns(succeeds: Succeeds) -> None:
    lines = succeeds("plan", "--device", "RTX 3090", *PAIR, "--methods", "draft-model").splitlines()
    start = lines.index("Speed-up of draft-model by draft length:")
    plot = lines[start + 1 : start + 2 + len(lengths_of("draft-model"))]
    assert [line.split()[0] for line in plot[:-1]] == [str(length) for length in lengths_of("draft-model")]
    assert all(line.isascii() and len(line) <= 40 for line in plot)


def test_what_it_takes_is_summed_and_held_against_the_device(succeeds: Succeeds) -> None:
    document = planned(succeeds, "--device", "Apple M3 Max (40-core GPU)", *PAIR, "--context", "8192")
    need = document["memory"]["needs"]["draft-model"]
    assert need["context"] == 8192
    assert need["bytes"] == pytest.approx(sum(part["bytes"] for part in need["parts"]))
    assert [size["bytes"] / 1e9 for size in document["memory"]["sizes"]] == [36, 48, 64, 96, 128]
    chosen = ("--device", "Apple M3 Max (40-core GPU)", *PAIR, "--memory", "48")
    assert [size["bytes"] for size in planned(succeeds, *chosen)["memory"]["sizes"]] == [48e9]
    assert "Metal's default limit" in succeeds("plan", *chosen)


def test_a_draft_that_does_not_fit_is_not_ranked_and_the_verdict_says_so(succeeds: Succeeds) -> None:
    pair = ("--target", "Qwen3-32B", "--target-quant", "Q5_K_M", "--draft", "Qwen3-1.7B")
    document = planned(succeeds, "--device", "RTX 3090", *pair)
    assert "draft-model" not in {option["method"] for option in document["options"]}
    assert document["memory"]["not_ranked"]["draft-model"]["displaced_layers"] > 0
    assert "draft-model is no way here" in document["sentence"]


def test_joules_are_bounds_where_power_is_known(succeeds: Succeeds) -> None:
    energy = planned(succeeds, "--device", "RTX 3090", *PAIR)["energy"]
    assert energy["watts"] == 350
    assert energy["at_most_joules_per_token_alone"] > 0
    assert "Energy: at most" in succeeds("plan", "--device", "RTX 3090", *PAIR)
    assert planned(succeeds, "--device", "Apple M1 (8-core GPU)", "--target", "Qwen2.5-7B")["energy"] is None


def test_fewer_bits_are_named_where_they_beat_drafting_and_not_judged(succeeds: Succeeds) -> None:
    slow = ("--device", "GTX 1080 Ti", *PAIR, "--methods", "draft-model", "--acceptance", "0.3")
    assert "Instead: the target in Q3_K_M would alone write" in succeeds("plan", *slow)
    assert planned(succeeds, *slow)["smaller_format"]["quality"] == "not judged"
    assert "Instead:" not in succeeds("plan", "--device", "RTX 5090", "--target", "Qwen3.8-27B")


def test_different_tokenizers_are_said(succeeds: Succeeds) -> None:
    note = "different tokenizers"
    mixed = planned(succeeds, "--device", "RTX 3090", "--target", "llama-3.1-8b", "--draft", "qwen2.5-0.5b")
    same = planned(succeeds, "--device", "RTX 3090", "--target", "llama-3.1-8b", "--draft", "llama-3.2-1b")
    assert any(note in each for each in mixed["notes"])
    assert not any(note in each for each in same["notes"])


def test_a_task_moves_the_acceptance_of_the_record(succeeds: Succeeds) -> None:
    pair = ("--device", "RTX 3090", *PAIR, "--methods", "draft-model")
    code, chat = (planned(succeeds, *pair, "--task", task)["speedup"]["mean"] for task in ("code", "chat"))
    assert chat < planned(succeeds, *pair)["speedup"]["mean"] < code


def test_a_trace_gives_the_acceptance_of_the_draft_model(succeeds: Succeeds) -> None:
    pair = ("--device", "RTX 3090", *PAIR, "--methods", "draft-model")
    document = planned(succeeds, *pair, "--trace", "synthetic:acceptance=0.9,auc=0.8")
    assert document["acceptance_from"] == "trace"
    assert document["speedup"]["mean"] > planned(succeeds, *pair)["speedup"]["mean"]


def test_configurations_are_exact_and_a_head_is_costed_as_one(succeeds: Succeeds, tmp_path: Path) -> None:
    head = {
        "architectures": ["LlamaForCausalLMEagle3"],
        "model_type": "llama",
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_hidden_layers": 1,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "vocab_size": 152064,
        "draft_vocab_size": 32000,
    }
    (tmp_path / "head.json").write_text(json.dumps(head), encoding="utf-8")
    pair = ("--device", "RTX 3090", "--target", "qwen2.5-7b", "--draft", str(tmp_path / "head.json"))
    document = planned(succeeds, *pair)
    assert "eagle" in {option["method"] for option in document["options"]}
    assert document["if_a_head_were_trained"] == []
    assert not any("only the size is known" in note for note in document["notes"])


def test_options_are_ranked_and_all_in_the_json(succeeds: Succeeds) -> None:
    options = planned(succeeds, "--device", "RTX 3090", *PAIR)["options"]
    means = [option["speedup"]["mean"] for option in options]
    assert means == sorted(means, reverse=True)
    assert {(option["method"], option["draft_length"]) for option in options} == {
        (method, length) for method in ("ngram", "draft-model") for length in lengths_of(method)
    }


def test_an_acceptance_of_ones_own_narrows_the_interval(succeeds: Succeeds) -> None:
    pair = ("--device", "RTX 3090", *PAIR, "--methods", "draft-model")
    record = planned(succeeds, *pair)
    own = planned(succeeds, *pair, "--acceptance", "0.8")
    assert record["acceptance_from"] == "published record"
    assert own["acceptance_from"] == "given"
    assert (
        record["speedup"]["low"] < own["speedup"]["low"] < own["speedup"]["high"] < record["speedup"]["high"]
    )
    widths = [found["speedup"]["high"] - found["speedup"]["low"] for found in (own, record)]
    assert widths[0] < widths[1]


def test_the_break_even_is_where_the_best_length_is_as_fast_as_the_target_alone() -> None:
    setting = named_setting(
        "GTX 1080 Ti", "llama.cpp", NamedModel("target", "Qwen2.5-14B"), NamedModel("draft", "Qwen2.5-0.5B")
    )
    plan = make_plan(setting, ["draft-model"], GivenAcceptance(0.3, ("draft-model",)))
    level = plan.break_even["draft-model"]
    assert level is not None
    even = make_plan(setting, ["draft-model"], GivenAcceptance(level, ("draft-model",)))
    assert even.best.speed_up.mean == pytest.approx(1, abs=1e-4)


def test_what_was_not_read_is_said(succeeds: Succeeds) -> None:
    notes = " ".join(planned(succeeds, "--device", "GTX 1080 Ti", *PAIR)["notes"])
    assert "recalled" in notes
    assert "bandwidth that this device reaches is not published" in notes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--device", "M3 Max", *PAIR), "'M3 Max' fits 2 devices"),
        (("--device", "abacus", *PAIR), "abacus"),
        (
            ("--device", "RTX 4060 Laptop 8GB", "--target", "Llama-3.3-70B"),
            "target 43.8 GB + its cache 1.3 GB + program 0.8 GB do not fit 8 GB",
        ),
        (("--device", "RTX 3090", "--target", "my-model"), "give --target-size"),
        (("--device", "RTX 3090", "--target", "m", "--target-size", "-3"), "--target-size is -3"),
        (("--device", "RTX 3090", *PAIR, "--acceptance", "78"), "--acceptance is 78"),
        (("--device", "RTX 3090", *PAIR, "--methods", "mtp"), "changes nothing"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--methods", "draft-model"), "needs a draft"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--methods", "layer-skip"), "give --acceptance"),
        (("--device", "RTX 3090", *PAIR, "--methods", "telepathy"), "telepathy"),
        (("--device", "RTX 3090", *PAIR, "--task", "opera"), "opera"),
        (
            ("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--task", "chat"),
            "--task chat changes nothing",
        ),
        (("--device", "RTX 3090", *PAIR, "--trace", "x", "--acceptance", "0.5"), "give one of them"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--trace", "x"), "without a draft model"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--draft-size", "1"), "without --draft"),
        (("--device", "RTX 3090", *PAIR, "--memory", "48"), "is sold with 24 GB"),
        (("--device", "RTX 3090", *PAIR, "--memory", "nan"), "--memory is nan"),
        (("--device", "RTX 3090", *PAIR, "--context", "0"), "--context is 0"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-0.5B", "--draft", "Qwen2.5-14B"), "must be smaller"),
        (("--device", "RTX 3090", "--target", "gone.gguf"), "no such file: gone.gguf"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    refused: Refusal, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused("plan", *arguments)


MEASURED = """\
device: my box
models:
  - name: Qwen2.5-14B-Q4_K_M
    times: [{width: 1, ms: 20}, {width: 2, ms: 21}, {width: 5, ms: 24}, {width: 9, ms: 60}]
  - name: Qwen2.5-0.5B-Q8_0
    times: [{width: 1, ms: 2}]
acceptances: [{drafted: 400, accepted: 320, rounds: 100}]
"""


def test_a_device_may_be_a_file_of_measured_times(succeeds: Succeeds, tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(MEASURED, encoding="utf-8")
    document = planned(succeeds, "--device", "my.yaml", *PAIR)
    assert document["acceptance_from"] == "measured device"
    assert document["alone_tokens_per_second"] == pytest.approx(50)
    costs = {
        option["draft_length"]: option["verify_steps"]
        for option in document["options"]
        if option["method"] == "draft-model"
    }
    assert (costs[1], costs[4], costs[8]) == pytest.approx((1.05, 1.2, 3.0))
    text = succeeds("plan", "--device", "my.yaml", *PAIR)
    assert text.startswith("Do it: ")
    assert "is measured: 320 of 400 drafted tokens, 4.0 a round." in " ".join(text.split())
    given = planned(succeeds, "--device", "my.yaml", *PAIR, "--acceptance", "0.5")
    assert given["acceptance_from"] == "given"


def test_a_file_that_is_no_measured_device_is_refused(refused: Refusal, tmp_path: Path) -> None:
    assert "'absent.yaml' does not exist" in refused("plan", "--device", "absent.yaml", *PAIR)
    (tmp_path / "npu.yaml").write_text("npu: {}\n", encoding="utf-8")
    assert "ahasd hardware import" in refused("plan", "--device", "npu.yaml", *PAIR)
