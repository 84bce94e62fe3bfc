"""Small asynchronous runs worked by hand, to the picosecond: prompt of 8 tokens, verdicts travel 1 ps."""

from typing import Any

import pytest

STOP = {"initial_counter": 0}
"""EDC that says stop at first."""


def draft_duration(width: int, context: int) -> int:
    return {1: 10, 2: 12}[width]


def test_a_drafted_token_is_tested_against_the_logits_at_hand(setting_of, trace_of, watch):
    """Tested and accepted (46), tested and rejected (71), rejected inside the batch (126)."""
    coins = [[0] * 10 for _ in range(9)]
    coins[0] = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    coins[5] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    seen = watch(setting_of(draft_duration, 25), trace_of(coins), tokens=8)
    assert seen.emissions == [(46, 3), (71, 2), (126, 2), (176, 1)]
    assert seen.steps("npu") == [
        ("verify", 21, 46, 3, 7),  # tokens 0 and 1 of row 0; token 2 is there at 30 and tested too
        ("verify", 46, 71, 2, 10),  # token 3; token 4 is there at 50, tested, rejected: row 0 + 4 + 1
        ("verify", 101, 126, 3, 12),  # tokens 0 and 1 of row 5, the second rejected: row 5 + 1 + 1
        ("verify", 151, 176, 3, 14),  # row 7
    ]
    # The drafter never waits: what is under way when a verdict comes is finished and flushed.
    assert seen.steps("pim") == [
        ("draft", start, start + 10, 1, context)
        for start, context in zip(
            range(0, 170, 10),
            [7, 8, 9, 10, 11, 12, 13, 14, 12, 13, 14, 15, 16, 14, 15, 16, 17],
            strict=True,
        )
    ] + [("draft", 170, 176, 1, 18)]  # cut off by the end of the run
    assert seen.fates("pim") == (
        ["accepted"] * 4
        + ["rejected", "flushed", "flushed", "flushed"]
        + ["accepted", "rejected", "flushed", "flushed", "flushed"]
        + ["rejected", "flushed", "flushed", "flushed", "in_flight"]
    )
    assert [turn.following.row for turn in seen.text.turns] == [5, 7, 8]
    ledger = seen.outcome.ledger
    assert (ledger.drafted, ledger.accepted, ledger.rejected, ledger.flushed) == (17, 5, 3, 9)
    assert ledger.accepted_histogram == {3: 1, 1: 2, 0: 1}
    assert seen.outcome.end == 176


def test_a_token_that_is_not_yet_drafted_gives_way_to_the_bonus(setting_of, trace_of, watch):
    """The third draft step has begun when the bonus token is emitted, so it has fed the second token."""
    seen = watch(setting_of(30, 25), trace_of([[1, 1, 1]] * 9), tokens=6)
    assert seen.steps("npu") == [("verify", 61, 86, 3, 7), ("verify", 151, 176, 3, 10)]
    assert seen.steps("pim") == [
        ("draft", 0, 30, 1, 7),
        ("draft", 30, 60, 1, 8),
        ("draft", 60, 90, 1, 9),  # flushed at its end
        ("draft", 90, 120, 1, 10),
        ("draft", 120, 150, 1, 11),
        ("draft", 150, 176, 1, 12),  # cut off by the end of the run
    ]
    assert seen.emissions == [(86, 3), (176, 3)]
    assert seen.fates("pim") == ["accepted", "accepted", "flushed", "accepted", "accepted", "in_flight"]
    assert [turn.following.row for turn in seen.text.turns] == [3, 6]


def test_a_draft_that_ends_with_the_verification_is_tested(setting_of, trace_of, watch):
    """The third step ends at 61 + 29 = 90 too."""
    seen = watch(setting_of(30, 29), trace_of([[1, 1, 1]] * 9), tokens=3)
    assert seen.emissions == [(90, 3)]
    assert seen.outcome.ledger.accepted_histogram == {3: 1}


def test_edc_that_says_stop_waits_for_the_verdict_and_catches_up(setting_of, trace_of, watch):
    machine = setting_of(draft_duration, 25, edc=True, edc_options=STOP)
    seen = watch(machine, trace_of([[1, 1, 1], [0] * 3, [0] * 3, [0, 1, 1], [1, 1, 1]]), tokens=5)
    assert seen.steps("npu") == [
        ("verify", 21, 46, 3, 7),
        ("verify", 70, 95, 3, 10),
        ("verify", 117, 142, 3, 11),
    ]
    assert seen.steps("pim") == [
        ("draft", 0, 10, 1, 7),
        ("draft", 10, 20, 1, 8),
        ("draft", 47, 59, 2, 9),  # the second token and the bonus
        ("draft", 59, 69, 1, 11),
        ("draft", 96, 106, 1, 11),  # after the rejection the draft has fed all but the target's own token
        ("draft", 106, 116, 1, 12),
    ]
    assert seen.emissions == [(46, 3), (95, 1), (142, 3)]
    assert seen.outcome.ledger.cut == 2
    edc = seen.outcome.edc
    assert edc is not None
    assert (edc.decisions, edc.continued, edc.stopped) == (3, 0, 3)
    assert (edc.judged, edc.stopped_accepted, edc.stopped_rejected) == (2, 1, 1)


