"""``ahasd plan``: a verdict from names, and what it refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ahasd.prediction.from_figures.named_setting import named_setting
from ahasd.prediction.from_figures.plan import LENGTHS, make_plan

Succeeds = Callable[..., str]
Refusal = Callable[..., str]
PAIR = ("--target", "Qwen2.5-14B", "--draft", "Qwen2.5-0.5B")


def planned(succeeds: Succeeds, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(succeeds("plan", "--json", *arguments)))


def test_the_first_sentence_is_the_verdict(succeeds: Succeeds) -> None:
    slow = succeeds("plan", "--device", "GTX 1080 Ti", *PAIR, "--acceptance", "0.3")
    assert slow.startswith("Do not: 0.")
    assert "It would pay from an acceptance of 0." in " ".join(slow.split())
    fast = succeeds("plan", "--device", "RTX 5090", "--target", "Qwen3.8-27B", "--methods", "mtp")
    assert fast.startswith("Do it: ")


def test_where_the_interval_straddles_one_it_says_what_to_measure(succeeds: Succeeds) -> None:
    text = succeeds("plan", "--device", "RTX 3090", *PAIR)
    document = planned(succeeds, "--device", "RTX 3090", *PAIR)
    assert document["pays"] == "measure"
    assert document["speedup"]["low"] < 1 < document["speedup"]["high"]
    assert f"Measure it: {document['measure']}" in text
    assert document["measure"].startswith("llama-batched-bench ")


def test_options_are_ranked_and_all_in_the_json(succeeds: Succeeds) -> None:
    options = planned(succeeds, "--device", "RTX 3090", *PAIR, "--methods", "ngram,draft-model")["options"]
    means = [option["speedup"]["mean"] for option in options]
    assert means == sorted(means, reverse=True)
    assert {(option["method"], option["draft_length"]) for option in options} == {
        (method, length) for method in ("ngram", "draft-model") for length in LENGTHS
    }


def test_an_acceptance_of_ones_own_narrows_the_interval(succeeds: Succeeds) -> None:
    record = planned(succeeds, "--device", "RTX 3090", *PAIR)
    own = planned(succeeds, "--device", "RTX 3090", *PAIR, "--acceptance", "0.79")
    assert record["acceptance_from"] == "published record"
    assert own["acceptance_from"] == "given"
    assert (
        record["speedup"]["low"] < own["speedup"]["low"] < own["speedup"]["high"] < record["speedup"]["high"]
    )
    widths = [found["speedup"]["high"] - found["speedup"]["low"] for found in (own, record)]
    assert widths[0] < widths[1]


def test_the_break_even_is_where_the_best_length_is_as_fast_as_the_target_alone() -> None:
    setting = named_setting(
        "GTX 1080 Ti", "llama.cpp", ("Qwen2.5-14B", None, "Q4_K_M"), ("Qwen2.5-0.5B", None, "Q8_0")
    )
    plan = make_plan(setting, ["draft-model"], 0.3)
    assert plan.break_even is not None
    assert make_plan(setting, ["draft-model"], plan.break_even).best.speed_up.mean == pytest.approx(
        1, abs=1e-4
    )


def test_what_was_not_read_is_said(succeeds: Succeeds) -> None:
    notes = " ".join(planned(succeeds, "--device", "GTX 1080 Ti", *PAIR)["notes"])
    assert "recalled" in notes
    assert "bandwidth that this device reaches is not published" in notes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--device", "M3 Max", *PAIR), "'M3 Max' fits 2 devices"),
        (("--device", "abacus", *PAIR), "abacus"),
        (("--device", "RTX 4060 Laptop 8GB", "--target", "Llama-3.3-70B"), "target 43.8 GB do not fit 8 GB"),
        (("--device", "RTX 3090", "--target", "my-model"), "give --target-size"),
        (("--device", "RTX 3090", "--target", "m", "--target-size", "-3"), "--target-size is -3"),
        (("--device", "RTX 3090", *PAIR, "--acceptance", "78"), "--acceptance is 78"),
        (("--device", "RTX 3090", *PAIR, "--methods", "mtp"), "changes nothing"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--methods", "draft-model"), "needs a draft"),
        (("--device", "RTX 3090", "--target", "Qwen2.5-14B", "--methods", "layer-skip"), "give --acceptance"),
        (("--device", "RTX 3090", *PAIR, "--methods", "telepathy"), "telepathy"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    refused: Refusal, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused("plan", *arguments)
