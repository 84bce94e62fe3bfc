"""The claim on peaks: what it is measured against decides, and says so."""

import pytest

from ahasd.claims.findings import decides, examine
from ahasd.claims.ledger import claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.verdict import ClaimVerdict


def test_the_published_saving_holds_only_against_some_baselines() -> None:
    (finding,) = examine(claims_named(["ordering-peak"]), KnownRuns())
    assert finding.verdict is ClaimVerdict.HOLDS_IF
    assert "our reading of HMCOS" in decides(finding)
    ratios = {
        judged.condition.said: judged.value.mean for judged in finding.every if judged.value is not None
    }
    assert len(ratios) == 24
    assert ratios[""] == pytest.approx(0.663, abs=0.001)
    assert ratios["against our reading of HMCOS"] == pytest.approx(0.889, abs=0.001)
    assert max(ratios.values()) <= 1  # the least peak is below every baseline's


def test_scalability_has_no_figure_to_be_held_against() -> None:
    (finding,) = examine(claims_named(["ordering-scalability"]), KnownRuns())
    assert finding.verdict is ClaimVerdict.NOT_TESTABLE
