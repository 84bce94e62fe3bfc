"""Pre-verification by hand: drafts of 10 ps, verifications of 100, verdicts travel 1 ps, EDC always asks TVC."""

from typing import Any

import pytest

from ahasd.hardware.components import DYNAMIC_COMPONENTS


@pytest.fixture
def run(setting_of, trace_of, watch) -> Any:
    """Run over one row of coins; all other rows reject."""

    def run(coins: list[int], tokens: int, preverify: Any = 5, **options: Any) -> Any:
        machine = setting_of(
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


# The PIM follows the NPU.


def two_in_25(width: int, context: int) -> int:
    return 5 if width == 1 else 25


FOLLOW = {"preverification": "follow", "layers": 5, "verify": 105}
"""From 42 on, when a fifth of the pass is done, the PIM takes 25 ps to feed the last token in flight and one more."""


def preverification_fate(seen: Any) -> str:
    return next(str(task.fate) for task in seen.outcome.timeline.tasks if task.kind == "preverify")


def test_what_follows_feeds_the_looked_ahead_tokens_only(run):
    """The stream stands still until the PIM has caught up, for 0.2 · 0.8 · 25 = 4 ps (or one less, as the time to
    look again is rounded down). What is left of the pass and all but the last layer of the follower, 84 + 16 ps, end
    at 146; the last layer takes 5. The pass tests token 2 itself, so the follower brings one token.
    """
    seen = run([1] * 12 + [0] * 4, 4, two_in_25, **FOLLOW)
    _, start, passed, width, context = seen.steps("npu")[0]
    assert (start, width, context) == (21, 3, 7)
    assert passed == pytest.approx(146, abs=1)
    _, start, ended, width, context = next(step for step in seen.steps("pim") if step[0] == "preverify")
    assert (start, width, context) == (42, 2, 9)
    assert ended == pytest.approx(passed + 5, abs=1)
    assert seen.emissions == [(passed, 3), (ended, 1)]
    tvc = seen.outcome.tvc
    assert (tvc.inserted, tvc.tokens, tvc.useful) == (1, 2, 1)
    assert preverification_fate(seen) == "used"


def test_the_next_pass_waits_for_the_follower_on_real_ranks(run):
    """A batch of two more tokens, which the PIM has told of, waits no longer; the next is two draft steps later."""
    seen = run([1] * 16, 5, two_in_25, **FOLLOW)
    ended = next(end for kind, _, end, *_ in seen.steps("pim") if kind == "preverify")
    assert seen.steps("npu")[1][:2] == ("verify", ended + 21)
    assert seen.steps("npu")[1][4] == 11


def test_on_ideal_ranks_the_follower_ends_a_layer_after_the_pass(run):
    """Beside it the next pass begins at once, at 126 for token 3, of which the PIM tells at 131."""
    seen = run([1] * 12 + [0] * 4, 5, two_in_25, ideal_rank_sharing=True, **FOLLOW)
    (ended,) = [end for kind, _, end, *_ in seen.steps("pim") if kind == "preverify"][:1]
    assert ended == pytest.approx(126 + 5, abs=1)
    assert seen.emissions[:2] == [(126, 3), (ended, 1)]
    assert seen.steps("npu")[1][:2] == ("verify", 126)


def test_a_rejection_by_the_pass_makes_the_follower_useless(run):
    """It goes on to its end; nothing of it commits."""
    seen = run([1, 0, 1, 1, 1, 1], 3, two_in_25, **FOLLOW)
    passed = seen.steps("npu")[0][2]
    assert seen.emissions[0] == (passed, 2)
    ended = next(end for kind, _, end, *_ in seen.steps("pim") if kind == "preverify")
    assert ended == pytest.approx(passed + 5, abs=1)
    assert preverification_fate(seen) == "dropped"
    assert seen.outcome.tvc.useful == 0


def test_a_follower_whose_pass_ended_while_the_ranks_switched_needs_no_one(run):
    """Ten cycles of 10 ps from 42 on: the pass has ended at 121, the follower takes its 10 ps from 142 on."""
    seen = run([1] * 12 + [0] * 4, 4, preverification="follow", gate=10, layers=5)
    assert ("preverify", 142, 152, 2, 9) in seen.steps("pim")
    assert seen.emissions == [(121, 3), (152, 1)]


# The PIM races the NPU.


def test_a_race_commits_before_the_pass_it_runs_against(run):
    """The PIM tells of both tokens in flight at 31; the pass, held up for 10, tests the one after them at 131."""
    seen = run([1] * 12 + [0] * 4, 3, preverification="race")
    assert ("preverify", 21, 31, 2, 7) in seen.steps("pim")
    assert seen.steps("npu")[0] == ("verify", 21, 131, 3, 7)
    assert seen.emissions == [(31, 2), (131, 1)]
    assert seen.fates("npu") == ["used"]
    assert seen.outcome.ledger.accepted_histogram == {2: 1, 1: 1}
    tvc = seen.outcome.tvc
    assert (tvc.inserted, tvc.tokens, tvc.useful) == (1, 2, 2)


@pytest.mark.parametrize(("ideal", "share"), [(False, 0.0), (True, 0.1)])
def test_a_rejection_in_a_race_stops_the_pass_and_costs_what_it_did(run, ideal, share):
    """At 31 the PIM knows that token 1 is rejected; the pass of 100 ps has done 10 of them, or on real ranks none."""
    seen = run([1, 0, 1, 1, 1, 1], 3, preverification="race", ideal_rank_sharing=ideal)
    assert seen.emissions[0] == (31, 2)
    assert seen.steps("npu")[0] == ("verify", 21, 31, 3, 7)
    assert seen.fates("npu")[0] == "dropped"
    stopped = next(task for task in seen.outcome.timeline.tasks if task.kind == "verify")
    assert stopped.done == pytest.approx(share)
    # A token costs 1, 2, 3, ... joules by component in these tests: the pass its share of 3 tokens, the PIM 2.
    until = seen.outcome.timeline.energy(31)
    token, drafted = sum(range(1, len(DYNAMIC_COMPONENTS) + 1)), 2
    assert sum(until.values()) == pytest.approx((share * 3 + 2 + drafted) * token)
    assert seen.text.turns[0].following.row == 2
    assert seen.steps("pim")[3][:3] == ("draft", 32, 42)  # the verdict travels 1 ps


def test_a_race_tells_of_as_many_tokens_as_there_is_time_for(run):
    """Of 100 ps a draft step takes 10; a token of pre-verification 60, so there is time for one of two tokens."""
    seen = run([1] * 12 + [0] * 4, 3, preverify=60, preverification="race", ideal_rank_sharing=True)
    assert ("preverify", 21, 81, 1, 7) in seen.steps("pim")
    assert seen.emissions[:2] == [(81, 1), (121, 2)]


def test_a_race_that_the_npu_wins_brings_nothing(run):
    seen = run(
        [1] * 12 + [0] * 4,
        3,
        lambda width, context: 5 if width == 1 else 150,
        preverification="race",
        ideal_rank_sharing=True,
    )
    assert ("preverify", 21, 171, 2, 7) in seen.steps("pim") or seen.outcome.end < 171
    assert seen.emissions[0][0] == 121
    assert seen.outcome.tvc.useful == 0


def test_a_race_that_found_no_room_for_its_verdict_commits_when_the_drafter_has_read_one(run):
    """Two verdicts fit, one of them kept for the pass under way; that of 135 is on its way until 145.

    So what the PIM knows at 140 commits when the drafter has looked, at the end of its step at 150, and not only with
    the pass at 165.
    """
    seen = run(
        [1] * 16,
        9,
        verify=30,
        transfer=10,
        preverification="race",
        ideal_rank_sharing=True,
        queues={"feedback": 2},
    )
    assert ("preverify", 135, 140, 1, 14) in seen.steps("pim")
    assert ("draft", 140, 150) in [step[:3] for step in seen.steps("pim")]
    assert ("verify", 135, 165, 2, 14) in seen.steps("npu")
    assert seen.emissions[-3:] == [(135, 2), (150, 1), (165, 1)]


# Entries for nothing.


def test_ideal_entries_save_the_tokens_in_flight(run):
    """As `recompute`, but the PIM feeds 2 tokens instead of 4 and need not wait: 42 to 52."""
    seen = run([1] * 12 + [0] * 4, 4, ideal_kv_entries=True)
    assert ("preverify", 42, 52, 2, 9) in seen.steps("pim")
    assert seen.steps("npu") == [("verify", 21, 131, 3, 7)]
    assert seen.emissions == [(131, 4)]


# Messages.


@pytest.mark.parametrize("polling", [7, 10, 16])
def test_a_verdict_is_seen_at_the_next_look(setting_of, trace_of, watch, polling):
    """A batch of 20 travels 1 ps, a verdict too; both sides look at multiples of an interval."""
    machine = setting_of(10, 25, edc=True, edc_options={"initial_counter": 0}, polling=polling)
    seen = watch(machine, trace_of([[0] * 4] * 30), tokens=3)
    batch = 20
    for (_, start, end, *_), turn in zip(seen.steps("npu"), seen.text.turns, strict=True):
        assert start == -(-(batch + 1) // polling) * polling
        assert turn.time == end == start + 25
        restart = -(-(end + 1) // polling) * polling
        drafts = [step for step in seen.steps("pim") if step[1] >= end]
        if drafts:
            assert drafts[0][1] == restart
        batch = restart + 20
    assert len(seen.steps("npu")) == 3


def test_polling_is_switched_off_with_the_other_latencies(setting_of, trace_of, watch):
    machine = setting_of(10, 25, polling=16, transfer=5, ideal_control_latency=True)
    seen = watch(machine, trace_of([[0] * 4] * 30), tokens=1)
    assert seen.steps("npu") == [("verify", 20, 45, 3, 7)]


def test_a_decision_takes_its_time_after_the_batch_has_arrived(setting_of, trace_of, watch):
    """At 20 the batch is closed; it is there at 21, and the decision to draft on at 24."""
    machine = setting_of(10, 100, edc=True, edc_options={"initial_counter": 3}, decision=3)
    seen = watch(machine, trace_of([[1] * 16] * 3), tokens=1)
    assert [start for _, start, *_ in seen.steps("pim")][:4] == [0, 10, 24, 34]


# Queues.


def test_a_batch_that_finds_no_room_is_counted_once(setting_of, trace_of, watch):
    """The second batch fills the queue at 40. The third, ready at 60, waits until the verdict on the first."""
    machine = setting_of(10, 75, queues={"unverified_drafts": 1})
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=3)
    queue = seen.outcome.queues["unverified_drafts"]
    assert (queue.maximum, queue.blocked_pushes) == (1, 1)
    assert queue.full_s == pytest.approx((21 - 20 + 96 - 40) * 1e-12)


def test_a_verifier_that_finds_no_room_for_its_verdict_is_counted(setting_of, trace_of, watch):
    """Verdicts travel 200 ps and one fits: the pass ends at 245; from then on the next batch waits for room."""
    machine = setting_of(10, 25, transfer=200, queues={"feedback": 1})
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=5)
    feedback = seen.outcome.queues["feedback"]
    assert feedback.blocked_pushes == 2  # after each of the two passes
    assert seen.steps("npu")[0] == ("verify", 220, 245, 3, 7)
    # The drafter reads at the end of its step at 450, and the next pass begins.
    assert seen.steps("npu")[1][1] == 450


def test_batches_on_their_way_when_a_pass_ends_are_looked_at_when_they_arrive(setting_of, trace_of, watch):
    """The pass of 35 to 70 also tests token 2, so of the batch that waits one token is left, and two are needed.

    The next batch, sent at 60, is there at 75; the one after it finds no room, so nothing else comes.
    """
    machine = setting_of(10, 35, transfer=15, minimum_pending=2, queues={"unverified_drafts": 2})
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=5)
    assert seen.emissions[0] == (70, 3)
    assert seen.steps("npu") == [("verify", 35, 70, 3, 7), ("verify", 75, 110, 2, 10)]


