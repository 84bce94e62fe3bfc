"""PEARL against a transcription of its published loop, against closed forms, and by hand."""

from typing import Any

import numpy as np
import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.pearl import speed_ratio
from ahasd.speculation.run import SpeculationRun
from ahasd.speculation.schedule import Outcome
from ahasd.traces.rollout.walk import TraceWalk

from ..policies import Listening
from ..settings import PROMPT


def run(machine: Any, trace: Any, policy: Any, tokens: int, seed: int = 0) -> Outcome:
    rule = FixedLength(policy) if isinstance(policy, int) else policy
    outcome = machine.run(TraceWalk(trace, seed, "recorded"), rule, tokens)
    outcome.ledger.check()
    return outcome


def machine_without_latency(setting_of: Any, draft: int, target: Any, **options: Any) -> Any:
    return setting_of(draft, target, schedule="pearl", transfer=0, **options)


def transcribed(walk: TraceWalk, gamma: int, tokens: int) -> list[tuple[str, int, int]]:
    """Transcribe ``parallel_speculative_decoding`` of the authors' code, with a trace's coins for its random numbers.

    ``prefix_len`` counts prompt, text and unverified tokens, as there; a chain offset stands for a token. The result
    is a list of passes of the target: mode, tokens fed, and tokens accepted (minus one more than that if rejected).
    """
    chain, start = walk.start(), PROMPT  # the text before offset 0 of the chain
    prefix_len, target_cache = PROMPT, PROMPT - 1
    pre_verify, passes, emitted = True, [], 0
    while emitted < tokens:
        fed = prefix_len - target_cache  # model.generate feeds what its cache lacks
        if pre_verify:
            if chain.accepted(prefix_len - start):
                pre_verify = False
                passes.append(("pre", fed, 1))
                emitted += 1
                target_cache = prefix_len
                prefix_len += gamma
            else:
                passes.append(("pre", fed, -1))
                emitted += 1
                chain = walk.after(chain, prefix_len - start)
                target_cache = prefix_len
                prefix_len += 1
                start = prefix_len
        else:
            n = gamma
            for i in range(gamma):
                if not chain.accepted(prefix_len - gamma + 1 + i - start):
                    n = i
                    break
            if n == gamma:
                passes.append(("post", fed, gamma))
                emitted += gamma
                target_cache = prefix_len
                prefix_len += gamma
            else:
                pre_verify = True
                passes.append(("post", fed, -n - 1))
                emitted += n + 1
                text = prefix_len - gamma + n + 1
                chain = walk.after(chain, text - start)
                target_cache = text
                prefix_len = start = text + 1
    return passes


@pytest.mark.parametrize("number", range(40))
def test_passes_are_those_of_the_published_loop(setting_of, trace_of, number):
    draws = np.random.default_rng(number)
    coins = draws.random((draws.integers(1, 30), draws.integers(1, 9))) < draws.choice([0.3, 0.7, 0.9, 0.97])
    gamma, tokens = int(draws.integers(1, 8)), int(draws.integers(1, 80))
    trace = trace_of(coins)
    draft, target = 10, 70
    outcome = run(machine_without_latency(setting_of, draft, target), trace, gamma, tokens)
    expected = transcribed(TraceWalk(trace, 0, "recorded"), gamma, tokens)
    passes = [task for task in outcome.timeline.tasks if task.kind == "verify"]
    assert [task.width for task in passes] == [fed for _, fed, _ in expected]
    emitted = np.cumsum([0, *(abs(accepted) for _, _, accepted in expected)])
    assert [task.context for task in passes] == [PROMPT + int(before) - 1 for before in emitted[:-1]]
    ledger = outcome.ledger
    assert ledger.emitted == emitted[-1]
    assert ledger.accepted == sum(a if a > 0 else -a - 1 for _, _, a in expected)
    assert ledger.rejected == sum(a < 0 for _, _, a in expected)
    assert ledger.drafted == gamma * len(expected)
    assert outcome.end == len(expected) * max(gamma * draft, target)


@pytest.mark.parametrize(("gamma", "draft", "target"), [(1, 10, 30), (5, 10, 50), (5, 10, 30), (3, 10, 90)])
def test_a_certain_draft_yields_a_block_a_round(setting_of, trace_of, gamma, draft, target):
    machine = machine_without_latency(setting_of, draft, target)
    ledger = run(machine, trace_of([[1] * 4] * 50), gamma, 1 + 20 * gamma).ledger
    assert ledger.last_emission == 21 * max(gamma * draft, target)
    assert (ledger.emitted, ledger.verifications) == (1 + 20 * gamma, 21)
    assert ledger.accepted_histogram == ({1: 21} if gamma == 1 else {1: 1, gamma: 20})


