"""Ways to prefetch: what they propose, the most wanted first."""

import pytest

from ahasd.errors import UnknownNameError
from ahasd.experts.layer_schedule.costs import LayerCosts
from ahasd.experts.layer_schedule.schedules import layer_schedule
from ahasd.experts.prefetch.prefetch import Ahead, View, prefetch_named

COSTS = LayerCosts(0.1, 1.0, 0.5)


def view(resident: set[Ahead], favourites: tuple[int, ...] = (), schedule: str = "host") -> View:
    foreseen = [[3, 5], [1, 2], [7, 0]]
    return View(
        foreseen, lambda d, expert: (d, expert) in resident, favourites, layer_schedule(schedule), COSTS
    )


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("none", []),
        ("next-gate", [(1, 5)]),
        ("two-gates", [(1, 5), (2, 1), (2, 2)]),
        ("three-gates", [(1, 5), (2, 1), (2, 2), (3, 7), (3, 0)]),
        ("adaptive", [(1, 5)]),
        ("smoothed-scores", [(1, 8)]),
    ],
)
def test_what_is_missing_is_proposed(name: str, proposed: list[Ahead]) -> None:
    assert prefetch_named(name).propose(view({(1, 3)}, favourites=(3, 8))) == proposed


def test_the_adaptive_depth_looks_further_where_the_next_layer_misses_nothing() -> None:
    adaptive = prefetch_named("adaptive")
    assert adaptive.propose(view({(1, 3), (1, 5), (2, 1)})) == [(2, 2)]
    assert adaptive.propose(view({(1, 3), (1, 5), (2, 1), (2, 2)})) == [(3, 7), (3, 0)]


def test_impact_puts_first_what_shortens_a_layer_most() -> None:
    # Layer 1 misses both, layer 2 one: either gains a second of the host; layer 3 misses nothing.
    found = prefetch_named("impact").propose(view({(2, 1), (3, 7), (3, 0)}))
    assert {found[0], found[1], found[2]} == {(1, 3), (1, 5), (2, 2)}
    assert found[0][0] == 1


def test_impact_leaves_out_what_shortens_nothing() -> None:
    free = View([[1]], lambda d, expert: False, (), layer_schedule("host"), LayerCosts(1.0, 0.5, 0.5))
    assert prefetch_named("impact").propose(free) == []


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'adaptive'"):
        prefetch_named("adaptiv")
