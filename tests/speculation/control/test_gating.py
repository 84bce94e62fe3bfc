import pytest
from pydantic import ValidationError

from ahasd.speculation.control.tvc.gating import GatingOptions, RankGate, RankSet


def test_switching_costs_the_latency_once_and_is_counted():
    gate = RankGate(GatingOptions(switch_latency_s=0.5e-6))
    assert gate.enabled is RankSet.DRAFT
    assert gate.enable(RankSet.DRAFT) == 0
    assert gate.enable(RankSet.TARGET) == 0.5e-6
    assert gate.enable(RankSet.TARGET) == 0
    assert gate.enable(RankSet.DRAFT) == 0.5e-6
    assert gate.switches == 2


def test_a_gated_rank_set_cannot_compute():
    gate = RankGate(GatingOptions())
    gate.require(RankSet.DRAFT)
    with pytest.raises(ValueError, match="target ranks are gated"):
        gate.require(RankSet.TARGET)
    gate.enable(RankSet.TARGET)
    gate.require(RankSet.TARGET)
    with pytest.raises(ValueError, match="draft ranks are gated"):
        gate.require(RankSet.DRAFT)


def test_the_default_latency_keeps_within_the_published_bound():
    assert 0 < GatingOptions().switch_latency_s <= 1e-6


@pytest.mark.parametrize("latency", [-1e-9, float("inf"), float("nan")])
def test_an_impossible_latency_is_refused(latency):
    with pytest.raises(ValidationError):
        GatingOptions(switch_latency_s=latency)
