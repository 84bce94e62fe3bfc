"""What routing amounts to, counted by hand."""

from typing import Any

import numpy as np
import pytest

from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.statistics import routing_statistics
from ahasd.traces.routing.trace import RoutingTrace


def hand_made(chosen: Any, starts: list[int], own: list[int], ahead: Any = None) -> RoutingTrace:
    array = np.array(chosen, np.int16)
    return RoutingTrace(
        RoutingHeader("m", 20, tuple(range(array.shape[1])), "none", "greedy", 0, 0, "p", "1"),
        array,
        np.array(starts, np.int32),
        np.array(own, np.int32),
        ahead=None if ahead is None else np.array(ahead, np.int16),
    )


def test_neighbours_of_one_prompt_are_compared_prefix_and_continuation_apart() -> None:
    trace = hand_made([[[0, 1]], [[1, 2]], [[1, 2]], [[3, 4]], [[3, 5]]], [0, 3, 5], [2, 3])
    numbers = routing_statistics(trace)
    assert numbers.jaccard_prefix == pytest.approx(1 / 3)
    assert numbers.jaccard_written == pytest.approx(1 / 3)
    # 0-1 share one of two, 1-2 both, 3-4 one; 2-3 are of two prompts.
    assert numbers.repeated == pytest.approx((0.5 + 1 + 0.5) / 3)


def test_the_hottest_tenth_and_what_is_never_chosen() -> None:
    trace = hand_made([[[0, 1]], [[0, 2]], [[0, 3]], [[0, 1]]], [0, 4], [0])
    numbers = routing_statistics(trace)
    assert numbers.hottest == pytest.approx((4 + 2) / 8)
    assert numbers.hottest_evenly == pytest.approx(0.1)
    assert numbers.unused == pytest.approx(16 / 20)
    # Expert 0 comes back after one token three times, expert 1 after three.
    assert numbers.reuse_distance == 1


def test_what_gates_foresee_is_counted_where_it_comes_true() -> None:
    chosen = [[[0, 1], [2, 3], [4, 5]], [[0, 1], [2, 4], [4, 6]]]
    none = [-1, -1]
    ahead = [
        [[[2, 3], [4, 9]], [[5, 4], none], [none, none]],
        [[[2, 9], [8, 9]], [[8, 9], none], [none, none]],
    ]
    foreseen = routing_statistics(hand_made(chosen, [0, 2], [0], ahead)).foreseen
    assert foreseen is not None
    np.testing.assert_allclose(foreseen, [[np.nan, 0.75, 0.5], [np.nan, np.nan, 0.25]])


def test_a_single_token_has_no_neighbours() -> None:
    numbers = routing_statistics(hand_made([[[0, 1]]], [0, 1], [0]))
    assert numbers.repeated is None
    assert numbers.reuse_distance is None
