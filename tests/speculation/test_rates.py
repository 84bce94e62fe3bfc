"""Rates by hand, for the ledger of a simulated run and for the metrics of a real one."""

import pytest

from ahasd.decoding.metrics import DecodingMetrics
from ahasd.speculation.ledger import TokenLedger

COUNTS = {"drafted": 10, "accepted": 6, "rejected": 2, "flushed": 1}


@pytest.mark.parametrize(
    "counts",
    [
        TokenLedger(wanted=8, emitted=9, verifications=3, **COUNTS),
        DecodingMetrics("async", "svip", "float32", tokens=8, tokens_cut=1, verifications=3, **COUNTS),
    ],
)
def test_rates_by_hand(counts):
    assert (counts.judged, counts.wasted, counts.in_flight) == (8, 4, 1)
    assert counts.draft_acceptance_rate == 0.75
    assert counts.draft_efficiency == 0.6
    assert counts.mean_acceptance_length == 3


@pytest.mark.parametrize("counts", [TokenLedger(wanted=8), DecodingMetrics("async", "svip", "float32")])
def test_nothing_has_no_rate(counts):
    assert counts.draft_acceptance_rate is counts.draft_efficiency is counts.mean_acceptance_length is None
    assert counts.judged == counts.wasted == counts.in_flight == 0
