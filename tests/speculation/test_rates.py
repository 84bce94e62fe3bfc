"""Rates by hand; the ledger of a simulated run and the metrics of a real one give the same for the same counts."""

import pytest

from ahasd.decoding.metrics import DecodingMetrics
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.rates import draft_acceptance_rate, draft_efficiency, mean_acceptance_length


def test_rates_by_hand():
    assert draft_acceptance_rate(accepted=6, rejected=2) == 0.75
    assert draft_efficiency(accepted=6, drafted=10) == 0.6
    assert mean_acceptance_length(emitted=9, verifications=3) == 3


def test_nothing_has_no_rate():
    assert draft_acceptance_rate(0, 0) is draft_efficiency(0, 0) is mean_acceptance_length(0, 0) is None


@pytest.mark.parametrize("counts", [{}, {"drafted": 10, "accepted": 6, "rejected": 2, "flushed": 1}])
def test_ledger_and_metrics_say_the_same(counts):
    ledger = TokenLedger(wanted=8, emitted=9, verifications=3, **counts)
    metrics = DecodingMetrics("async", "svip", "float32", tokens=8, tokens_cut=1, verifications=3, **counts)
    for name in ("draft_acceptance_rate", "draft_efficiency", "mean_acceptance_length", "wasted"):
        assert getattr(ledger, name) == getattr(metrics, name)
