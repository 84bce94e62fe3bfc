"""PrivQuant's factors over SiRNN: at which widths the formulas give them."""

import pytest

from ahasd.claims.findings import examine
from ahasd.claims.ledger import claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.privquant.over_sirnn import planned
from ahasd.claims.verdict import ClaimVerdict


@pytest.mark.parametrize(
    ("name", "published"), [("privquant-bytes-sirnn", 11.0), ("privquant-latency-sirnn", 8.7)]
)
def test_what_hangs_on_unpublished_widths_holds_if_they_are_narrow(name: str, published: float) -> None:
    (finding,) = examine(claims_named([name]), KnownRuns(64, 1))
    assert finding.verdict is ClaimVerdict.HOLDS_IF
    assert finding.base is not None
    assert finding.base.value is not None
    assert finding.base.value.mean < 0.9 * published  # W4A4, ours, is not enough
    holding = [each for each in finding.others if each.verdict is ClaimVerdict.HOLDS]
    assert holding
    # At equal widths, what fusion and receivers alone save is nowhere near it.
    equal = (
        planned("resnet32-cifar", "w16a16", "sirnn").bytes
        / planned("resnet32-cifar", "w16a16", "privquant").bytes
    )
    assert 1 < equal < 1.2


def test_what_is_not_modelled_is_not_judged() -> None:
    names = [f"privquant-{what}-{over}" for what in ("bytes", "latency") for over in ("coinn", "copriv")]
    for finding in examine(claims_named(names), KnownRuns(64, 1)):
        assert finding.verdict is ClaimVerdict.NOT_TESTABLE
        assert "not modelled here" in finding.claim.untestable
