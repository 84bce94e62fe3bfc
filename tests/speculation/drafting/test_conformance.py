"""What every drafting algorithm must do; a new one joins by a line in EXAMPLES."""

import numpy as np
import pytest

from ahasd.speculation.drafting.specification import algorithm_names, build_policy, parse_algorithm
from ahasd.traces.rollout.walk import DraftSignals

EXAMPLES = {
    "fixed": "fixed:4",
    "specdecpp": "specdecpp",
    "svip": "svip",
    "adaedl": "adaedl",
    "banditspec-ucb": "banditspec-ucb",
    "banditspec-exp3": "banditspec-exp3",
    "goodput": "goodput",
}


def test_every_algorithm_of_the_catalogue_is_tested():
    assert list(EXAMPLES) == algorithm_names()


@pytest.fixture(params=EXAMPLES.values())
def policy_of(request):
    """Makes fresh policies of one algorithm."""
    return lambda: build_policy(parse_algorithm(request.param))


def signals(entropy):
    # A trained head's output is there too, for the algorithms that need one.
    return DraftSignals(entropy=entropy, draft_probability=0.5, predicted_acceptance=0.5)


def random_signals(seed, count=2000):
    random = np.random.default_rng(seed)
    return [
        DraftSignals(entropy=float(entropy), draft_probability=float(q), predicted_acceptance=float(p))
        for entropy, q, p in zip(
            random.exponential(0.5, count), random.random(count), random.random(count), strict=True
        )
    ]


def draft(policy, round, stream):
    """Draft one batch and return its length."""
    policy.start(round)
    length = 0
    while True:
        length += 1
        if policy.should_stop(next(stream)):
            return length
        assert length < policy.maximum_length, "went on at the maximum"


def serial_run(policy, seed, rounds=100):
    stream, lengths = iter(random_signals(seed)), []
    for round in range(rounds):
        lengths.append(draft(policy, round, stream))
        policy.verified(round, lengths[-1], (round * 7) % (lengths[-1] + 1), seconds=0.1)
    return lengths


def test_batches_hold_at_least_one_token_and_at_most_the_maximum(policy_of):
    policy = policy_of()
    assert policy.maximum_length >= 1
    assert all(1 <= length <= policy.maximum_length for length in serial_run(policy, seed=1))


def test_the_same_calls_give_the_same_answers(policy_of):
    assert serial_run(policy_of(), seed=2) == serial_run(policy_of(), seed=2)


def test_instances_share_no_state(policy_of):
    expected = serial_run(policy_of(), seed=3)
    other, under_test = policy_of(), policy_of()
    stream, noise, lengths = iter(random_signals(3)), iter(random_signals(4)), []
    for round in range(100):
        other.verified(round, draft(other, round, noise), 0, seconds=1.0)
        lengths.append(draft(under_test, round, stream))
        under_test.verified(round, lengths[-1], (round * 7) % (lengths[-1] + 1), seconds=0.1)
    assert lengths == expected


def test_the_tokens_of_a_flushed_batch_leave_nothing_behind(policy_of):
    flushed, fresh = policy_of(), policy_of()
    fresh.start(0)
    flushed.start(0)
    flushed.should_stop(signals(0.01))  # flushed in the middle of the batch: no verdict
    assert draft(flushed, 1, iter(random_signals(5))) == draft(fresh, 1, iter(random_signals(5)))


def test_several_rounds_can_be_in_flight(policy_of):
    policy = policy_of()
    stream, in_flight = iter(random_signals(6)), []
    for round in range(60):
        in_flight.append((round, draft(policy, round, stream)))
        if len(in_flight) == 4:
            number, length = in_flight.pop(0)
            accepted = length if number % 3 else 0
            policy.verified(number, length, accepted, seconds=0.1)
            if accepted < length:
                in_flight.clear()  # flushed: no call for these
    assert draft(policy, 60, stream) <= policy.maximum_length


@pytest.mark.parametrize("entropy", [0.0, 20.0])
def test_extreme_entropies_end_in_a_batch(policy_of, entropy):
    policy = policy_of()
    for round in range(300):
        stream = iter([signals(entropy)] * policy.maximum_length)
        length = draft(policy, round, stream)
        policy.verified(round, length, 0 if entropy else length, seconds=0.0)


@pytest.mark.parametrize(("drafted", "accepted"), [(0, 0), (3, 4), (3, -1)])
def test_impossible_verdicts_are_refused(policy_of, drafted, accepted):
    with pytest.raises(ValueError, match="impossible"):
        policy_of().verified(0, drafted, accepted, seconds=0.1)
