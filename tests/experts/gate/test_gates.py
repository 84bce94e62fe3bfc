"""Gates: how many of the chosen experts are used."""

import pytest

from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import TopK
from ahasd.experts.gate.known_sensitivities import MIXTRAL_8X7B, MIXTRAL_8X22B, sensitivities
from ahasd.experts.gate.sensitivity import SensitivityGate


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
    found = sensitivities("any", 63).values
    assert found[0] == pytest.approx(MIXTRAL_8X7B[0])
    assert found[2::2] == pytest.approx(MIXTRAL_8X7B[1:])


def test_it_is_a_gate_of_two_experts() -> None:
    with pytest.raises(AhasdError, match="not of 3"):
        SensitivityGate([1.0]).used(0, [0.5, 0.3, 0.2])
    with pytest.raises(AhasdError, match="must be at least 0"):
        SensitivityGate([1.0], -1)


@pytest.mark.parametrize(("layers", "known"), [(32, MIXTRAL_8X7B), (56, MIXTRAL_8X22B)])
def test_a_mixture_of_as_many_layers_has_those_of_mixtral_and_the_source_says_so(
    layers: int, known: tuple[float, ...]
) -> None:
    assert sensitivities("any", layers).values == known
    assert len(known) == layers
    assert "Mixtral" in sensitivities("any", layers).source


def test_the_tiny_mixture_has_its_own_and_its_first_layer_matters_most() -> None:
    found = sensitivities("tiny-moe", 4)
    assert found.source == "measured on tiny-moe itself"
    assert found.values[0] > 10 * max(found.values[1:])
    assert "not measured on this mixture" in sensitivities("another", 4).source
    assert "not measured" in sensitivities("tiny-moe", 3).source  # another mixture of that name
