"""Claims about areas: what becomes of synthesised cells, and what is said without a synthesis."""

from types import SimpleNamespace

import pytest

from ahasd.claims.ahasd import synthesis
from ahasd.claims.ahasd.condition import AreaCondition
from ahasd.claims.ahasd.synthesis import SynthesizedArea, synthesized
from ahasd.claims.findings import decides, examine
from ahasd.claims.ledger import all_claims, claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.verdict import ClaimVerdict

#: Factors from 180 to 28 nm by hand: a table's 1/40 at 32 nm, the square of the length, 3.9 M gates of 24 um2 a mm2.
TABLE, SQUARE, DENSITY = (28 / 32) ** 2 / 40, (28 / 180) ** 2, 1 / (3.9 * 24)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """EDC of 2 mm2 and AAUs of 60 mm2 at 180 nm."""
    blocks = [SimpleNamespace(name="EDC", cells_180_um2=2e6), SimpleNamespace(name="AAU", cells_180_um2=6e7)]
    monkeypatch.setattr(synthesis, "synthesized", lambda: blocks)


@pytest.mark.usefixtures("cells")
def test_cells_are_scaled_by_every_rule_and_placed() -> None:
    draws = SynthesizedArea(("EDC",)).draws(KnownRuns(), AreaCondition())
    assert draws.nominal == pytest.approx((2 * TABLE,))
    assert draws.lowest == pytest.approx((2 * DENSITY,))
    assert draws.highest == pytest.approx((2 * SQUARE / 0.6,))
    placed = AreaCondition("by hand", scaling="square of the length", utilisation=0.7, spans_ranges=False)
    fixed = SynthesizedArea(("AAU",)).draws(KnownRuns(), placed)
    assert fixed.nominal == fixed.lowest == fixed.highest == pytest.approx((60 * SQUARE / 0.7,))
    assert SynthesizedArea(die_mm2=50.0).draws(KnownRuns(), AreaCondition()).nominal == pytest.approx(
        (62 / 50 * TABLE,)
    )


@pytest.mark.usefixtures("cells")
def test_an_area_is_judged_like_every_figure() -> None:
    """AAUs: 1.15 mm2 by the table, 1.45 by the square of the length, 0.64 by density, 0.92 if that is placed."""
    (finding,) = examine(claims_named(["ahasd-area-aau"]), KnownRuns())
    assert finding.base is not None
    assert finding.base.verdict is ClaimVerdict.OPEN
    by_condition = {judged.condition.said: judged.verdict for judged in finding.others}
    assert len(by_condition) == 5
    assert set(by_condition.values()) == {ClaimVerdict.DOES_NOT_HOLD}
    assert finding.verdict is ClaimVerdict.OPEN
    (edc,) = examine(claims_named(["ahasd-area-edc"]), KnownRuns())
    # 0.038 mm2 by the table, 0.055 if that is placed, 0.048 by the square of the length; 0.05 is published.
    assert edc.verdict is ClaimVerdict.HOLDS_IF
    assert decides(edc) == "if placed at 70% utilisation or scaled with the square of the length"


def test_without_yosys_areas_cannot_be_tested_and_that_is_why(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")
    monkeypatch.setenv("PATH", "")
    synthesized.cache_clear()
    areas = [claim for claim in all_claims() if claim.name.startswith("ahasd-area")]
    findings = examine(areas, KnownRuns())
    assert len(findings) == 5
    for finding in findings:
        assert finding.verdict is ClaimVerdict.NOT_TESTABLE
        assert decides(finding).startswith("yosys is not installed; apt-get install yosys")


def test_without_amaranth_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "find_spec", lambda name: None)
    synthesized.cache_clear()
    (finding,) = examine(claims_named(["ahasd-area-share"]), KnownRuns())
    assert finding.verdict is ClaimVerdict.NOT_TESTABLE
    assert decides(finding).startswith("amaranth is not installed; in the source folder: pip install")
