"""Pre-verification by hand: drafts of 10 ps, verifications of 100, verdicts travel 1 ps, EDC always asks TVC."""

from typing import Any

import pytest


@pytest.fixture
def run(machine_of, trace_of, watch) -> Any:
    """Run over one row of coins; all other rows reject."""

    def run(coins: list[int], tokens: int, preverify: Any = 5, **options: Any) -> Any:
        machine = machine_of(
            options.pop("draft", 10),
            options.pop("verify", 100),
            preverify if callable(preverify) else lambda width, context: preverify * width,
            edc=True,
            tvc=True,
            edc_options={"initial_counter": 0},
            **options,
        )
        return watch(machine, trace_of([coins] + [[0] * len(coins)] * 20), tokens)

    return run


def test_verdicts_wait_for_the_batch_before_them_and_the_stream_is_held_up(run):
    seen = run([1] * 12 + [0] * 4, tokens=4)
    # At 21 nothing lies beyond the batch being verified. At 42 tokens 2 and 3 do, and there is time: the
    # PIM computes the pass's three tokens and one more, 20 ps, for which the stream stops.
    assert seen.steps("pim")[:6] == [
        ("draft", 0, 10, 1, 7),
        ("draft", 10, 20, 1, 8),
        ("draft", 21, 31, 1, 9),
        ("draft", 31, 41, 1, 10),
        ("preverify", 42, 62, 4, 7),
        ("draft", 62, 72, 1, 11),
    ]
    assert seen.steps("npu") == [("verify", 21, 141, 3, 7)]
    assert seen.emissions == [(141, 4)]
    tvc = seen.outcome.tvc
    assert (tvc.inserted, tvc.tokens, tvc.useful) == (1, 2, 2)
    assert seen.outcome.timeline.busy_and_blocked("npu", 141) == (100, 20)
    assert seen.outcome.rank_switches == 2
    assert seen.outcome.ledger.accepted_histogram == {2: 2}  # a pass of the NPU and one of the PIM


def test_ideal_rank_sharing_lets_the_stream_run_on(run):
    seen = run([1] * 12 + [0] * 4, tokens=4, ideal_rank_sharing=True)
    assert seen.steps("npu") == [("verify", 21, 121, 3, 7)]
    assert seen.emissions == [(121, 4)]
    assert seen.outcome.tvc.useful == 2


def test_the_next_pass_starts_after_what_was_committed(run):
    seen = run([1] * 12 + [0] * 4, tokens=5)
    assert seen.steps("npu")[1] == ("verify", 141, *seen.steps("npu")[1][2:3], 3, 11)


def test_a_rejection_by_the_npu_makes_the_work_useless(run):
    seen = run([1, 0, 1, 1, 1, 1], tokens=2)
    assert seen.emissions == [(141, 2)]
    tvc = seen.outcome.tvc
    assert (tvc.inserted, tvc.tokens, tvc.useful) == (1, 2, 0)
    assert [
        fate
        for task, fate in zip(seen.steps("pim"), seen.fates("pim"), strict=True)
        if task[0] == "preverify"
    ] == ["dropped"]


def test_a_rejection_by_the_pim_stops_the_drafter_and_commits_the_targets_own_token(run):
    seen = run([1, 1, 0, 1, 1, 1], tokens=4)
    assert seen.emissions[0] == (141, 3)
    assert seen.outcome.tvc.useful == 1
    steps = seen.steps("pim")
    assert [task[0] for task in steps[:6]] == ["draft"] * 4 + ["preverify", "draft"]
    assert steps[5] == ("draft", 142, 152, 1, 10)
    assert seen.fates("pim")[:5] == ["accepted", "accepted", "rejected", "flushed", "used"]
    assert seen.text.turns[0].following.row == 3


def test_one_pass_at_most_is_ahead_of_the_npu(run):
    seen = run([1] * 16, tokens=4)
    kinds = [task[0] for task in seen.steps("pim") if task[1] < 141]
    assert kinds.count("preverify") == 1


