"""The draft length by measured goodput, against closed forms and against every fixed length."""

from itertools import pairwise
from random import Random

import pytest

from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.algorithms.goodput import Goodput
from ahasd.traces.rollout.synthetic import parse_synthetic
from ahasd.traces.rollout.walk import TraceWalk

#: Steps of the draft, and passes of the target by width, in picoseconds: dear, cheap, and with a dip at 5 tokens.
PAIRS = {
    "drafts are dear": (6_000, lambda width: 10_000 + 200 * width),
    "drafts are cheap": (100, lambda width: 10_000 + 50 * width),
    "wide passes are dear": (300, lambda width: 10_000 * width),
    "one width is cheap": (300, lambda width: 11_000 if width == 5 else 9_000 + 4_000 * (width - 1)),
}


def rate(setting_of, pair, acceptance, policy, tokens=2_000):
    draft, verify = PAIRS[pair]
    trace = parse_synthetic(f"synthetic:acceptance={acceptance},auc=0.5,positions=1000")
    machine = setting_of(lambda width, _: draft, lambda width, _: verify(width), schedule="serial")
    return tokens / machine.run(TraceWalk(trace, 0), policy, tokens).end


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("acceptance", [0.0, 0.4, 0.9])
def test_it_is_near_the_best_fixed_length_and_never_far_below_the_target_alone(setting_of, pair, acceptance):
    alone = 1 / PAIRS[pair][1](1)
    best = max(rate(setting_of, pair, acceptance, FixedLength(length)) for length in range(1, 9))
    chosen = rate(setting_of, pair, acceptance, Goodput(8))
    assert chosen >= 0.98 * alone
    if pair != "one width is cheap":
        assert chosen >= 0.93 * best


def test_it_stops_drafting_where_nothing_is_accepted_and_looks_again_ever_more_rarely():
    policy, drafted = Goodput(4), []
    for number in range(2_000):
        drafts = policy.drafts()
        drafted.append(drafts)
        if drafts:
            policy.start(number)
            policy.verified(number, 1, 0, seconds=1.5)
        else:
            policy.passed_alone(1.0)
    assert not drafted[0]
    trials = [number for number in range(100, 2_000) if drafted[number] and not drafted[number - 1]]
    waits = [later - earlier for earlier, later in pairwise(trials)]
    assert waits == sorted(waits)
    assert sum(drafted[100:]) < 0.02 * 1_900


def test_it_drafts_again_when_the_text_turns_predictable():
    policy = Goodput(4)

    def rounds(count, accepted_share):
        drafting = 0
        for number in range(count):
            if policy.drafts():
                policy.start(number)
                length = max(1, policy.best_length())
                policy.verified(number, length, round(accepted_share * length), seconds=1.0 + 0.1 * length)
                drafting += 1
            else:
                policy.passed_alone(1.0)
        return drafting

    assert rounds(300, 0.0) < 60
    assert rounds(600, 1.0) > 300


def test_what_the_draft_takes_in_after_a_rest_does_not_count_as_the_time_of_a_length():
    policy = Goodput(1)
    policy.passed_alone(1.0)
    policy.start(0)
    policy.verified(0, 1, 0, seconds=1.2)
    for _ in range(5):
        policy.passed_alone(1.0)
    policy.start(1)
    policy.verified(1, 1, 0, seconds=9.0)
    assert policy.seconds[1] == pytest.approx(1.2)


def test_a_clock_that_stands_still_teaches_nothing():
    policy = Goodput(2)
    policy.passed_alone(0.0)
    assert policy.seconds == {}
    assert policy.drafts() is False


#: What rounds of so many drafted tokens take on a CPU, over the target alone: a second token costs almost half.
ROUNDS = {0: 1.0, 1: 1.44, 2: 1.8, 3: 1.85, 4: 2.2, 8: 2.7}


def short_text_speed(acceptance, expected, tokens=64, texts=200):
    """Tokens a second over those of the target alone, over texts of so many tokens, each with a fresh policy."""
    random, written, taken = Random(1), 0, 0.0
    for _ in range(texts):
        policy = Goodput(8)
        if expected:
            policy.expect(ROUNDS)
        done = number = 0
        while done < tokens:
            length = 0
            if policy.drafts():
                policy.start(number)
                length = max(1, policy.best_length())
            below = max(known for known in ROUNDS if known <= length)
            above = min(known for known in ROUNDS if known >= length)
            share = (length - below) / (above - below) if above > below else 0.0
            seconds = 3.0 * (ROUNDS[below] + share * (ROUNDS[above] - ROUNDS[below]))
            accepted = 0
            while accepted < length and random.random() < acceptance:
                accepted += 1
            if length:
                policy.verified(number, length, accepted, seconds)
            else:
                policy.passed_alone(seconds)
            done += accepted + 1
            taken += seconds
            number += 1
        written += done
    return 3.0 * written / taken


def test_told_what_rounds_take_it_loses_little_on_short_texts_that_do_not_pay():
    told = [short_text_speed(acceptance, expected=True) for acceptance in (0.1, 0.3)]
    assert min(told) > 0.98
    assert max(short_text_speed(acceptance, expected=False) for acceptance in (0.1, 0.3)) < 0.975


def test_told_so_it_takes_what_there_is_to_gain():
    assert short_text_speed(0.6, expected=True) > 1.05
    assert short_text_speed(0.8, expected=True) > 1.35


def test_what_it_expects_is_a_shape_that_measured_rounds_set_the_level_of():
    policy = Goodput(4)
    policy.expect({0: 1.0, 4: 2.0})
    policy.passed_alone(10.0)
    policy.start(0)
    assert policy.best_length() == max(
        range(5), key=lambda k: sum(0.6**i for i in range(k + 1)) / (1 + k / 4)
    )
    policy.verified(0, 2, 2, seconds=30.0)  # dearer than expected, so that the target alone is best
    assert policy.best_length() == 0


def test_beyond_what_it_was_told_of_a_length_is_not_free():
    policy = Goodput(64)
    policy.expect({0: 1.0, 16: 1.5})
    policy.rate_sum = 0.95 * policy.rate_weight
    assert 16 <= policy.best_length() < 64
    policy.expect({0: 1.0})  # the draft's context held no more
    assert policy.best_length() < 64
