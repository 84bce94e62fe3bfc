"""Serial and plain decoding against closed forms, with step costs that do not change."""

from typing import Any

import numpy as np
import pytest

from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.schedule import Outcome
from ahasd.traces.rollout.synthetic import parse_synthetic
from ahasd.traces.rollout.walk import TraceWalk

from ..policies import Listening

DRAFT, WIDE_DRAFT, VERIFY = 1000, 1300, 7000


def draft_duration(width: int, context: int) -> int:
    return {1: DRAFT, 2: WIDE_DRAFT}[width]


def run(machine: Any, trace: Any, length: int, tokens: int, seed: int = 0, **coins: Any) -> Outcome:
    return machine.run(TraceWalk(trace, seed, **coins), FixedLength(length), tokens)


@pytest.mark.parametrize(("acceptance", "length"), [(0.5, 4), (0.75, 1), (0.8, 4), (0.9, 8)])
def test_mean_tokens_per_verification_is_the_truncated_geometric_mean(setting_of, acceptance, length):
    trace = parse_synthetic(f"synthetic:acceptance={acceptance},auc=0.5,positions=20000")
    ledger = run(setting_of(1, 1, schedule="serial"), trace, length, 40_000).ledger
    alpha = float(np.float16(acceptance))  # as the trace holds it
    expected = (1 - alpha ** (length + 1)) / (1 - alpha)
    assert ledger.emitted / ledger.verifications == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("acceptance", "length"), [(0, 3), (0.7, 1), (0.8, 4), (1, 5)])
def test_time_is_rounds_times_drafts_and_a_verification(setting_of, acceptance, length):
    trace = parse_synthetic(f"synthetic:acceptance={acceptance},auc=0.5,positions=500")
    outcome = run(setting_of(draft_duration, VERIFY, schedule="serial"), trace, length, 500)
    ledger = outcome.ledger
    caught_up = sum(task.width == 2 for task in outcome.timeline.tasks if task.kind == "draft")
    rounds = ledger.verifications
    assert outcome.end == rounds * (length * DRAFT + VERIFY) + caught_up * (WIDE_DRAFT - DRAFT)
    # Every round after a full acceptance opens with the wide step; nothing follows the last round.
    full = ledger.accepted_histogram[length]
    assert caught_up in {full, full - 1}
    assert ledger.drafted == rounds * length


@pytest.mark.parametrize("acceptance", [0, 0.8, 1])
def test_separate_catch_up_is_one_step_more_after_each_full_acceptance(setting_of, acceptance):
    trace = parse_synthetic(f"synthetic:acceptance={acceptance},auc=0.5,positions=500")
    outcome = run(setting_of(DRAFT, VERIFY, schedule="serial", catch_up="separate"), trace, 3, 500)
    catch_ups = [task for task in outcome.timeline.tasks if task.kind == "catch_up"]
    full = outcome.ledger.accepted_histogram[3]
    assert len(catch_ups) in {full, full - 1}
    rounds = outcome.ledger.verifications
    assert outcome.end == rounds * (3 * DRAFT + VERIFY) + len(catch_ups) * DRAFT
    assert all(
        task.width == 1 for task in outcome.timeline.tasks if task.track == "npu" and task.kind != "verify"
    )


def test_plain_decoding_takes_a_step_a_token(setting_of, trace_of):
    machine = setting_of(None, VERIFY, schedule="autoregressive")
    outcome = machine.run(TraceWalk(trace_of([[1]]), 0), None, 77)
    assert outcome.end == 77 * VERIFY
    assert [task.context for task in outcome.timeline.tasks] == list(range(7, 84))
    assert (outcome.ledger.emitted, outcome.ledger.verifications) == (77, 77)


def test_rounds_by_hand(setting_of, trace_of):
    """Rows 0 … 5; drafts of two: full acceptance, a rejection at once, a rejection at the second token."""
    trace = trace_of([[1, 1], [0, 0], [0, 0], [0, 1], [1, 0], [0, 0]])
    outcome = run(setting_of(draft_duration, VERIFY, schedule="serial"), trace, 2, 6, coins="recorded")
    assert [
        (task.kind, task.start, task.end, task.width, task.context) for task in outcome.timeline.tasks
    ] == [
        ("draft", 0, 1000, 1, 7),
        ("draft", 1000, 2000, 1, 8),
        ("verify", 2000, 9000, 3, 7),  # row 0: both accepted, and a bonus token
        ("draft", 9000, 10300, 2, 9),
        ("draft", 10300, 11300, 1, 11),
        ("verify", 11300, 18300, 3, 10),  # row 3: rejected at once
        ("draft", 18300, 19300, 1, 11),
        ("draft", 19300, 20300, 1, 12),
        ("verify", 20300, 27300, 3, 11),  # row 4: one accepted
    ]
    drafts = [str(task.fate) for task in outcome.timeline.tasks if task.kind == "draft"]
    assert drafts == ["accepted", "accepted", "rejected", "flushed", "accepted", "rejected"]
    ledger = outcome.ledger
    assert (ledger.emitted, ledger.cut, ledger.first_emission, ledger.last_emission) == (6, 0, 9000, 27300)
    assert (ledger.drafted, ledger.accepted, ledger.rejected, ledger.flushed) == (6, 3, 2, 1)
    assert ledger.accepted_histogram == {2: 1, 0: 1, 1: 1}


def test_a_surplus_of_the_last_round_is_cut_and_counted(setting_of, trace_of):
    ledger = run(setting_of(1, 1, schedule="serial"), trace_of([[1] * 4] * 20), 4, 7, coins="recorded").ledger
    assert (ledger.emitted, ledger.wanted, ledger.cut) == (10, 7, 3)


def test_a_policy_sees_each_round_of_a_serial_run(setting_of, trace_of):
    policy = Listening(FixedLength(2))
    walk = TraceWalk(trace_of([[1, 1], [0, 0], [0, 0], [0, 1]]), 0, "recorded")
    setting_of(DRAFT, VERIFY, schedule="serial").run(walk, policy, 4)
    took = pytest.approx(9e-9)
    assert policy.of("start", "verified") == [
        ("start", 0),
        ("verified", 0, 2, 2, took),
        ("start", 1),
        ("verified", 1, 2, 0, took),
    ]
