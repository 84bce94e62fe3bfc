"""Runs on devices that people own: one device for both models, energy that is not known, systems that do not run."""

from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError
from ahasd.hardware.known_bytes import tokens_per_second
from ahasd.report.run.metrics import metrics_text
from ahasd.speculation.results import SpeculationResult

PAIR = "sheared-llama-1.3b:llama2-7b"


def run(system: str, hardware: str, **changes: Any) -> SpeculationResult:
    asked = {
        "system": system,
        "hardware": hardware,
        "pair": PAIR,
        "algorithm": "fixed:3",
        "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400",
        "tokens": 24,
        "prompt_tokens": 64,
        "weight_bits": 4,
    }
    result = simulate(**asked | changes)
    assert isinstance(result, SpeculationResult)
    return result


@pytest.mark.parametrize(
    ("system", "hardware"),
    [
        ("gpu", "rtx-3090"),
        ("gpu", "Apple M3 Max (40-core GPU)"),
        ("gpu", "snapdragon-8-elite"),
        ("gpu", "raspberry-pi-5"),
        ("npu", "ryzen-ai-7-350-npu"),
        ("npu", "apple-m3-max-npu"),
    ],
)
def test_draft_and_target_run_on_one_device(system: str, hardware: str) -> None:
    result = run(system, hardware)
    assert result.tokens_per_second > 0
    assert result.baseline is not None
    assert result.speculation.drafted


@pytest.mark.parametrize(
    ("system", "hardware"), [("gpu-autoregressive", "rtx-4090"), ("npu-autoregressive", "apple-m3-max-npu")]
)
def test_the_target_alone_is_as_fast_as_the_list_says(system: str, hardware: str) -> None:
    """At 4 bits, so by the bytes of 4 and not 4.5; the cache is longer by some tokens."""
    result = run(system, hardware, algorithm="none")
    assert result.tokens_per_second == pytest.approx(tokens_per_second(hardware, 3.304e9), rel=0.03)


def test_energy_that_is_not_published_is_not_known_and_not_zero() -> None:
    result = run("gpu", "snapdragon-8-elite")
    assert result.joules_per_token is None
    assert result.average_power_w is None
    assert result.energy_report is None
    assert result.energy_j == {}
    assert result.speculation.joules_wasted is None
    assert result.verdict.joules_ratio is None
    assert "energy not known" in result.verdict.sentence
    assert any("energy is not known: no power of snapdragon-8-elite" in note for note in result.notes)
    text = metrics_text(result)
    assert "energy per token         not known" in text
    assert " J\n" not in text


def test_a_power_that_is_given_makes_energy_known() -> None:
    result = run("gpu", "snapdragon-8-elite", set=("gpu.idle_w=0.5", "gpu.limit_w=5"))
    assert result.joules_per_token == pytest.approx(5 / result.tokens_per_second, rel=0.2)
    assert not any("energy is not known" in note for note in result.notes)


def test_a_published_power_of_an_npu_is_drawn_all_the_time() -> None:
    result = run("npu-autoregressive", "apple-m3-max-npu", algorithm="none")
    assert result.average_power_w == pytest.approx(8.0)
    assert any("8 W; what that figure leaves out" in note for note in result.notes)


def test_results_say_what_was_recalled_and_what_is_usual() -> None:
    notes = " ".join(run("gpu", "rtx-2060").notes)
    assert "read on no page: gpu.memory_gib, gpu.gb_per_second" in notes
    assert "usual of its kind: gpu.graph_launch_us, gpu.bandwidth_efficiency" in notes
    notes = " ".join(run("gpu", "raspberry-pi-5").notes)
    assert "'gpu' stands for the cores of a CPU" in notes


@pytest.mark.parametrize(
    ("system", "hardware", "runs"),
    [
        ("ahasd", "rtx-3090", "gpu, gpu-autoregressive"),
        ("amusd", "apple-a16", "gpu, gpu-autoregressive"),
        ("specpim", "raspberry-pi-5", "gpu, gpu-autoregressive"),
        ("gpu", "apple-m3-max-npu", "npu, npu-autoregressive"),
        ("ahasd", "apple-m3-max-npu", "npu, npu-autoregressive"),
    ],
)
def test_a_system_that_needs_more_says_which_run_there(system: str, hardware: str, runs: str) -> None:
    with pytest.raises(
        AhasdError,
        match=rf"'{hardware}' has no .*System '{system}' needs it; on '{hardware}' run: {runs}[, ]",
    ):
        run(system, hardware)
