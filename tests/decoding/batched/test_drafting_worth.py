"""Whether a batch drafts: on rounds of known costs, without a clock."""

import numpy as np
import pytest

from ahasd.decoding.batched.drafting.drafting_worth import DraftingWorth
from ahasd.decoding.batched.drafting.round_costs import (
    RoundCosts,
    seconds_drafting_first,
    seconds_to_finish,
)


def plain_cost(rows):
    return 1.0 + 0.1 * rows


def play(worth, rows, gain, drafting_cost, batches=12, length=128, seed=0):
    """Seconds of batches over those of plain rounds alone; a round with drafts gains 1 + Poisson tokens a row."""
    generator, seconds = np.random.default_rng(seed), 0.0
    for _ in range(batches):
        left = [length] * rows
        worth.start(rows)
        caught_up = True
        while left:
            drafting = worth.drafts(left)
            gained = list(1 + generator.poisson(gain - 1, len(left))) if drafting else [1] * len(left)
            spent = drafting_cost(len(left)) if drafting else plain_cost(len(left))
            seconds += spent
            worth.took(drafting, gained, spent, caught_up)
            caught_up = drafting
            going = [
                place for place, (tokens, new) in enumerate(zip(left, gained, strict=True)) if tokens > new
            ]
            left = [left[place] - gained[place] for place in going]
            worth.select(going)
    return seconds / (batches * length * plain_cost(rows))


@pytest.mark.parametrize("rows", [1, 4, 16])
@pytest.mark.parametrize("gain", [1.0, 1.3, 2.0, 3.0])
@pytest.mark.parametrize("factor", [1.1, 1.6, 2.5, 4.0])
def test_no_pair_is_slower_than_the_target_alone_by_more_than_two_in_a_hundred(rows, gain, factor):
    assert 1 / play(DraftingWorth(), rows, gain, lambda n: factor * plain_cost(n)) >= 0.98


def test_where_drafting_pays_it_is_taken():
    for rows in (1, 4, 16):
        assert play(DraftingWorth(), rows, 3.0, lambda n: 1.3 * plain_cost(n)) < 0.6


def test_drafting_that_pays_for_one_row_and_not_for_sixteen_is_told_apart():
    worth = DraftingWorth()

    def drafting(rows):
        return 0.4 + 0.9 * rows

    for _ in range(2):
        assert play(worth, 1, 2.5, drafting) < 0.6
        assert play(worth, 16, 2.5, drafting) < 1.02


def test_the_same_calls_give_the_same_answers():
    ratios = {play(DraftingWorth(), 4, 1.5, lambda n: 1.4 * plain_cost(n), seed=3) for _ in range(2)}
    assert len(ratios) == 1


def test_costs_of_sizes_that_were_not_seen_lie_on_a_line():
    costs = RoundCosts()
    costs.add(4, 2.0)
    assert costs.table(4)[0] == 0.0
    assert costs.seconds(8) == pytest.approx(3.0)  # half of it grows with the rows
    costs.add(16, 5.0)
    assert costs.seconds(8) == pytest.approx(3.0)
    assert costs.seconds(4) == 2.0
    assert (costs.rounds(8), costs.rounds(4), costs.rounds(1)) == (2, 1, 0)


def test_a_round_that_another_program_held_up_counts_little():
    costs = RoundCosts()
    for seconds in (1.0, 1.1, 9.0, 1.0, 1.2, 7.0):
        costs.add(2, seconds)
    assert costs.seconds(2) < 1.2


def test_the_longest_row_says_when_a_batch_is_done():
    assert seconds_to_finish([3, 1], [0.0, 1.0, 1.5]) == pytest.approx(1.5 + 2 * 1.0)
    # The fast row ends after 2 rounds; the other goes on without drafts, which is cheaper here, or with them.
    plain, drafting = [0.0, 1.0, 1.5], [0.0, 3.0, 2.0]
    assert seconds_drafting_first([6, 6], [3, 2], drafting, plain) == pytest.approx(2 * 2.0 + 2 * 1.0)
    assert seconds_drafting_first([6, 6], [3, 2], [0.0, 0.5, 2.0], plain) == pytest.approx(2 * 2.0 + 0.5)
