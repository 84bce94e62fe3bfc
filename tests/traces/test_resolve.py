"""From a text to a trace, and what a trace amounts to."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces import shipped
from ahasd.traces.default import DEFAULT_TRACE, SMOLLM2_SELF_TRACE, SMOLLM2_TRACE, TINY_PAIR_TRACE
from ahasd.traces.files import save
from ahasd.traces.resolve import resolve_trace, trace_label
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.statistics import summarize
from ahasd.traces.rollout.synthetic import synthesize


@pytest.fixture
def two_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, RolloutTrace]:
    traces = {
        name: synthesize(acceptance, positions=20, prompts=2)
        for name, acceptance in [("tiny-distilled-sampled", 0.8), ("tiny-plain-greedy", 0.6)]
    }
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("not a trace")
    for name, trace in traces.items():
        save(trace, tmp_path / "data" / f"{name}.safetensors")
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    return traces


def test_shipped_traces_are_listed_and_loaded(two_shipped: dict[str, RolloutTrace]) -> None:
    assert shipped.shipped_names() == sorted(two_shipped)
    for name, trace in two_shipped.items():
        assert resolve_trace(name).sha256 == trace.sha256
        assert trace_label(name) == name
    with pytest.raises(UnknownNameError, match="tiny-plain-greedy"):
        shipped.load_shipped("tiny-plain-greedi")


def test_an_unknown_trace_suggests_the_nearest(two_shipped: dict[str, RolloutTrace]) -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown trace 'tiny-distiled'.*mean 'tiny-distilled-sampled'"
    ):
        resolve_trace("tiny-distiled")
    with pytest.raises(UnknownNameError, match="synthetic:"):
        resolve_trace("")


def test_every_trace_in_the_package_loads() -> None:
    for name in shipped.shipped_names():
        trace = shipped.load_shipped(name)
        assert trace.header.mode == ("greedy" if name.endswith("greedy") else "sampled")


def test_a_synthetic_trace_is_resolved() -> None:
    text = "synthetic:acceptance=0.6,positions=20,prompts=2"
    assert resolve_trace(text).sha256 == synthesize(0.6, positions=20, prompts=2).sha256
    assert trace_label(text) == text


def test_a_file_is_resolved_and_its_label_holds_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = synthesize(positions=20, prompts=2)
    save(trace, tmp_path / "mine.safetensors")
    assert resolve_trace(str(tmp_path / "mine.safetensors")).sha256 == trace.sha256
    assert trace_label(str(tmp_path / "mine.safetensors")) == "mine.safetensors"
    assert trace_label("C:\\traces\\mine.safetensors") == "mine.safetensors"
    monkeypatch.chdir(tmp_path)
    assert resolve_trace("mine.safetensors").sha256 == trace.sha256
    with pytest.raises(AhasdError, match=r"other.safetensors: no such file"):
        resolve_trace("other.safetensors")


def test_statistics_of_six_rows(hand_made: RolloutTrace) -> None:
    statistics = summarize(hand_made)
    assert statistics.header == hand_made.header
    assert (statistics.positions, statistics.steps, statistics.prompts) == (6, 3, 2)
    assert statistics.acceptance_first == statistics.acceptance_conditional == 0.5
    assert (statistics.draft_length, statistics.mean_accepted) == (3, 0.5 + 0.25 + 0.125)
    assert statistics.recorded_acceptance == pytest.approx(13 / 18)
    assert statistics.entropy_mean == pytest.approx(2.5 + 1 / 8)
    assert statistics.entropy_quantiles[0.5] == pytest.approx(np.median(hand_made.entropy.astype(float)))
    assert statistics.auc_low_entropy == pytest.approx(0.5)


def test_mean_accepted_of_independent_coins() -> None:
    statistics = summarize(synthesize(0.5, auc=0.5, positions=50))
    assert statistics.mean_accepted == pytest.approx(1 - 0.5**8)  # Σ α^m, m = 1 … 8


def test_statistics_of_a_head(make_trace: Any) -> None:
    coins = [[1, 0], [1, 0], [1, 1]]
    bare = make_trace(coins, mode="greedy")
    assert (summarize(bare).auc_predicted, summarize(bare).predicted_mean) == (None, None)
    predicted = np.array([[0.75, 0.25], [0.5, 0.5], [0.75, 0.25]], np.float16)
    statistics = summarize(make_trace(coins, mode="greedy", predicted_acceptance=predicted))
    assert statistics.predicted_mean == pytest.approx(0.5)
    # Accepted have 0.75, 0.5, 0.75, 0.25; rejected 0.25 and 0.5: of 8 pairs 5 are right, 2 are ties, 1 is wrong.
    assert statistics.auc_predicted == pytest.approx((5 + 2 / 2) / 8)


@pytest.mark.parametrize("name", [name for name in shipped.shipped_names() if name.startswith("smollm2")])
def test_traces_of_a_real_pair_are_long_and_of_one_task(name: str) -> None:
    trace = shipped.load_shipped(name)
    draft = "smollm2-135m-4bit" if "-4bit-" in name else "smollm2-135m-draft"
    assert (trace.header.target, trace.header.draft) == ("smollm2-135m", draft)
    assert trace.positions >= 8000
    assert trace.steps >= 16
    task = name.split("-")[-2]
    assert trace.header.prompts.startswith(f"{task}, topics that the draft was not trained on")


def test_the_trace_of_the_real_pair_that_algorithms_are_calibrated_on_is_shipped() -> None:
    assert {SMOLLM2_TRACE, TINY_PAIR_TRACE, DEFAULT_TRACE} <= set(shipped.shipped_names())


def test_a_draft_of_half_of_the_bytes_is_accepted_far_more_often_than_a_small_one() -> None:
    large, small = (
        summarize(shipped.load_shipped(name)).acceptance_first for name in (SMOLLM2_SELF_TRACE, SMOLLM2_TRACE)
    )
    assert 0.6 < large < 0.85
    assert large > small + 0.25


@pytest.mark.parametrize("name", [name for name in shipped.shipped_names() if "-4bit-" not in name])
def test_shipped_traces_have_a_head_that_foretells_acceptance(name: str) -> None:
    statistics = summarize(shipped.load_shipped(name))
    assert statistics.auc_predicted is not None
    tiny = name.startswith("tiny")
    assert statistics.auc_predicted > (0.58 if tiny else 0.55)
    # Six-fold weight on rejections: p/(p + 6·(1 − p)) lies far below the acceptance.
    assert (0.2 if tiny else 0.1) < statistics.predicted_mean < statistics.acceptance_conditional
    assert "head" in statistics.header.notes