def test_edc_drafts_ahead_once_its_counter_has_risen(setting_of, trace_of, watch):
    """One-bit counters: the first acceptance lets the same pattern draft ahead."""
    machine = setting_of(draft_duration, 25, edc=True, edc_options={**STOP, "counter_bits": 1})
    seen = watch(machine, trace_of([[1] * 16] * 40), tokens=12)
    starts = [start for _, start, *_ in seen.steps("pim")]
    # Stop after the first batch (pattern of one unverified batch), then go on after the next; the pattern of
    # two unverified batches has its own counter and says stop until a batch it followed was accepted.
    assert starts[:7] == [0, 10, 47, 59, 70, 80, 96]
    assert seen.outcome.edc is not None
    assert seen.outcome.edc.stopped >= 2
    assert seen.outcome.edc.continued >= 1


def test_separate_catch_up_feeds_the_last_token_first(setting_of, trace_of, watch):
    machine = setting_of(draft_duration, 25, edc=True, edc_options=STOP, catch_up="separate")
    seen = watch(machine, trace_of([[1, 1, 1]] * 9), tokens=6)
    assert seen.steps("pim")[2:] == [
        ("catch_up", 47, 57, 1, 9),
        ("draft", 57, 67, 1, 10),
        ("draft", 67, 77, 1, 11),
    ]
    assert seen.fates("pim")[2] == "used"
    assert seen.emissions == [(46, 3), (103, 3)]


def test_vector_work_waits_behind_a_running_verification(setting_of, trace_of, watch):
    machine = setting_of(draft_duration, 25, aau=False, vector_work=3)
    seen = watch(machine, trace_of([[1] * 8] * 20), tokens=6)
    assert seen.steps("pim") == [
        ("draft", 0, 10, 1, 7),
        ("draft", 10, 20, 1, 8),
        ("draft", 20, 30, 1, 9),
        ("draft", 56, 66, 1, 10),  # was there first: it goes before the next verification
        ("draft", 66, 76, 1, 11),
        ("draft", 102, 112, 1, 12),
        ("draft", 112, 122, 1, 13),
    ]
    assert seen.steps("npu") == [
        ("verify", 30, 55, 3, 7),  # waited for the third step from 21 on
        ("verify", 76, 101, 2, 10),
        ("verify", 122, 147, 2, 12),
    ]
    assert seen.emissions == [(55, 3), (101, 2), (147, 2)]
    end = seen.outcome.end
    busy, blocked = seen.outcome.timeline.busy_and_blocked("pim", end)
    drafted = [task for task in seen.outcome.timeline.tasks if task.track == "pim"]
    assert busy == sum(min(task.end, end) - task.start - 3 for task in drafted)
    # The vector work of each step, and every verification from its start until its verdict has travelled;
    # the last one's ends the run.
    verifications = [task for task in seen.outcome.timeline.tasks if task.track == "npu"]
    assert blocked == 3 * len(drafted) + 26 * len(verifications) - 1


def test_vector_work_beside_no_pass_keeps_the_npu_busy(setting_of, trace_of, watch):
    """Each step of 10 ps has 3 of the NPU; a pass that would run meanwhile waits, and counts for itself."""
    machine = setting_of(draft_duration, 25, aau=False, vector_work=3)
    outcome = watch(machine, trace_of([[1] * 8] * 20), tokens=6).outcome
    tasks = outcome.timeline.tasks
    passes = sum(min(task.end, outcome.end) - task.start for task in tasks if task.kind == "verify")
    steps = sum(task.track == "pim" for task in tasks)
    busy, _ = outcome.timeline.busy_and_blocked("npu", outcome.end)
    assert busy == passes + 3 * steps == 75 + 3 * 7


def test_let_in_vector_work_does_not_wait(setting_of, trace_of, watch):
    machine = setting_of(draft_duration, 25, aau=False, vector_wait="let_in", vector_work=3)
    seen = watch(machine, trace_of([[1] * 8] * 20), tokens=6)
    assert [start for _, start, *_ in seen.steps("pim")] == list(range(0, 100, 10))
    assert seen.emissions == [(46, 3), (71, 2), (96, 2)]


