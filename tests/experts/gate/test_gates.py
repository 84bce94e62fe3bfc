"""Gates: how many of the chosen experts are used."""

import pytest

from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import TopK
from ahasd.experts.gate.sensitivity import MIXTRAL_8X7B, SensitivityGate, sensitivities


def test_without_a_gate_all_are_used() -> None:
    assert TopK().used(0, [0.5, 0.3, 0.1]) == 3


@pytest.mark.parametrize(("rest", "used"), [(0.04, 1), (0.06, 2)])
def test_the_second_is_left_out_where_its_share_is_small_enough(rest: float, used: int) -> None:
    # (1 - a)^2 w <= T: with w = 2 and T = 0.005 the second may have a share of 0.05.
    gate = SensitivityGate([2.0], 0.005)
    assert gate.used(0, [1 - rest, rest]) == used
    assert gate.used(0, [(1 - rest) / 3, rest / 3]) == used  # scores need no sum of 1


def test_early_layers_are_the_most_sensitive() -> None:
    gate = SensitivityGate(MIXTRAL_8X7B)
    assert gate.used(0, [0.9, 0.1]) == 2
    assert gate.used(31, [0.6, 0.4]) == 1


def test_a_threshold_of_0_leaves_nothing_out() -> None:
    assert SensitivityGate([1.0], 0.0).used(0, [0.999, 0.001]) == 2


def test_other_depths_have_the_sensitivity_of_the_same_relative_depth() -> None:
    found = sensitivities(63)
    assert found[0] == pytest.approx(MIXTRAL_8X7B[0])
    assert found[2::2] == pytest.approx(MIXTRAL_8X7B[1:])
    assert sensitivities(32) == MIXTRAL_8X7B


def test_it_is_a_gate_of_two_experts() -> None:
    with pytest.raises(AhasdError, match="not of 3"):
        SensitivityGate([1.0]).used(0, [0.5, 0.3, 0.2])
    with pytest.raises(AhasdError, match="must be at least 0"):
        SensitivityGate([1.0], -1)