def test_what_ends_after_the_pass_before_it_commits_at_once(run):
    """The PIM needs 90 ps for four tokens, of which its profile of one token (5 ps) gave no hint."""
    seen = run([1] * 12 + [0] * 4, 5, lambda width, context: 5 if width == 1 else 90, ideal_rank_sharing=True)
    assert ("preverify", 42, 132, 4, 7) in seen.steps("pim")
    assert seen.steps("npu")[:2] == [("verify", 21, 121, 3, 7), ("verify", 121, 221, 2, 10)]
    assert seen.emissions == [(121, 3), (132, 1), (221, 1)]
    assert seen.outcome.tvc.useful == 1


def test_what_the_npu_verified_sooner_is_dropped(run):
    """The PIM needs 190 ps; the second pass has its token at 221, and tests the next one."""
    seen = run(
        [1] * 12 + [0] * 4, 6, lambda width, context: 5 if width == 1 else 190, ideal_rank_sharing=True
    )
    assert ("preverify", 42, 232, 4, 7) in seen.steps("pim")
    assert seen.emissions[:2] == [(121, 3), (221, 2)]
    assert seen.outcome.tvc.useful == 0


def test_a_rejection_found_after_the_next_pass_began_stops_that_pass(run):
    """At 132 the PIM knows that token 3 is rejected, which the pass from 121 on would find at 221."""
    seen = run([1, 1, 1, 0, 1, 1], 5, lambda width, context: 5 if width == 1 else 90, ideal_rank_sharing=True)
    assert seen.steps("npu")[:2] == [("verify", 21, 121, 3, 7), ("verify", 121, 132, 2, 10)]
    assert seen.emissions[:2] == [(121, 3), (132, 1)]
    assert seen.fates("npu")[:2] == ["used", "dropped"]


def test_no_time_no_preverification(run):
    """From 42 on 79 ps are left, 10 of them a draft step; a token of pre-verification takes 70."""
    seen = run([1] * 12 + [0] * 4, tokens=3, preverify=70)
    assert not any(task[0] == "preverify" for task in seen.steps("pim"))
    assert seen.outcome.tvc.inserted == 0
    assert seen.outcome.tvc.consulted >= 2


def test_the_ranks_switch_before_and_after(run):
    """A cycle is 10 ps, and the switch back is paid too."""
    seen = run([1] * 12 + [0] * 4, tokens=4, gate=1)
    assert seen.steps("pim")[4:6] == [("preverify", 52, 72, 4, 7), ("draft", 82, 92, 1, 11)]
    assert seen.steps("npu") == [("verify", 21, 141, 3, 7)]


def test_a_pass_that_ends_while_the_ranks_switch_is_not_held_up(run):
    """They take 100 ps to switch, and the pass ends after 79."""
    seen = run([1] * 12 + [0] * 4, tokens=3, gate=10)
    assert seen.emissions == [(121, 3)]


def test_preverification_vectors_cross_the_bus_even_where_ranks_are_shared(run):
    seen = run([1] * 12 + [0] * 4, tokens=4, ideal_rank_sharing=True, preverify_bus=7)
    assert seen.steps("npu") == [("verify", 21, 128, 3, 7)]


def test_a_full_feedback_queue_holds_a_provisional_verdict_back(run):
    """The pass ends at 121 and fills the queue; the PIM, done at 132, finds its verdicts committable."""
    seen = run(
        [1] * 12 + [0] * 4,
        5,
        lambda width, context: 5 if width == 1 else 90,
        ideal_rank_sharing=True,
        queues={"feedback": 1},
    )
    assert seen.emissions[:2] == [(121, 3), (132, 1)]
    assert seen.outcome.tvc.useful == 1


def test_a_pass_that_starts_beside_a_preverification_shares_the_bus_with_what_is_left_of_it(run):
    """Vectors of 18 ps over 180 ps: both passes go at nine tenths of their speed beside it, 79 / 0.9 = 88 ps."""
    seen = run(
        [1] * 12 + [0] * 4,
        4,
        lambda width, context: 5 if width == 1 else 180,
        ideal_rank_sharing=True,
        preverify_bus=18,
    )
    assert ("preverify", 42, 222, 4, 7) in seen.steps("pim")
    assert seen.steps("npu") == [("verify", 21, 130, 3, 7), ("verify", 130, 222, 2, 10)]
