"""What passes take by their width."""

import pytest

from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.trees.pass_costs import WIDTHS, PassCosts, measure


def test_a_pass_is_filled_up_where_a_wider_one_was_measured_to_be_cheaper():
    costs = PassCosts({1: 1.0, 4: 1.6, 8: 2.2, 16: 1.9, 32: 2.6})
    assert costs.padded(8) == costs.padded(7) == costs.padded(12) == 16
    assert costs.padded(1) == 1
    assert costs.padded(4) == 4
    assert costs.padded(20) == 20
    assert costs.padded(40) == 40


def test_a_saving_within_the_noise_fills_nothing_up():
    assert PassCosts({1: 1.0, 8: 2.0, 16: 1.95}).padded(8) == 8


def test_times_between_widths_lie_on_a_line():
    costs = PassCosts({1: 1.0, 4: 4.0, 8: 5.0})
    assert [costs.seconds(width) for width in (1, 2, 4, 6, 8, 12)] == pytest.approx([1, 2, 4, 4.5, 5, 6])


def test_a_model_with_a_short_context_is_measured_as_far_as_it_goes(small_models):
    runner = build_batched_runner(small_models.random_model(max_position_embeddings=12))
    costs = measure(TimedPasses(runner))
    assert set(costs.seconds_at) == {width for width in WIDTHS if 1 + width <= 12}
    assert all(seconds > 0 for seconds in costs.seconds_at.values())
    assert runner.lengths == (0,)
