"""What each option of EDC changes, worked by hand: 8 buckets over [0, 8), so that x.5 falls into bucket x."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ahasd.speculation.control.edc.edc import EntropyDraftControl, EntropyDraftControlOptions


def control(**options):
    return EntropyDraftControl(EntropyDraftControlOptions(**({"entropy_maximum": 8.0} | options)))


def in_turn(edc, fates):
    """Draft, wait for the verdict, draft; always bucket 0 on an all-zero history, so index {0, 0, 1} = 1."""
    decisions = []
    for accepted in fates:
        prediction = edc.batch_drafted(0.5)
        assert prediction.index == 1
        decisions.append(prediction.keep_drafting)
        edc.batch_verified(prediction, 0.5, accepted)
    return decisions


@pytest.mark.parametrize(
    ("base", "bucket"),
    [
        ("e", 2),  # 2.5 nats of 8
        ("2", 3),  # 2.5 / 0.6931 = 3.61 bits of 8
        ("10", 1),  # 2.5 / 2.3026 = 1.09 digits of 8
    ],
)
def test_the_base_converts_the_nats_of_the_trace(base, bucket):
    assert control(entropy_base=base).bucket(2.5) == bucket


@pytest.mark.parametrize(("maximum", "bucket"), [(8.0, 2), (4.0, 5), (2.0, 7), (30.0, 0)])
def test_the_maximum_scales_the_buckets(maximum, bucket):
    assert control(entropy_maximum=maximum).bucket(2.5) == bucket  # 2.5 / maximum · 8, at most 7


def test_more_counter_bits_and_a_low_start_take_more_acceptances():
    # Three bits from 1: 1 2 3 | 4 5; "keep drafting" from 4 on. Two bits from 1: 1 | 2 3 3 3.
    fates = [True] * 5
    assert in_turn(control(counter_bits=3, initial_counter=1), fates) == [False, False, False, True, True]
    assert in_turn(control(counter_bits=2, initial_counter=1), fates) == [False, True, True, True, True]


def test_ageing_lets_a_rejected_pattern_recover():
    fates = [False, False, False, True, True]
    # Without: 2, 1, 0, 0, 1, and after the last verdict 2.
    plain = control()
    assert in_turn(plain, fates) == [True, False, False, False, False]
    assert plain.counters[1] == 2
    # Ageing after every second verdict: 2 -> 1 -> 0+1 -> 0 -> 1+1 -> 3 (the third ageing is yet to come).
    ageing = control(ageing=2)
    assert in_turn(ageing, fates) == [True, False, False, False, True]
    assert ageing.counters[1] == 3


def test_ageing_moves_every_counter_toward_the_start_and_not_past_it():
    edc = control(ageing=3)
    in_turn(edc, [True])  # counter 1: 3
    edc.batch_verified(edc.batch_drafted(7.5), 7.5, False)  # H = 7 0 0 0 | 0 …, index {0, 1, 1} = 9: 1
    assert (edc.counters[1], edc.counters[9]) == (3, 1)
    edc.batch_verified(edc.batch_drafted(7.5), 7.5, False)  # index 9 again: 0, then the third verdict ages
    assert (edc.counters[1], edc.counters[9]) == (2, 1)
    assert {counter for index, counter in enumerate(edc.counters) if index != 9} == {2}


def test_a_recomputed_index_trains_what_predicted_nothing():
    fates = [False] * 6
    assert in_turn(control(), fates) == [True, False, False, False, False, False]
    edc = control(trained_index="recomputed")
    # The verdict finds LLR 0: index 0 is trained down, index 1 that predicts stays at 2 for good.
    assert in_turn(edc, fates) == [True] * 6
    assert (edc.counters[0], edc.counters[1]) == (0, 2)


@pytest.mark.parametrize(
    ("rollback", "trained"),
    [
        # The rollback leaves H = 7 0 0 0 | 0 0 0 0, so {0, 7 // 4, LLR} = 8 + LLR.
        ("zero", 8),
        ("decrement", 9),
    ],
)
def test_a_recomputed_index_is_that_of_the_state_after_the_verdict(rollback, trained):
    edc = control(trained_index="recomputed", llr_after_rollback=rollback)
    first = edc.batch_drafted(7.5)  # index 9
    second = edc.batch_drafted(6.5)  # index 26
    edc.batch_drafted(5.5)  # H = 5 6 7 0 | 0 …, index 35
    edc.batch_verified(first, 7.5, fully_accepted=True)
    # H is still 5 6 7 0 | 0 0 0 0: {0, 18 // 4, 2} = 4·8 + 2 = 34, not the 9 that predicted
    assert (edc.counters[34], edc.counters[9]) == (3, 2)
    edc.batch_verified(second, 6.5, fully_accepted=False)
    assert [index for index, counter in enumerate(edc.counters) if counter == 1] == [trained]


def test_flushed_batches_stay_counted_until_the_next_verdict():
    llr = {}
    for rollback in ("zero", "decrement"):
        edc = control(llr_after_rollback=rollback)
        rejected, *_ = [edc.batch_drafted(0.5) for _ in range(4)]
        edc.batch_verified(rejected, 0.5, fully_accepted=False)
        after_rejection = edc.llr
        following = [edc.batch_drafted(0.5), edc.batch_drafted(0.5)]
        indices = [prediction.index for prediction in following]  # {0, 0, LLR}
        edc.batch_verified(following[0], 0.5, fully_accepted=True)
        llr[rollback] = (after_rejection, indices, edc.llr)
    assert llr == {"zero": (0, [1, 2], 1), "decrement": (3, [4, 5], 1)}


def test_a_flush_without_a_rejection_keeps_its_batches_counted_too():
    edc = control(llr_after_rollback="decrement")
    edc.batch_drafted(0.5)
    edc.batch_drafted(0.5)
    edc.flush()
    assert (edc.llr, edc.unverified) == (2, 0)
    prediction = edc.batch_drafted(0.5)
    assert prediction.index == 3
    edc.batch_verified(prediction, 0.5, fully_accepted=True)
    assert edc.llr == 0


def test_the_decremented_llr_does_not_climb():
    edc = control(llr_after_rollback="decrement")
    for _ in range(20):
        rejected, *_ = [edc.batch_drafted(0.5) for _ in range(3)]
        edc.batch_verified(rejected, 0.5, fully_accepted=False)
        edc.flush()  # what a schedule calls when the text has left the chain
        assert edc.llr == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"initial_counter": 4}, "more than the 2 of counter_bits"),
        ({"initial_bucket": 8}, "more than the 3 of bucket_bits"),
        ({"entropy_base": "8"}, "'e', '2' or '10'"),
        ({"ageing": -1}, "greater than or equal to 0"),
        ({"trained_index": "last"}, "'carried' or 'recomputed'"),
        ({"llr_after_rollback": "keep"}, "'zero' or 'decrement'"),
    ],
)
def test_impossible_options_are_refused_with_the_reason(options, said):
    with pytest.raises(ValidationError, match=said):
        EntropyDraftControlOptions(**options)


class Register:
    """LLR as the documentation of ``llr_after_rollback`` says, in a list of marks: open or flushed."""

    def __init__(self, keeps_flushed):
        self.keeps_flushed, self.marks = keeps_flushed, []

    def drafted(self):
        self.marks.append("open")

    def verdict(self, accepted):
        self.marks = [mark for mark in self.marks if mark == "open"][1:]
        if not accepted:
            self.flush()

    def flush(self):
        self.marks = ["flushed"] * len(self.marks) if self.keeps_flushed else []


@given(
    rollback=st.sampled_from(["zero", "decrement"]),
    trained=st.sampled_from(["carried", "recomputed"]),
    ageing=st.integers(0, 3),
    steps=st.lists(st.tuples(st.sampled_from(["draft", "accept", "reject", "flush"]), st.floats(0, 20))),
)
def test_any_run_counts_as_the_register_and_trains_once_a_verdict(rollback, trained, ageing, steps):
    edc = control(llr_after_rollback=rollback, trained_index=trained, ageing=ageing)
    register, in_flight, verdicts = Register(rollback == "decrement"), [], 0
    for step, entropy in steps:
        if step == "draft":
            in_flight.append((edc.batch_drafted(entropy), entropy))
            register.drafted()
        elif step == "flush":
            edc.flush()
            if in_flight:
                register.flush()
            in_flight = []
        elif in_flight:
            prediction, mean_entropy = in_flight.pop(0)
            edc.batch_verified(prediction, mean_entropy, step == "accept")
            register.verdict(step == "accept")
            verdicts += 1
            if step == "reject":
                in_flight = []
        assert edc.unverified == len(in_flight)
        assert edc.llr == min(len(register.marks), 7)
        assert all(0 <= counter <= 3 for counter in edc.counters)
        assert sum(abs(counter - 2) for counter in edc.counters) <= verdicts
    assert edc.statistics.judged == verdicts