@pytest.mark.parametrize(("ideal", "ends"), [(False, 52), (True, 46)])
def test_draft_vectors_take_the_bus_from_the_stream(setting_of, trace_of, watch, ideal, ends):
    """Two ps of the bus a step of ten: the pass goes at four fifths of its speed, 25 / 0.8 = 31 ps."""
    machine = setting_of(10, 25, draft_bus=2, ideal_bus_sharing=ideal)
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=3)
    assert seen.outcome.end == ends


def test_coalesced_verification_takes_all_that_waits_up_to_the_limit(setting_of, trace_of, watch):
    coins = [[1] * 16] * 20
    oldest = watch(setting_of(10, 75), trace_of(coins), tokens=12)
    wide = watch(setting_of(10, 75, verify="coalesce"), trace_of(coins), tokens=12)
    limited = watch(setting_of(10, 75, verify="coalesce", coalesce_limit=4), trace_of(coins), tokens=12)
    assert oldest.steps("npu")[:2] == [("verify", 21, 96, 3, 7), ("verify", 96, 171, 2, 10)]
    # At 96 the batches that end at 4, 6 and 8 wait (the last is there from 81 on); 3 tokens are out.
    assert wide.steps("npu")[:2] == [("verify", 21, 96, 3, 7), ("verify", 96, 171, 6, 10)]
    assert limited.steps("npu")[:2] == [("verify", 21, 96, 3, 7), ("verify", 96, 171, 4, 10)]
    assert wide.emissions[:2] == [(96, 3), (171, 6)]


def test_a_full_queue_holds_the_drafter_up(setting_of, trace_of, watch):
    machine = setting_of(10, 75, queues={"unverified_drafts": 1})
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=8)
    # Batches are ready at 20, 40 and 60. The second fills the queue at 40, the third waits for the verdict of
    # the first (96, there at 97), by when the second is being verified.
    assert [start for _, start, *_ in seen.steps("pim")][:8] == [0, 10, 20, 30, 40, 50, 97, 107]
    queue = seen.outcome.queues["unverified_drafts"]
    assert queue.maximum == 1


def test_a_drafter_that_waits_for_room_goes_on_when_a_batch_is_taken(setting_of, trace_of, watch):
    """The first batch is on its way from 10 to 30; the drafter learns at 50 that it was taken."""
    machine = setting_of(10, 100, transfer=20, queues={"unverified_drafts": 1})
    seen = watch(machine, trace_of([[1] * 16] * 20), tokens=3, policy=1)
    assert [start for _, start, *_ in seen.steps("pim")][:4] == [0, 10, 50, 150]


def test_a_step_that_begins_as_the_pass_ends_does_not_hold_it_up(setting_of, trace_of, watch):
    """The pass of 21 to 44, held up by 2 at once and by 2 at 30 and at 40, ends at 50 as the fifth step does."""
    held = watch(setting_of(10, 23, draft_bus=2), trace_of([[1] * 16] * 20), tokens=1)
    assert held.outcome.end == 50


@pytest.mark.parametrize("tokens", [1, 2])
def test_the_run_ends_with_the_last_token_asked_for(setting_of, trace_of, watch, tokens):
    seen: Any = watch(setting_of(10, 25), trace_of([[0] * 4] * 9), tokens)
    assert seen.outcome.end == seen.emissions[-1][0]
    assert sum(count for _, count in seen.emissions) == tokens
    assert all(task.start < seen.outcome.end for task in seen.outcome.timeline.tasks)


@pytest.mark.parametrize(
    ("draft", "verify", "length", "bound"),
    [
        (10, 7, 3, 10),  # a bonus token each pass, for which a drafted one is flushed
        (10, 25, 3, 10),  # drafting is the bottleneck, and nothing is lost
        (10, 100, 4, 25),  # verification is: a batch each pass, the next one's first token tested with it
        (30, 100, 2, 50),
    ],
)
def test_with_certain_drafts_the_slower_side_sets_the_rate(
    setting_of, trace_of, watch, draft, verify, length, bound
):
    machine = setting_of(draft, verify, ideal_control_latency=True, queues={"unverified_drafts": 500})
    seen = watch(machine, trace_of([[1] * 16] * 50), tokens=2000, policy=length)
    assert seen.outcome.end / 2000 == pytest.approx(bound, rel=0.005)
    # No run is shorter than the tokens' own work on either side.
    assert seen.outcome.end >= 2000 * max(draft * 0.99, verify / (length + 1))
