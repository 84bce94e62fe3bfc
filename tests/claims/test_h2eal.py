"""H2EAL's factors: what they hang on."""

import pytest

from ahasd.claims.findings import examine
from ahasd.claims.h2eal.condition import H2ealCondition
from ahasd.claims.h2eal.over_dense import OverDense
from ahasd.claims.ledger import claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.verdict import ClaimVerdict

_NONE = KnownRuns(64, 1)


def factor(energy: bool = False, **condition: object) -> float:
    (value,) = OverDense(energy).draws(_NONE, H2ealCondition(**condition)).nominal  # type: ignore[arg-type]
    return value


def test_the_greatest_speed_up_takes_larger_pages_and_nothing_charged_but_reading() -> None:
    assert factor(page=64, free=True) == pytest.approx(48.21, rel=0.1)
    assert factor(page=64) < 0.75 * 48.21
    assert factor() < 0.4 * 48.21
    assert factor(page=64, free=True, counted="step") < 2.2, "weights are half of a step at 128k"


def test_the_greatest_speed_up_holds_if_and_the_accuracy_is_not_judged() -> None:
    speed, accuracy = examine(claims_named(["h2eal-speed-least", "h2eal-accuracy"]), _NONE)
    assert speed.verdict is ClaimVerdict.HOLDS_IF
    holding = [each.condition for each in speed.others if each.verdict is ClaimVerdict.HOLDS]
    assert holding
    assert all(one.counted == "attention" for one in holding), "no whole step gains so much"
    assert accuracy.verdict is ClaimVerdict.NOT_TESTABLE


def test_energy_gains_more_than_time_where_overheads_are_charged() -> None:
    assert factor(energy=True) > 1.3 * factor()
    assert factor(energy=True, free=True) < 1.15 * factor(free=True)
