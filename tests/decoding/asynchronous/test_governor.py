"""Where the runtime's batches end, and when its drafter waits."""

import pytest

from ahasd.decoding.asynchronous.governor import Governor
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.traces.rollout.walk import DraftSignals

from ...policies import Listening

TOKEN = DraftSignals(1.0, 0.5, None)


@pytest.fixture
def policy():
    return Listening(FixedLength(4))


def governed(policy, initial_counter=None, longest=None):
    """A governor whose clock shows a second more each time; EDC says stop for ever if its counters start at 0."""
    options = EntropyDraftControlOptions(initial_counter=initial_counter or 0)
    edc = None if initial_counter is None else EntropyDraftControl(options)
    seconds = iter(range(10**6))
    return Governor(DraftBatches(policy, edc), longest, lambda: next(seconds) * 10**12)


def draft(governor, count):
    """Whether a batch ended, token by token."""
    ends = []
    for _ in range(count):
        governor.step_begins()
        ends.append(governor.drafted(TOKEN))
    return ends


def test_the_policy_ends_batches_unless_they_are_too_long_before(policy):
    assert draft(governed(policy), 5) == [False, False, False, True, False]
    assert draft(governed(policy, longest=2), 5) == [False, True, False, True, False]


def test_every_token_is_shown_to_the_policy(policy):
    draft(governed(policy, longest=1), 3)
    assert len(policy.of("should_stop")) == 3


def test_edc_has_the_drafter_wait_from_the_end_of_a_batch_to_a_verdict(policy):
    governor = governed(policy, initial_counter=0)
    draft(governor, 3)
    assert not governor.waits
    draft(governor, 1)
    assert governor.waits
    governor.verified(1)
    assert not governor.waits
    draft(governor, 4)
    assert governor.waits
    governor.restart(3, 2, rejected=True)
    assert not governor.waits


def test_edc_that_goes_on_and_no_edc_never_have_it_wait(policy):
    for counter in (None, 2):
        governor = governed(policy, counter)
        draft(governor, 4)
        assert not governor.waits


def test_a_batch_takes_from_the_start_of_its_first_step_to_its_verdict(policy):
    governor = governed(policy)
    draft(governor, 4)  # steps begin at 0, 1, 2 and 3 s
    draft(governor, 1)  # at 4 s
    governor.verified(4)
    assert policy.told == [(0, 4, 4, 5.0)]


def test_a_token_rejected_in_the_batch_under_way_is_told_of(policy):
    governor = governed(policy)
    draft(governor, 6)
    governor.restart(6, 5, rejected=True)
    assert [told[:3] for told in policy.told] == [(0, 4, 4), (1, 2, 1)]


def test_tokens_that_no_verdict_was_given_on_are_not_told_of(policy):
    governor = governed(policy)
    draft(governor, 6)
    governor.restart(6, 5, rejected=False)
    assert [told[:3] for told in policy.told] == [(0, 4, 4)]
    draft(governor, 4)
    governor.verified(10)
    assert policy.told[1][:3] == (2, 4, 4)
