"""Each algorithm against a direct transcription of its published rule, over serial decoding of a shipped trace.

The transcriptions share nothing with the package but the trace's arrays: they walk the rows by themselves, keep
whole histories and compute everything anew each round.
"""

from math import exp, log, sqrt

import numpy as np
import pytest

from ahasd.speculation.drafting.specification import build_policy, parse_algorithm
from ahasd.traces.rollout.walk import TraceWalk
from ahasd.traces.shipped import load_shipped

ROUNDS = 400
# Below the recorded 16 steps, so that a batch never leaves its row.
MAXIMUM = 12


def seconds_of(length, accepted):
    """Any cost that depends on the round will do."""
    return 0.010 + 0.003 * length + 0.0001 * accepted


def decisions_of_policy(algorithm, trace):
    policy, walk = build_policy(parse_algorithm(algorithm)), TraceWalk(trace, seed=0, coins="recorded")
    chain, decisions = walk.start(), []
    for round in range(ROUNDS):
        policy.start(round)
        length = 1
        while not policy.should_stop(chain.signals(length - 1)):
            length += 1
        accepted = chain.leading_accepted(length)
        policy.verified(round, length, accepted, seconds_of(length, accepted))
        decisions.append((chain.row, length, accepted))
        chain = walk.after(chain, accepted)
    return decisions


def decisions_of_rule(rule, trace):
    """`rule(entropies, predictions, history)` gives a length; history holds (length, accepted, seconds)."""
    starts = trace.prompt_start.tolist()
    row, history, decisions = 0, [], []
    for _ in range(ROUNDS):
        entropies = [float(x) for x in trace.entropy[row]]
        predictions = [float(x) for x in trace.predicted_acceptance[row]]
        length = rule(entropies, predictions, history)
        accepted = 0
        while accepted < length and trace.accepted[row, accepted] == 1:
            accepted += 1
        decisions.append((row, length, accepted))
        history.append((length, accepted, seconds_of(length, accepted)))
        prompt_end = min(start for start in starts if start > row)
        row = row + accepted + 1 if row + accepted + 1 < prompt_end else prompt_end
        if row == starts[-1]:
            row = 0
    return decisions


def fixed(entropies, predictions, history):
    return 5


def svip(entropies, predictions, history):
    # Code of SVIP: break after appending the token, if sqrt(entropy · 0.15) > h or at the cap.
    count = 0
    while True:
        entropy = entropies[count]
        count += 1
        if count >= MAXIMUM:
            return count
        if (entropy * 0.15) ** 0.5 > 0.72:
            return count


def adaedl(entropies, predictions, history):
    # The threshold is computed anew from the whole history (Draft & Verify's update).
    threshold, rate = 0.8, 0.0
    for length, accepted, _ in history:
        rate = 0.5 * rate + (1 - 0.5) * accepted / length
        if rate < 0.9:
            new = threshold + 0.01
        elif length == MAXIMUM:
            new = threshold
        else:
            new = threshold - 0.01
        threshold = 0.9 * threshold + (1 - 0.9) * new
    for j in range(MAXIMUM):
        if 1 - (0.01 * entropies[j]) ** 0.5 < threshold:
            return j + 1
    return MAXIMUM


def specdecpp(h, lag):
    def rule(entropies, predictions, history):
        # The loop of hf_generation.py: at step s the head has read the state of token s − 1.
        steps, survives = 0, 1.0
        while True:
            steps += 1
            if lag:
                survives *= 1 if steps == 1 else predictions[steps - 2]
            else:
                survives *= predictions[steps - 1]
            stop = 1 - survives > h
            if steps >= MAXIMUM:
                return steps
            if steps < 2:
                continue
            if stop:
                return steps

    return rule


def ucb(entropies, predictions, history):
    arms, t = [1, 2, 3, 4], len(history) + 1
    for arm in arms:
        if all(length != arm for length, _, _ in history):
            return arm
    rates = [((accepted + 1) / seconds, length) for length, accepted, seconds in history]
    best = max(rate for rate, _ in rates)
    chosen, highest = 0, -1.0
    for arm in arms:
        rewards = [rate / best for rate, length in rates if length == arm]
        score = sum(rewards) / len(rewards) + sqrt(6.0 * log(t) / len(rewards))
        if score > highest + 1e-12:
            chosen, highest = arm, score
    return chosen


def exp3(seed):
    draws = np.random.PCG64(np.random.SeedSequence([5, seed]))
    used = []  # the probability of what was chosen, round by round

    def rule(entropies, predictions, history):
        arms, t = 4, len(history) + 1
        eta = sqrt(log(arms) / (t * arms))
        rates = [(accepted + 1) / seconds for _, accepted, seconds in history]
        loss = [0.0] * arms
        for (length, _, _), rate, probability in zip(history, rates, used, strict=True):
            loss[length - 1] += (1 - rate / max(rates)) / probability
        weights = [exp(-eta * x) for x in loss]
        number, total = (int(draws.random_raw()) >> 11) / 2**53, 0.0
        for arm in range(arms):
            total += weights[arm] / sum(weights)
            if number < total or arm == arms - 1:
                used.append(weights[arm] / sum(weights))
                return arm + 1
        raise AssertionError

    return rule


CASES = {
    "fixed:5": lambda: fixed,
    "svip:h=0.72,maximum=12": lambda: svip,
    "adaedl:gamma=0.01,maximum=12": lambda: adaedl,
    "specdecpp:maximum=12": lambda: specdecpp(0.7, lag=True),
    "specdecpp:h=0.9,maximum=12,lag=0": lambda: specdecpp(0.9, lag=False),
    "banditspec-ucb": lambda: ucb,
    "banditspec-exp3": lambda: exp3(0),
    "banditspec-exp3:seed=7": lambda: exp3(7),
}


@pytest.mark.parametrize("name", ["tiny-distilled-sampled", "tiny-plain-greedy"])
@pytest.mark.parametrize("algorithm", CASES)
def test_decisions_are_those_of_the_published_rule(algorithm, name):
    trace = load_shipped(name)
    decisions = decisions_of_policy(algorithm, trace)
    assert decisions == decisions_of_rule(CASES[algorithm](), trace)
    if algorithm != "fixed:5":
        assert len({length for _, length, _ in decisions}) >= 3, (
            "a rule that always says the same proves little"
        )
