"""EDC worked by hand: 8 buckets over [0, 8) nats, so that a mean entropy of x.5 falls into bucket x."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl, EntropyDraftControlOptions


def control(**options):
    return EntropyDraftControl(EntropyDraftControlOptions(entropy_maximum=8.0, **options))


def test_defaults_have_the_published_sizes():
    edc = EntropyDraftControl(EntropyDraftControlOptions())
    assert len(edc.counters) == 512
    assert set(edc.counters) == {2}
    assert edc.history == edc.committed_history == (0,) * 8


@pytest.mark.parametrize(
    ("entropy", "bucket"), [(0.0, 0), (0.99, 0), (1.0, 1), (3.5, 3), (7.99, 7), (8.0, 7), (20.0, 7)]
)
def test_buckets_are_equal_intervals_and_the_top_one_is_open(entropy, bucket):
    assert control().bucket(entropy) == bucket


def test_index_after_each_of_five_batches():
    edc = control()
    # Push 7: H = 7 0 0 0 | 0 0 0 0; mean(H0..H3) = 7 // 4 = 1, mean(H4..H7) = 0, LLR = 1.
    # index = 0·64 + 1·8 + 1 = 9
    assert edc.batch_drafted(7.5).index == 9
    # Push 6: H = 6 7 0 0 | 0 0 0 0; 13 // 4 = 3, 0, LLR 2: 3·8 + 2 = 26
    assert edc.batch_drafted(6.5).index == 26
    # Push 5: H = 5 6 7 0 | 0 0 0 0; 18 // 4 = 4, 0, LLR 3: 4·8 + 3 = 35
    assert edc.batch_drafted(5.5).index == 35
    # Push 4: H = 4 5 6 7 | 0 0 0 0; 22 // 4 = 5, 0, LLR 4: 5·8 + 4 = 44
    assert edc.batch_drafted(4.5).index == 44
    # Push 3: H = 3 4 5 6 | 7 0 0 0; 18 // 4 = 4, 7 // 4 = 1, LLR 5: 1·64 + 4·8 + 5 = 101
    assert edc.batch_drafted(3.5).index == 101
    assert edc.history == (3, 4, 5, 6, 7, 0, 0, 0)
    assert edc.committed_history == (0,) * 8


def test_the_other_end_as_the_newest_swaps_the_halves():
    edc = control(newest="H7")
    # Push 7: H0..H7 = 0 0 0 0 | 0 0 0 7; mean(H4..H7) = 1, mean(H0..H3) = 0: 1·64 + 0 + 1 = 65
    assert edc.batch_drafted(7.5).index == 65


def test_history_is_read_by_age_after_it_wraps():
    edc = control()
    for bucket in (7, 7, 7, 7, 0, 0, 0, 0, 4, 4):
        prediction = edc.batch_drafted(bucket + 0.5)
    # Ten pushes, the first two fell out: H = 4 4 0 0 | 0 0 7 7; 8 // 4 = 2, 14 // 4 = 3, LLR saturated at 7.
    assert edc.history == (4, 4, 0, 0, 0, 0, 7, 7)
    assert prediction.index == 3 * 64 + 2 * 8 + 7


def test_acceptance_commits_the_bucket_and_trains_the_carried_counter_upwards():
    edc = control()
    first = edc.batch_drafted(7.5)  # index 9, as above
    second = edc.batch_drafted(6.5)  # index 26
    edc.batch_verified(first, 7.5, fully_accepted=True)
    # The history has moved on to 6 7 0 0 …, but the counter that predicted is trained: 2 + 1 = 3.
    assert edc.counters[9] == 3
    assert edc.counters[26] == 2
    assert edc.committed_history == (7, 0, 0, 0, 0, 0, 0, 0)
    assert edc.history == (6, 7, 0, 0, 0, 0, 0, 0)
    assert edc.llr == 1
    edc.batch_verified(second, 6.5, fully_accepted=True)
    assert edc.counters[26] == 3
    assert edc.committed_history == (6, 7, 0, 0, 0, 0, 0, 0)
    assert edc.llr == 0


def test_rejection_rolls_the_history_back_and_trains_the_carried_counter_downwards():
    edc = control()
    accepted = edc.batch_drafted(7.5)  # index 9
    rejected = edc.batch_drafted(6.5)  # index 26
    edc.batch_drafted(5.5)  # flushed
    edc.batch_drafted(4.5)  # flushed
    edc.batch_verified(accepted, 7.5, fully_accepted=True)
    edc.batch_verified(rejected, 6.5, fully_accepted=False)
    assert edc.history == edc.committed_history == (7, 0, 0, 0, 0, 0, 0, 0)
    assert edc.llr == 0
    # Trained: 26, which predicted; not 8 = {0, 1, 0}, which would be recomputed after the rollback.
    assert (edc.counters[26], edc.counters[8], edc.counters[9]) == (1, 2, 3)
    # Next push 2: H = 2 7 0 0 | 0 …; 9 // 4 = 2, LLR 1: 2·8 + 1 = 17
    assert edc.batch_drafted(2.5).index == 17
    # The restored history is a copy: pushing into it left the committed one alone.
    assert edc.committed_history == (7, 0, 0, 0, 0, 0, 0, 0)


def test_one_rejection_turns_a_weakly_taken_pattern_to_stop_and_one_acceptance_back():
    edc = control()
    decisions = []
    for accepted in (False, True, True, False, False):
        # Always bucket 0 on an all-zero history: index {0, 0, 1} = 1.
        prediction = edc.batch_drafted(0.5)
        assert prediction.index == 1
        decisions.append(prediction.keep_drafting)
        edc.batch_verified(prediction, 0.5, accepted)
    # Counter before each decision: 2, 1, 2, 3, 2; most significant bit: 1, 0, 1, 1, 1.
    assert decisions == [True, False, True, True, True]
    assert edc.counters[1] == 1


@pytest.mark.parametrize(("accepted", "end"), [(True, 3), (False, 0)])
def test_counters_saturate(accepted, end):
    edc = control()
    for _ in range(6):
        edc.batch_verified(edc.batch_drafted(0.5), 0.5, accepted)
    assert edc.counters[1] == end


def test_llr_saturates_in_the_index_while_the_count_goes_on():
    edc = control()
    predictions = [edc.batch_drafted(0.5) for _ in range(10)]
    assert [prediction.index for prediction in predictions] == [1, 2, 3, 4, 5, 6, 7, 7, 7, 7]
    for prediction in predictions[:2]:
        edc.batch_verified(prediction, 0.5, fully_accepted=True)
    # 10 − 2 = 8 unverified: still 7 in three bits. One more verdict: 7. Another: 6.
    assert edc.llr == 7
    edc.batch_verified(predictions[2], 0.5, fully_accepted=True)
    assert edc.llr == 7
    edc.batch_verified(predictions[3], 0.5, fully_accepted=True)
    assert edc.llr == 6


def test_statistics_confront_decisions_with_fates():
    edc = control()
    for accepted in (False, True, True, False, False):  # decisions: go, stop, go, go, go (see above)
        edc.batch_verified(edc.batch_drafted(0.5), 0.5, accepted)
    edc.batch_drafted(0.5)  # counter 1: stop; no verdict
    statistics = edc.statistics
    assert (statistics.decisions, statistics.continued, statistics.stopped) == (6, 4, 2)
    assert (statistics.continued_accepted, statistics.continued_rejected) == (1, 3)
    assert (statistics.stopped_accepted, statistics.stopped_rejected) == (1, 0)
    assert (statistics.correct, statistics.judged) == (1, 5)


def test_a_verdict_without_a_batch_is_refused():
    with pytest.raises(ValueError, match="never drafted"):
        control().batch_verified(EdcPrediction(0, True), 1.0, True)


@pytest.mark.parametrize(
    "options",
    [
        {"entropy_maximum": 0.0},
        {"history": 7},
        {"unknown": 1},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ValidationError):
        EntropyDraftControlOptions(**options)


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 3), st.booleans()), max_size=60))
def test_any_run_keeps_its_state_in_range(steps):
    edc = EntropyDraftControl(EntropyDraftControlOptions())
    in_flight = []
    for entropy, verdicts, accepted in steps:
        in_flight.append((edc.batch_drafted(entropy), entropy))
        for _ in range(min(verdicts, len(in_flight))):
            prediction, mean_entropy = in_flight.pop(0)
            edc.batch_verified(prediction, mean_entropy, accepted)
            if not accepted:
                in_flight.clear()
                assert edc.history == edc.committed_history
                break
        assert edc.unverified == len(in_flight)
        assert 0 <= edc.llr <= 7
        assert all(0 <= counter <= 3 for counter in edc.counters)
        assert all(0 <= bucket <= 7 for bucket in edc.history)
    assert edc.statistics.decisions == len(steps)
    assert edc.statistics.judged <= len(steps)
