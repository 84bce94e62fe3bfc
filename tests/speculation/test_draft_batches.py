"""Batches by hand, and any course of drafts and verdicts: every token has one fate, and everyone hears of it once."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.draft_batches import DraftBatch, DraftBatches
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.traces.rollout.walk import DraftSignals

from ..policies import Listening, ListeningEdc

HALF_A_SECOND = 5 * 10**11


def add(batches: DraftBatches, *entropies: float, began: int = 0) -> bool:
    """Draft tokens; whether the last of them ends its batch."""
    ends = False
    for entropy in entropies:
        batches.add(DraftSignals(entropy, 0.5, None), began)
        ends = batches.ends()
    return ends


def hand_over(batches: DraftBatches, *entropies: float, began: int = 0) -> DraftBatch:
    """Draft a batch, hand it over and begin the next."""
    add(batches, *entropies, began=began)
    batch = batches.close()
    batches.hand_over(batch)
    batches.begin()
    return batch


def fixed(length: int) -> tuple[DraftBatches, Listening]:
    policy = Listening(FixedLength(length))
    batches = DraftBatches(policy)
    batches.begin()
    return batches, policy


def test_a_batch_from_its_first_token_to_its_verdict() -> None:
    batches, policy = fixed(2)
    assert not add(batches, 1.0, began=100)
    assert add(batches, 4.0, began=900)
    assert batches.length == 2
    batch = batches.close()
    assert batch == DraftBatch(start=0, length=2, round=0, began=100, mean_entropy=2.5)
    assert (batch.end, batches.length, batches.unsettled) == (2, 0, False)
    assert batches.hand_over(batch) is None
    assert batches.unsettled
    batches.settle(2, rejected=False, now=100 + HALF_A_SECOND)
    assert policy.told == [(0, 2, 2, 0.5)]
    assert not batches.unsettled


def test_batches_stand_one_behind_the_other_and_are_told_of_in_order() -> None:
    batches, policy = fixed(4)
    first, second = hand_over(batches, 1, 1, 1, 1), hand_over(batches, 1)
    third = hand_over(batches, 1, 1)
    assert [(batch.start, batch.end, batch.round) for batch in (first, second, third)] == [
        (0, 4, 0),
        (4, 5, 1),
        (5, 7, 2),
    ]
    batches.settle(3, rejected=False, now=HALF_A_SECOND)
    assert policy.told == []
    batches.settle(5, rejected=False, now=HALF_A_SECOND)
    batches.settle(5, rejected=False, now=2 * HALF_A_SECOND)
    assert policy.told == [(0, 4, 4, 0.5), (1, 1, 1, 0.5)]


def test_a_rejection_settles_its_batch_and_no_later_one() -> None:
    batches, policy = fixed(3)
    for _ in range(3):
        hand_over(batches, 1, 1, 1)
    batches.settle(4, rejected=True, now=HALF_A_SECOND)
    assert policy.told == [(0, 3, 3, 0.5), (1, 3, 1, 0.5)]
    batches.restart(5)
    assert not batches.unsettled
    batches.begin()
    assert hand_over(batches, 1).round == 4
    batches.settle(6, rejected=False, now=HALF_A_SECOND)
    assert policy.told[2:] == [(4, 1, 1, 0.5)]


def test_a_rejection_between_two_batches_settles_the_one_behind_it_too() -> None:
    batches, policy = fixed(3)
    hand_over(batches, 1, 1, 1)
    hand_over(batches, 1, 1, 1)
    batches.settle(3, rejected=True, now=0)
    assert policy.told == [(0, 3, 3, 0.0), (1, 3, 0, 0.0)]


def test_the_batch_under_way_is_told_of_only_where_a_token_of_it_was_rejected() -> None:
    batches, policy = fixed(9)
    batches.restart(10)
    add(batches, 1, 1, 1)
    for place in (9, 13):
        batches.settle_under_way(place, now=0)
    assert policy.told == []
    batches.settle_under_way(12, now=HALF_A_SECOND)
    assert policy.told == [(0, 3, 2, 0.5)]


def test_a_batch_without_a_token_is_none() -> None:
    batches, _ = fixed(2)
    with pytest.raises(ValueError, match="at least one token"):
        batches.close()


def test_edc_hears_of_whole_batches_with_what_it_said_of_them() -> None:
    calls: list[tuple[Any, ...]] = []
    edc = ListeningEdc(EntropyDraftControlOptions(counter_bits=1, initial_counter=0), calls)
    batches = DraftBatches(FixedLength(2), edc)
    batches.begin()
    add(batches, 1.0, 2.0)
    said = batches.hand_over(batches.close())
    assert said is not None
    assert not said.keep_drafting
    batches.begin()
    hand_over(batches, 3.0, 3.0)
    add(batches, 5.0)
    batches.settle(3, rejected=True, now=0)
    batches.settle_under_way(3, now=0)
    batches.restart(0)
    assert calls == [
        ("edc drafted", 1.5),
        ("edc drafted", 3.0),
        ("edc verified", 1.5, True),
        ("edc verified", 3.0, False),
        ("edc flush",),
    ]
    assert edc.counters[said.index] == 1  # the counter that predicted was trained


def test_means_are_taken_of_entropies_as_edc_is_given_them() -> None:
    calls: list[tuple[Any, ...]] = []
    options = EntropyDraftControlOptions(arithmetic="fixed")
    unit = 2.0**-options.fixed_point.fraction_bits
    batches = DraftBatches(FixedLength(2), ListeningEdc(options, calls))
    batches.begin()
    hand_over(batches, 1 + 0.2 * unit, 1 + 0.2 * unit)
    assert calls == [("edc drafted", 1.0)]


@dataclass
class Drafted:
    """A batch as the reference knows it: the fates of its tokens, "" while they have none."""

    round: int
    fates: list[str] = field(default_factory=list)
    closed: bool = False
    told: bool = False


@settings(max_examples=300, deadline=None)
@given(data=st.data(), longest=st.integers(1, 4), with_edc=st.booleans())
def test_every_token_has_one_fate_and_every_judged_batch_is_told_of_once(
    data: st.DataObject, longest: int, with_edc: bool
) -> None:
    calls: list[tuple[Any, ...]] = []
    edc = ListeningEdc(EntropyDraftControlOptions(), calls) if with_edc else None
    policy = Listening(FixedLength(longest), calls)
    batches = DraftBatches(policy, edc)
    history: list[Drafted] = []  # all batches
    chain: list[Drafted] = []  # those that continue the text
    origin = verified = 0
    expected: list[tuple[int, int, int]] = []
    edc_expected: list[bool] = []

    def begin() -> None:
        batches.begin()
        chain.append(Drafted(len(history)))
        history.append(chain[-1])

    begin()
    for _ in range(data.draw(st.integers(1, 40))):
        places = [(batch, index) for batch in chain for index in range(len(batch.fates))]
        if data.draw(st.integers(0, 2)):
            batches.add(DraftSignals(data.draw(st.sampled_from([0.5, 1.5])), 0.5, None), 0)
            chain[-1].fates.append("")
            if batches.ends() or data.draw(st.booleans()):
                assert batches.length == len(chain[-1].fates)
                batches.hand_over(batches.close())
                chain[-1].closed = True
                begin()
        elif places:
            until = data.draw(st.integers(verified, len(places)))
            rejected = until < len(places) and data.draw(st.booleans())
            leaves = rejected or (until == len(places) and data.draw(st.booleans()))
            for batch, index in places[verified:until]:
                batch.fates[index] = "accepted"
            if leaves:
                for batch, index in places[until:]:
                    batch.fates[index] = "flushed"
            if rejected:
                batch, index = places[until]
                batch.fates[index] = "rejected"
            for batch in chain:
                accepted = batch.fates.count("accepted")
                whole = batch.closed and accepted == len(batch.fates)
                if not batch.told and (whole or "rejected" in batch.fates):
                    batch.told = True
                    expected.append((batch.round, len(batch.fates), accepted))
                    edc_expected += [whole] if batch.closed else []
            batches.settle(origin + until, rejected, now=0)
            if rejected:
                batches.settle_under_way(origin + until, now=0)
            verified = until
            if leaves:
                origin = data.draw(st.integers(0, 100))
                batches.restart(origin)
                chain.clear()
                verified = 0
                begin()
        waiting = [batch for batch in chain if batch.closed and not batch.told]
        assert batches.unsettled == bool(waiting)
        assert edc is None or edc.unverified == len(waiting)

    assert [told[:3] for told in policy.told] == expected
    assert [call[2] for call in calls if call[0] == "edc verified"] == (edc_expected if with_edc else [])
    # Tokens are conserved: those of batches that the policy was told of, and those it will never or not yet hear of.
    untold = sum(len(batch.fates) for batch in history if not batch.told)
    assert sum(drafted for _, drafted, _ in expected) + untold == len(policy.of("should_stop"))
    accepted = sum(batch.fates.count("accepted") for batch in history if batch.told)
    assert sum(told[2] for told in policy.told) == accepted
