"""``ahasd plan``: a verdict from names, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
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
    costs = {option["draft_length"]: option["verify_steps"] for option in document["options"]}
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
