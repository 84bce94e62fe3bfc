"""What a reader of a result is told, and from where on."""

from types import SimpleNamespace
from typing import Any

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.notes import notes
from ahasd.speculation.run import build_machine

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"


def told(mean_draft_length: float = 3.0, **values: Any) -> str:
    asked = {"system": "npu", "pair": "opt-1.3b:opt-6.7b", "algorithm": "fixed:2", "trace": TRACE}
    resolved = resolve(RunConfiguration.checked(**(asked | values)))
    outcome: Any = SimpleNamespace(mean_draft_length=mean_draft_length)
    return "\n".join(notes(resolved, outcome, build_machine(resolved)))


@pytest.mark.parametrize(("algorithm", "published"), [("adaedl", True), ("fixed:2", False)])
def test_published_thresholds_that_hardly_let_the_draft_work_are_named(
    algorithm: str, published: bool
) -> None:
    assert "published thresholds of adaedl" not in told(1.5, algorithm=algorithm)
    assert (
        "published thresholds of adaedl stop after 1.5 tokens" in told(1.49, algorithm=algorithm)
    ) is published


def test_drafts_longer_than_the_recorded_steps_are_named() -> None:
    steps = resolve(RunConfiguration.checked(trace=TRACE)).trace.steps
    assert "drafts are longer" not in told(float(steps))
    assert f"drafts are longer than the {steps} steps of a row" in told(steps + 0.1)


def test_texts_longer_than_a_model_was_made_for_are_named_where_nothing_refuses_them() -> None:
    llama = {"pair": "llama2-7b:llama2-13b", "prompt_tokens": 96}
    assert "made for" not in told(tokens=4000, **llama)
    long = told(tokens=4001, **llama)
    for name in ("llama2-7b", "llama2-13b"):
        assert f"4097 tokens are more than the 4096 that {name} was made for" in long


@pytest.mark.parametrize(("share", "named"), [(1.04, False), (1.06, True), (0.96, False), (0.94, True)])
def test_a_bus_rate_that_is_not_that_of_the_timings_is_named(share: float, named: bool) -> None:
    """The timing set of the module moves 12.8 GB/s over a channel."""
    said = told(set=[f"memory.channel_gb_per_second={12.8 / share}"])
    assert ("timings of one device, rate of another" in said) is named


def test_what_was_changed_is_told_and_what_was_not_is_not() -> None:
    said = told(system="npu", set=["npu.clock_ghz=1.25", "system.catch_up=separate"])
    assert "changed: npu.clock_ghz=1.25, system.catch_up=separate" in said
    assert "changed" not in told()


def test_acceptance_is_the_trace_s_where_there_is_any() -> None:
    assert "acceptance is the trace's: trace synthetic" in told()
    assert "acceptance" not in told(algorithm="none")
    assert "replay is an approximation" not in told()
    assert "replay is an approximation" in told(trace="tiny-distilled-sampled")