# Vector work.


def test_ideal_vector_work_passes_beside_a_verification(setting_of, trace_of, watch):
    """Neither side waits, though without AAU each step's 3 ps of vector work are done by the NPU."""
    coins = [[1] * 8] * 20
    behind = watch(setting_of(10, 25, aau=False, vector_work=3), trace_of(coins), tokens=6)
    ideal = watch(
        setting_of(10, 25, aau=False, vector_work=3, ideal_vector_wait=True), trace_of(coins), tokens=6
    )
    with_aau = watch(setting_of(10, 25), trace_of(coins), tokens=6)
    assert [start for _, start, *_ in ideal.steps("pim")] == list(range(0, 100, 10))
    assert ideal.emissions == with_aau.emissions == [(46, 3), (71, 2), (96, 2)]
    assert behind.outcome.end > ideal.outcome.end
    # The PIM stands by while the NPU does its vector work.
    _, blocked = ideal.outcome.timeline.busy_and_blocked("pim", 96)
    assert blocked == 3 * 10


def test_verifications_that_take_as_long_as_their_cache_is_are_predicted_exactly(run):
    """The length of a pass is that of the cache with the token that it feeds first."""
    seen = run([1] * 16, 40, verify=lambda width, context: 20 * (context + 1), ideal_rank_sharing=True)
    tvc = seen.outcome.tvc
    assert tvc.predicted > 2
    assert tvc.mean_relative_error == pytest.approx(0.0, abs=1e-9)