def test_a_worthless_draft_yields_the_targets_token_a_round(setting_of, trace_of):
    outcome = run(machine_without_latency(setting_of, 10, 30), trace_of([[0, 1]] * 9), 4, 7)
    assert outcome.end == 7 * 40
    ledger = outcome.ledger
    assert (ledger.emitted, ledger.rejected, ledger.flushed, ledger.accepted) == (7, 7, 21, 0)


def test_rounds_by_hand(setting_of, trace_of):
    """Coins 1 1 0 …: the first block of two and the next's first token are judged, and that one is rejected."""
    machine = setting_of(10, 25, schedule="pearl", transfer=3, polling=4)
    outcome = run(machine, trace_of([[1, 1, 0, 1], [0] * 4, [0] * 4, [0] * 4]), 2, 4)
    assert [(t.kind, t.start, t.end, t.width, t.context, str(t.fate)) for t in outcome.timeline.tasks] == [
        ("verify", 0, 25, 1, 7, "used"),
        ("draft", 0, 10, 1, 7, "accepted"),
        ("draft", 10, 20, 1, 8, "accepted"),
        # 25 + 3 is a look at the queue already
        ("verify", 28, 53, 2, 8, "used"),
        ("draft", 28, 38, 1, 9, "rejected"),
        ("draft", 38, 48, 1, 10, "flushed"),
        # 53 + 3 likewise; one own token made three
        ("verify", 56, 81, 1, 10, "used"),
        ("draft", 56, 66, 1, 10, "rejected"),
        ("draft", 66, 76, 1, 11, "flushed"),
    ]
    assert (outcome.end, outcome.ledger.first_emission) == (84, 28)


def test_both_sides_slow_each_other_down_as_the_machine_says(setting_of, trace_of):
    class Half:
        def rates(self, stream: Any, step: Any) -> tuple[float, float]:
            return 0.5, 0.8

    machine = machine_without_latency(setting_of, 8, 30, channel=Half())
    outcome = run(machine, trace_of([[0]]), 2, 1)
    # Two drafts at 0.8 take 20; the pass has done 10 by then and goes on alone for 20.
    verify, first, second = outcome.timeline.tasks
    assert (first.end, second.end, verify.end, outcome.end) == (10, 20, 40, 40)
    assert verify.blocked == 10


def test_a_policy_learns_the_fate_of_every_block_that_was_judged(setting_of, trace_of):
    # Block 0: both accepted; block 1: its second token rejected, block 2 goes with it; block 3: rejected at once.
    trace = trace_of([[1, 1, 1, 0], *[[0] * 4] * 9])
    policy = Listening(FixedLength(2))
    run(machine_without_latency(setting_of, 10, 20), trace, policy, 5)
    assert policy.of("start", "verified") == [
        ("start", 0),
        ("start", 1),
        ("verified", 0, 2, 2, 40e-12),
        ("start", 2),
        ("verified", 1, 2, 1, 40e-12),
        ("start", 3),
        ("verified", 3, 2, 0, 20e-12),
    ]


@pytest.mark.parametrize(("draft", "target", "gamma"), [(10, 50, 5), (10, 54, 5), (10, 56, 6), (10, 4, 1)])
def test_a_block_takes_as_long_as_a_pass_of_the_target(setting_of, trace_of, draft, target, gamma):
    machine = machine_without_latency(setting_of, draft, target, block_length="speed_ratio")
    assert speed_ratio(machine.machine) == gamma
    ledger = run(machine, trace_of([[1] * 8] * 20), 3, 1 + 4 * gamma).ledger
    assert (ledger.verifications, ledger.drafted) == (5, 5 * gamma)


def test_no_more_is_unverified_than_the_caches_have_room_for():
    configuration = RunConfiguration.checked(
        system="pearl",
        pair="tiny-draft:tiny-target",
        trace="synthetic:acceptance=1,auc=0.5,positions=800",
        tokens=200,
        algorithm="fixed:40",
        set=("system.block_length=policy",),
    )
    run = SpeculationRun(resolve(configuration))
    passes = [task.width for task in run.outcome.timeline.tasks if task.kind == "verify"]
    assert passes[:3] == [1, 40, 25]  # 64 in flight: 39 and a block cut off at 25


@pytest.mark.parametrize(("target", "ratio"), [(20, 1), (29, 1), (31, 2), (64, 3), (2, 1)])
def test_the_speed_ratio_is_that_of_the_first_steps_behind_the_prompt(setting_of, target, ratio):
    """Of its eight tokens the caches hold all but the last."""
    first = {(1, PROMPT - 1)}
    machine = setting_of(
        lambda width, context: 20 if (width, context) in first else 1,
        lambda width, context: target if (width, context) in first else 10**6,
        schedule="pearl",
    ).machine
    assert speed_ratio(machine) == ratio
