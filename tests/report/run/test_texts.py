"""The metrics and the breakdown say what the result says."""

import pytest

from ahasd import simulate
from ahasd.report.run.metrics import metrics_text
from ahasd.speculation.results import SpeculationResult


@pytest.fixture(scope="module")
def result() -> SpeculationResult:
    return simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16)


def test_metrics_hold_the_numbers_of_the_result(result: SpeculationResult) -> None:
    text = metrics_text(result)
    assert f"{result.tokens_per_second:.4g}" in text
    about = result.speculation
    assert (
        f"{about.drafted} = {about.accepted} accepted + {about.rejected} rejected "
        f"+ {about.flushed} flushed + {about.in_flight} in flight" in text
    )
    for name in result.energy_j:
        assert name in text
    for note in result.notes:
        assert f"Note: {note}" in text
    assert text.startswith(result.verdict.sentence + "\n")
