"""The walk on the six rows of `conftest.HAND_COINS`, worked by hand; signals tell (row, step)."""

from itertools import pairwise
from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftChain, TraceWalk


def where(chain: DraftChain, j: int) -> tuple[int, int]:
    """Return the (row, step) that a step of a chain was recorded at."""
    entropy = chain.signals(j).entropy
    return int(entropy), round(entropy % 1 * 8)


@pytest.fixture
def walk(hand_made: RolloutTrace) -> TraceWalk:
    return TraceWalk(hand_made, seed=0, coins="recorded")


def test_the_seed_chooses_the_starting_prompt(hand_made: RolloutTrace) -> None:
    assert [TraceWalk(hand_made, seed).start().row for seed in range(4)] == [0, 4, 0, 4]


def test_neighbouring_seeds_start_at_different_prompts(make_trace: Any) -> None:
    trace = make_trace([[1]] * 20, list(range(21)))
    starts = [TraceWalk(trace, seed).start().row for seed in range(20)]
    assert sorted(starts) == list(range(20))
    assert min(abs(a - b) for a, b in pairwise(starts)) > 1


def test_a_chain_stays_on_its_row_for_the_recorded_steps(walk: TraceWalk) -> None:
    chain = walk.start()
    assert [where(chain, j) for j in range(3)] == [(0, 0), (0, 1), (0, 2)]
    assert [chain.accepted(j) for j in range(3)] == [True, True, True]


def test_after_a_rejection_the_text_goes_on_behind_the_targets_own_token(walk: TraceWalk) -> None:
    row_1 = walk.after(walk.start(), 0)
    assert (row_1.row, row_1.leading_accepted(3)) == (1, 1)
    row_3 = walk.after(row_1, 1)  # rejected at offset 1: 1 + 1 + 1
    assert row_3.row == 3
    assert walk.wraps == 0


def test_after_full_acceptance_and_a_bonus_token(walk: TraceWalk) -> None:
    assert walk.after(walk.start(), 2).row == 3  # two drafted, both accepted, bonus: 0 + 2 + 1


def test_a_rejected_path_keeps_its_conditional_coins(walk: TraceWalk) -> None:
    row_2 = walk.after(walk.start(), 1)
    assert [row_2.accepted(j) for j in range(3)] == [False, True, True]
    assert row_2.leading_accepted(3) == 0


def test_past_the_recorded_steps_an_accepted_chain_goes_on_row_by_row(walk: TraceWalk) -> None:
    chain = walk.start()
    # Row 0 is accepted whole: row 3. That too: row 6, past the prompt's end, so row 4, rejected at step 2.
    assert [where(chain, j) for j in range(9)] == [
        *[(0, 0), (0, 1), (0, 2)],
        *[(3, 0), (3, 1), (3, 2)],
        *[(4, 0), (4, 1), (4, 2)],
    ]
    assert [chain.accepted(j) for j in range(9)] == [True] * 8 + [False]
    assert chain.leading_accepted(100) == 8
    assert chain.leading_accepted(5) == 5


def test_past_the_recorded_steps_a_rejected_chain_goes_on_along_tails(hand_made: RolloutTrace) -> None:
    # Steps after the first rejection: row 1 has step 2, rows 2 and 5 have steps 1 and 2, the others none.
    tails = {(1, 2): [(1, 2)], (2, 1): [(2, 1), (2, 2)], (5, 1): [(5, 1), (5, 2)]}
    seen = set()
    for seed in range(20):
        walk = TraceWalk(hand_made, seed, coins="recorded")
        chain = walk.start() if seed % 2 else walk.after(walk.start(), 3)
        assert chain.row == 4  # 1 1 0
        j = 3
        while j < 60:
            tail = tails[where(chain, j)]
            seen.add(tail[0])
            for row, step in tail:
                assert where(chain, j) == (row, step)
                assert chain.accepted(j) == bool(hand_made.accepted[row, step])
                j += 1
    assert seen == tails.keys()


def test_the_end_of_a_prompt_leads_to_the_next_and_the_last_wraps(walk: TraceWalk) -> None:
    row_4 = walk.after(walk.start(), 3)  # 0 + 3 + 1 is the end of the first prompt
    assert (row_4.row, walk.wraps) == (4, 0)
    row_5 = walk.after(row_4, 0)
    assert (row_5.row, walk.wraps) == (5, 0)
    row_0 = walk.after(row_5, 0)
    assert (row_0.row, row_0.wrap, walk.wraps) == (0, 1, 1)
    assert walk.after(row_4, 2).row == 0  # 4 + 2 + 1 is past the end: the start, not a row further in
    assert walk.wraps == 1


@pytest.mark.parametrize(("accepted", "row"), [(4, 4), (5, 4), (6, 5), (7, 0), (8, 0)])
def test_verification_beyond_the_recorded_steps(walk: TraceWalk, accepted: int, row: int) -> None:
    # Drafted tokens 3, 4, 5 lie on row 3; when one of the last two is rejected, the text goes on past the
    # prompt's end, at row 4. Token 6 is drafted on row 4, so rejecting it leads to row 5, and rejecting one
    # of those that follow leads past the last row.
    assert walk.after(walk.start(), accepted).row == row
    assert walk.wraps == (row == 0)


def test_looking_ahead_counts_no_wrap(make_trace: Any) -> None:
    walk = TraceWalk(make_trace([[1, 1]] * 4), seed=0, coins="recorded")
    chain = walk.start()
    assert [where(chain, j) for j in (5, 7, 8)] == [(0, 1), (2, 1), (0, 0)]  # rows 0, 2, 0, 2, 0
    assert walk.wraps == 0
    assert (walk.after(chain, 6).row, walk.wraps) == (3, 1)  # token 6 would lie on row 2 of the second pass
    assert (walk.after(chain, 7).row, walk.wraps) == (0, 2)


def test_more_than_the_coins_accept_is_refused(walk: TraceWalk) -> None:
    with pytest.raises(ValueError, match="9 tokens accepted"):
        walk.after(walk.start(), 9)
    with pytest.raises(ValueError, match="-1 tokens accepted"):
        walk.after(walk.start(), -1)


def test_a_step_before_the_chain_is_refused(walk: TraceWalk) -> None:
    chain = walk.start()
    chain.signals(4)
    for ask in (chain.signals, chain.accepted):
        with pytest.raises(IndexError, match="step -1"):
            ask(-1)


def test_a_single_step_trace_can_be_walked(make_trace: Any) -> None:
    chain = TraceWalk(make_trace([[0], [1]]), seed=0, coins="recorded").start()
    assert not chain.accepted(0)
    assert {where(chain, j) for j in range(1, 40)} == {(0, 0), (1, 0)}  # no tails: the last step stands in


def test_predicted_acceptance_is_a_signal_where_there_is_one(
    make_trace: Any, hand_made: RolloutTrace
) -> None:
    assert TraceWalk(hand_made, 0).start().signals(0).predicted_acceptance is None
    predicted = hand_made.draft_probability / 2
    trace = make_trace(hand_made.accepted, [0, 4, 6], predicted_acceptance=predicted)
    chain = TraceWalk(trace, 0, coins="recorded").start()
    assert {chain.signals(j).predicted_acceptance for j in range(12)} == {0.25}


def test_bad_arguments_are_refused(hand_made: RolloutTrace) -> None:
    with pytest.raises(AhasdError, match="seed is -1"):
        TraceWalk(hand_made, -1)
    with pytest.raises(UnknownNameError, match="redrawn"):
        TraceWalk(hand_made, 0, coins="redraw")  # type: ignore[arg-type]
