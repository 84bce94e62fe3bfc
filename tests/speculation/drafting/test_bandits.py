"""The bandits: what they learn, and that flushed rounds do not derail them."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest

from ahasd.speculation.drafting.algorithms.exp3 import Exp3Length
from ahasd.speculation.drafting.algorithms.ucb import UcbLength
from ahasd.traces.rollout.walk import DraftSignals

SIGNALS = DraftSignals(1.0, 0.5, None)


def draft(policy, round):
    policy.start(round)
    length = 1
    while not policy.should_stop(SIGNALS):
        length += 1
    return length


def play(policy, rounds, rate_of):
    """Serial rounds; rate_of(length, round) is the rate that the round shows."""
    lengths = []
    for round in range(rounds):
        length = draft(policy, round)
        policy.verified(round, length, length, seconds=(length + 1) / rate_of(length, round))
        lengths.append(length)
    return lengths


def both(arms=4):
    return [UcbLength(arms, exploration=6), Exp3Length(arms, rate=1, exploration=0, seed=0)]


def test_ucb_tries_every_length_once_and_then_by_score():
    policy = UcbLength(arms=3, exploration=6)
    rates = {1: 10.0, 2: 20.0, 3: 40.0}
    assert play(policy, 3, lambda length, _: rates[length]) == [1, 2, 3]
    bonus = sqrt(6 * log(4))
    assert policy.scores() == pytest.approx([0.25 + bonus, 0.5 + bonus, 1 + bonus])
    assert draft(policy, 3) == 3
    policy.verified(3, 3, 3, seconds=0.1)
    # The third arm has two verdicts now: mean 1, but a smaller bonus than the others at t = 5.
    assert policy.scores() == pytest.approx(
        [0.25 + sqrt(6 * log(5)), 0.5 + sqrt(6 * log(5)), 1 + sqrt(6 * log(5) / 2)]
    )
    assert draft(policy, 4) == 2


def test_ucb_without_a_bonus_is_greedy_and_with_one_it_goes_on_exploring():
    def unlucky(length, round):
        return 1.0 if round < 4 and length == 4 else (8.0 if length == 4 else 4.0)

    greedy = play(UcbLength(4, exploration=0), 200, unlucky)
    exploring = play(UcbLength(4, exploration=6), 2000, unlucky)
    assert 4 not in greedy[4:]  # one bad round, never again
    assert Counter(exploring[1000:]).most_common(1)[0][0] == 4


@pytest.mark.parametrize("best", [1, 2, 3, 4])
def test_the_best_length_is_found(best):
    random = np.random.default_rng(best)
    for policy in both():
        lengths = play(
            policy, 6000, lambda length, _: (9.0 if length == best else 3.0) * random.uniform(0.8, 1.2)
        )
        assert lengths[3000:].count(best) > 0.6 * 3000


def test_rewards_are_shares_of_the_best_rate():
    # Nothing changes when every round is a thousand times faster.
    for slow, fast in zip(both(), both(), strict=True):
        rates = np.random.default_rng(0).uniform(1, 5, size=300).tolist()
        assert play(slow, 300, lambda _, round, r=rates: r[round]) == play(
            fast, 300, lambda _, round, r=rates: 1024 * r[round]
        )


def test_an_arm_whose_rounds_were_all_flushed_is_tried_again():
    policy = UcbLength(arms=4, exploration=6)
    flushed, round = [], 0
    for _ in range(3):  # three times 4 rounds in flight, of which only the first gets a verdict
        lengths = [draft(policy, round + i) for i in range(4)]
        policy.verified(round, lengths[0], 0, seconds=1.0)
        flushed += lengths[1:]
        round += 4
    assert flushed[:3] == [2, 3, 4]
    assert all(policy.counts[arm] > 0 or policy.in_flight(arm) <= 2 for arm in range(4))
    # Verdicts reach all in the end: those without are tried before any other.
    for _ in range(4):
        length = draft(policy, round)
        policy.verified(round, length, 0, seconds=1.0)
        round += 1
    assert min(policy.counts) >= 1


def test_flushed_rounds_are_forgotten():
    for policy in both():
        for round in range(1000):
            length = draft(policy, round)
            if round % 10 == 9:
                policy.verified(round, length, 0, seconds=1.0)
        assert sum(policy.in_flight(arm) for arm in range(4)) == 0
        assert policy.verdicts == 100


def test_late_verdicts_are_credited_to_the_arm_of_their_round():
    policy = UcbLength(arms=2, exploration=6)
    assert [draft(policy, round) for round in (0, 1)] == [1, 2]
    policy.verified(0, 1, 1, seconds=1.0)
    policy.verified(1, 2, 2, seconds=1.0)
    assert policy.mean_rates == [2.0, 3.0]
    with pytest.raises(ValueError, match="round 1 was not started"):
        policy.verified(1, 2, 2, seconds=1.0)


def test_a_round_without_time_teaches_nothing():
    for policy in both():
        length = draft(policy, 0)
        policy.verified(0, length, length, seconds=0.0)
        assert (policy.verdicts, policy.best_rate) == (0, 0.0)


def test_exp3_probabilities_by_hand():
    policy = Exp3Length(arms=2, rate=1, exploration=0, seed=0)
    assert policy.probabilities() == [0.5, 0.5]
    length = draft(policy, 0)
    policy.verified(0, length, 0, seconds=1.0)  # the best rate so far: no loss
    assert policy.losses() == [0.0, 0.0]
    # As another round shows twice the rate, the first one's loss becomes (1 − ½)/½ = 1.
    second = draft(policy, 1)
    policy.verified(1, second, 0, seconds=0.5)
    expected = [0.0, 0.0]
    expected[length - 1] += 1.0
    assert policy.losses() == pytest.approx(expected)
    eta = sqrt(log(2) / (2 * 3))
    weights = [np.exp(-eta * loss) for loss in expected]
    assert policy.probabilities() == pytest.approx([weight / sum(weights) for weight in weights])


def test_exp3_draws_as_its_probabilities_say_and_by_its_seed():
    lengths = [draft(Exp3Length(4, rate=1, exploration=0, seed=seed), 0) for seed in range(2000)]
    counts = Counter(lengths)
    assert all(abs(counts[length] - 500) < 4 * sqrt(2000 * 0.25 * 0.75) for length in range(1, 5))
    runs = [play(Exp3Length(4, rate=1, exploration=0, seed=seed), 50, lambda *_: 1.0) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_exploration_keeps_a_share_of_the_draws_uniform():
    policy = Exp3Length(arms=4, rate=50, exploration=0.2, seed=0)
    play(policy, 400, lambda length, _: float(length))
    assert min(policy.probabilities()) == pytest.approx(0.05, rel=0.01)
    assert sum(policy.probabilities()) == pytest.approx(1)


def test_a_single_arm_is_a_fixed_length():
    for policy in both(arms=1):
        assert play(policy, 20, lambda *_: 2.0) == [1] * 20


def test_exp3_never_draws_what_has_no_probability(monkeypatch):
    """At a learning rate so high that all but the best arm's weight vanishes, also by the lowest number."""
    policy = Exp3Length(arms=2, rate=1e6, exploration=0, seed=0)
    monkeypatch.setattr(policy, "losses", lambda: [3.0, 2.0])
    assert policy.probabilities() == [0.0, 1.0]

    class Lowest:
        def random_raw(self):
            return 0

    monkeypatch.setattr(policy, "_draws", Lowest())
    assert draft(policy, 0) == 2
    policy.verified(0, 2, 2, seconds=1.0)
