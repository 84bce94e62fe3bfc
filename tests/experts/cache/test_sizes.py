"""Slots by layer: published loads come out, and no other allocation is better."""

from itertools import product

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.experts.cache.adapmoe_figures import FORESEEN, SINGLE
from ahasd.experts.cache.sizes import allocate, even, expected_loads


def table(gated: bool) -> list[list[float]]:
    singles = SINGLE if gated else [0.0] * 32
    return [
        [expected_loads(single, foreseen, slots) for slots in range(9)]
        for single, foreseen in zip(singles, FORESEEN, strict=True)
    ]


def loads(costs: list[list[float]], sizes: list[int]) -> float:
    return sum(of_layer[slots] for of_layer, slots in zip(costs, sizes, strict=True))


@pytest.mark.parametrize(
    ("total", "ours", "plain"), [(64, 16.16, 22.13), (128, 6.91, 10.92), (192, 1.90, 3.54)]
)
def test_the_loads_of_mixtral_are_those_of_the_public_code(total: int, ours: float, plain: float) -> None:
    gated = table(gated=True)
    assert loads(gated, allocate(gated, total)) == pytest.approx(ours, abs=0.0051)
    assert loads(table(gated=False), even(total, 32)) == pytest.approx(plain, abs=0.0051)


def test_gate_and_allocation_apart_save_what_they_are_said_to() -> None:
    plain, gated = table(gated=False), table(gated=True)
    assert loads(plain, allocate(plain, 128)) == pytest.approx(10.50, abs=0.0051)
    assert loads(gated, even(128, 32)) == pytest.approx(8.96, abs=0.0051)
    sizes = allocate(gated, 128)
    assert sum(sizes) == 128
    assert sizes[:2] == [8, 7]
    assert sizes[-6:] == [1] * 6


@pytest.mark.parametrize("seed", range(5))
def test_no_other_allocation_has_fewer_loads(seed: int) -> None:
    draws = np.random.Generator(np.random.PCG64(seed))
    costs = [sorted(draws.random(5).tolist(), reverse=True) for _ in range(4)]
    for total in range(4, 17):
        best = min(
            loads(costs, list(sizes)) for sizes in product(range(1, 5), repeat=4) if sum(sizes) <= total
        )
        sizes = allocate(costs, total)
        assert sum(sizes) <= total
        assert loads(costs, sizes) == pytest.approx(best)


def test_with_nothing_resident_or_all_loads_are_two_or_none() -> None:
    assert expected_loads(0.0, 0.0, 0) == pytest.approx(2)
    assert expected_loads(1.0, 0.0, 0) == pytest.approx(1)
    assert expected_loads(0.3, 0.2, 8) == 0
    assert expected_loads(0.0, 1.0, 0, experts=16) == pytest.approx(1)


def test_slots_come_out_evenly() -> None:
    assert even(10, 4) == [3, 3, 2, 2]


def test_fewer_slots_than_layers_are_refused() -> None:
    with pytest.raises(AhasdError, match="3 slots are fewer than the 4 layers"):
        allocate([[1.0, 0.0]] * 4, 3)
