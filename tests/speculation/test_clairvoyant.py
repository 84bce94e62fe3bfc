"""The clairvoyant bound: no control on the same mapping is faster."""

from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ahasd.speculation.asynchronous.pilots.clairvoyant import ChainDurations, early_cover
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


def steep(costs):
    """Durations that only the passes in a table have; any other pass is an error."""
    return lambda width, context: costs[width, context]


def test_each_pass_of_a_chain_takes_what_its_own_context_costs(setting_of):
    """Behind a prompt of 8 and five emitted tokens 12 are in the caches."""
    target = steep({(1, 12): 500, (2, 12): 23})
    draft = steep({(1, 12): 10, (2, 12): 17})
    machine = setting_of(draft, target, transfer=3, decision=2).machine
    durations = ChainDurations(machine, apart=False)
    assert durations.step(5) == pytest.approx(10e-12)
    first, messages = 17, 2 * (3 + 2)
    # No earlier pass fits before the first token: the last one is two wide.
    expected = [500, first + messages + 23]
    assert durations.until(5, 2, 1) == pytest.approx([picoseconds * 1e-12 for picoseconds in expected])


@pytest.mark.parametrize(("apart", "first"), [(False, 25), (True, 17 + 10)])
def test_an_early_pass_leaves_a_narrow_one_at_a_longer_context(setting_of, apart, first):
    passes = {(k, 12): 21 + k for k in range(1, 6)} | {(3, 14): 250, (3, 15): 300}
    machine = setting_of(steep({(1, 12): 10, (2, 12): 17, (3, 12): 25}), steep(passes), transfer=0).machine
    found = ChainDurations(machine, apart).until(5, 3, 5)
    # A pass takes 21 + k: it ends before token k is there if it begins with k - 3 of them, to which it adds the last
    # token of the text. With none it would be no early pass.
    covered = [0, 0, 0, 0, 2, 3]
    last = [passes[1 + k - before, 12 + before] for k, before in enumerate(covered)]
    steps = [0, *(first + 10 * k for k in range(5))]
    assert found == pytest.approx([(steps[k] + last[k]) * 1e-12 for k in range(6)])


def test_the_rejected_token_s_step_is_hidden_where_the_pass_behind_the_chain_is_as_long(setting_of):
    draft, target = steep({(1, 12): 30, (2, 12): 45}), steep({(1, 12): 44, (1, 15): 30, (1, 16): 29})
    durations = ChainDurations(setting_of(draft, target, transfer=0).machine, apart=False)
    assert durations.hides_a_step(5, 1, 3)  # 30 beside 30
    assert not durations.hides_a_step(5, 1, 4)  # 30 beside 29
    assert durations.hides_a_step(5, 1, 0)
    assert not durations.hides_a_step(5, 2, 0)  # the first step feeds two: 45 beside 44


@pytest.mark.parametrize(
    ("tokens", "step", "duration", "covered"),
    [
        # It begins when two are drafted, at 20, and ends at 46, before the fifth; it feeds them and the text's last.
        (5, 10, 26, 3),
        (4, 10, 26, 2),
        (3, 10, 26, 0),
        (4, 10, 9, 4),
        (2, 10, 9, 2),
        (1, 10, 9, 0),
        (3, 0, 9, 0),  # no time to draft
    ],
)
def test_an_early_pass_feeds_what_is_drafted_when_it_must_begin(tokens, step, duration, covered):
    assert early_cover(tokens, step, duration) == covered
