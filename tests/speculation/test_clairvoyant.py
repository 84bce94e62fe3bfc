"""The clairvoyant bound: no control on the same mapping is faster."""

from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ahasd.speculation.asynchronous.pilots.clairvoyant import ChainDurations
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.walk import TraceWalk

OTHERS = [
    *(
        {"verify": verify, "look_ahead_limit": limit}
        for verify, limit in product(("oldest", "coalesce"), (3, None))
    ),
    {"edc": True},
    {"control": "goodput"},
    {"control": "informed"},
    {"control": "exact"},
]


def end(machine, trace, seed, length=2, tokens=40):
    return machine.run(TraceWalk(trace, seed), FixedLength(length), tokens).end


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    st.integers(5, 80),
    st.sampled_from([0.3, 0.6, 0.8, 0.95]),
    st.integers(0, 5),
    st.integers(1, 5),
    st.sampled_from(["merged", "separate"]),
)
def test_no_other_control_is_faster(setting_of, draft, acceptance, seed, length, catch_up):
    """On a pass of one duration: where width costs, an early pass could narrow the last one further."""
    trace = synthesize(acceptance, 0.5, positions=200, prompts=3, seed=seed)
    common = {"transfer": 0, "catch_up": catch_up}
    best = end(setting_of(draft, 100, control="clairvoyant", **common), trace, seed)
    for other in OTHERS:
        assert best <= end(setting_of(draft, 100, **common, **other), trace, seed, length), other


def test_a_chain_is_drafted_up_to_its_first_rejection(setting_of, trace_of, watch):
    machine = setting_of(10, 100, transfer=0, control="exact")
    run = watch(machine, trace_of([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 1], [0, 0, 0, 0]]), 4)
    # Two tokens, then their pass, beside which the rejected third is drafted; then the target's token alone.
    assert run.emissions == [(120, 3), (220, 1)]
    assert [kind for kind, *_ in run.steps("pim")][:3] == ["draft"] * 3


@pytest.mark.parametrize("control", ["exact", "clairvoyant"])
def test_a_worthless_draft_is_never_waited_for(setting_of, control):
    trace = synthesize(0.0, 0.5, positions=200)
    assert end(setting_of(10, 100, transfer=0, control=control), trace, 0) == 40 * 100


@pytest.mark.parametrize("catch_up", ["merged", "separate"])
@pytest.mark.parametrize("draft", [10, 80])
def test_durations_do_not_depend_on_what_was_asked_before(setting_of, draft, catch_up):
    """From the first step's begin to the last pass's end, whatever the order of the questions."""
    machine = setting_of(draft, lambda width, context: 90 + width, transfer=0).machine
    at_once, bit_by_bit = (ChainDurations(machine, catch_up == "separate") for _ in range(2))
    for most in (0, 2, 1, 12):
        bit_by_bit.until(5, 3, most)
    found = bit_by_bit.until(5, 3, 12)
    assert found == at_once.until(5, 3, 12)
    first = draft * (2 if catch_up == "separate" else 1)
    assert found[0] == pytest.approx(91e-12)
    # No earlier pass fits before the first token: the last one covers it, too.
    assert found[1] == pytest.approx((first + 92) * 1e-12)
