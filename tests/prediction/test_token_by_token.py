"""A policy whose tokens are handed over one by one."""

from ahasd.prediction.token_by_token import TokenByToken
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals

from ..policies import Listening

SIGNALS = DraftSignals(1.0, 0.5, None)


def batches(policy: DraftingPolicy, count: int, first: int = 0) -> list[int]:
    """Lengths of the next batches, as a drafter that is never corrected makes them."""
    lengths = []
    for round in range(first, first + count):
        policy.start(round)
        lengths.append(1)
        while not policy.should_stop(SIGNALS):
            lengths[-1] += 1
    return lengths


def test_behind_a_correction_two_tokens_come_together_then_each_alone() -> None:
    policy = TokenByToken(FixedLength(3))
    assert batches(policy, 5) == [2, 1, 1, 1, 1]
    policy.start(5)
    policy.should_stop(SIGNALS)  # handed over; the text is corrected while the next batch has begun
    policy.start(6)
    assert batches(policy, 3, first=7) == [2, 1, 1]


def test_a_batch_of_one_token_is_not_waited_for() -> None:
    assert batches(TokenByToken(FixedLength(1)), 3) == [1, 1, 1]


def test_the_policy_inside_learns_of_whole_batches_once() -> None:
    inside = Listening(FixedLength(3))
    policy = TokenByToken(inside)
    batches(policy, 4)  # 2 + 1, then 1 + 1 of the next
    policy.verified(0, 2, 2, 0.5)
    assert inside.told == []
    policy.verified(1, 1, 1, 0.25)
    assert inside.told == [(0, 3, 3, 0.5)]
    policy.verified(2, 1, 1, 0.5)
    policy.verified(3, 1, 0, 0.75)
    assert inside.told[1:] == [(1, 2, 1, 0.75)]
