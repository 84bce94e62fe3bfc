"""The verdict, the metrics and the breakdown say what the result says."""

import pytest

from ahasd import simulate
from ahasd.report.run.metrics import metrics_text
from ahasd.report.run.verdict import verdict
from ahasd.simulation.result import Baseline, Comparison, Result


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16)


def compared(
    result: Result, speedup: float, break_even: float | None, always: bool | None, pim: float
) -> Result:
    comparison = Comparison(
        baseline=Baseline(device="npu", tokens_per_second=4.0, joules_per_token=0.5),
        alternatives=[Baseline(device="pim", tokens_per_second=pim, joules_per_token=0.25)],
        speedup=speedup,
        break_even_acceptance=break_even,
        always_pays=always,
    )
    numbers = {
        "tokens_per_second": 4.0 * speedup,
        "joules_per_token": 0.375,
        "draft_acceptance_rate": 0.71,
        **dict(comparison),
    }
    return result.model_copy(update=numbers)


def test_it_pays(result: Result) -> None:
    said = verdict(compared(result, 1.5, 0.42, False, pim=1.0))
    assert said == (
        "Speculation pays: 6 tokens/s, 0.375 J/token, 1.50x the target alone on the NPU (4 tokens/s, 0.5 J/token). "
        "It breaks even at an acceptance rate of about 0.42; here it is 0.71."
    )


def test_it_does_not_pay(result: Result) -> None:
    said = verdict(compared(result, 0.8, None, False, pim=1.0))
    assert said.startswith("Speculation does not pay: ")
    assert said.endswith("No acceptance rate would make it pay.")


def test_it_always_pays(result: Result) -> None:
    assert verdict(compared(result, 2.0, None, True, pim=1.0)).endswith("It pays at any acceptance.")


def test_an_alternative_that_is_faster_is_not_hidden(result: Result) -> None:
    said = verdict(compared(result, 1.5, 0.42, False, pim=7.0))
    assert said.startswith("Speculation pays")
    assert "But the target alone on the PIM ranks is faster still: 7 tokens/s" in said


def test_metrics_hold_the_numbers_of_the_result(result: Result) -> None:
    text = metrics_text(result)
    assert f"{result.tokens_per_second:.4g}" in text
    assert (
        f"{result.drafted} = {result.accepted} accepted + {result.rejected} rejected "
        f"+ {result.flushed} flushed + {result.in_flight} in flight" in text
    )
    for name in result.energy_j:
        assert name in text
    for note in result.notes:
        assert f"Note: {note}" in text
    assert text.endswith(verdict(result) + "\n")
