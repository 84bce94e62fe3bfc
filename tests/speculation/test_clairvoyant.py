"""The clairvoyant bound: no control on the same mapping is faster."""

from itertools import product
from math import inf

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ahasd.speculation.asynchronous.pilots.clairvoyant import (
    WINDOW,
    ChainDurations,
    Clairvoyant,
    early_cover,
    plan,
)
from ahasd.speculation.control.pilot import PassChoice, StepChoice
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


class Chain:
    """A chain at the beginning of a trace of which so many tokens would be accepted."""

    row = wrap = 0

    def __init__(self, accepted: int) -> None:
        self._accepted = accepted

    def leading_accepted(self, most: int) -> int:
        return min(self._accepted, most)


def starts(visible, verified=0, next_token=10.0, pass_s=15.0, wanted=5, base=0, accepted=99):
    choice = PassChoice(Chain(accepted), base, verified, visible, next_token, 10.0, pass_s)
    return Clairvoyant({(0, 0, 0): wanted}).starts_pass(choice)


def test_a_pass_starts_when_all_that_is_wanted_is_there():
    assert starts(visible=5)
    assert not starts(visible=4, pass_s=99.0)
    assert starts(visible=4, pass_s=99.0, next_token=inf)  # no more to come


def test_an_earlier_pass_starts_at_the_last_token_from_which_it_ends_before_the_wanted_one_is_there():
    """Two are missing, which takes 20; from the next token on there would be 10."""
    found = [starts(visible=3, pass_s=seconds) for seconds in (10.0, 10.1, 20.0, 20.1)]
    assert found == [False, True, True, False]
    assert not starts(visible=3, verified=3, pass_s=15.0)  # it would tell nothing


def test_behind_a_long_chain_a_pass_starts_whatever_is_wanted():
    assert starts(visible=WINDOW, wanted=99, pass_s=999.0)
    assert not starts(visible=WINDOW - 1, wanted=99, pass_s=999.0)
    assert not starts(visible=WINDOW, verified=1, wanted=99, pass_s=999.0)


def test_off_the_plan_a_chain_is_drafted_to_its_first_rejection():
    assert starts(visible=2, base=7, accepted=2, pass_s=99.0)
    assert not starts(visible=1, base=7, accepted=2, pass_s=99.0)


def drafts(drafted, covered=5, left=10.0, wanted=5, accepted=5):
    choice = StepChoice(Chain(accepted), 0, 0, drafted, covered, left, 10.0)
    return Clairvoyant({(0, 0, 0): wanted}).drafts(choice)


def test_the_rejected_token_is_drafted_where_its_step_is_hidden_behind_the_last_pass():
    assert drafts(4, covered=None, left=0.0)  # wanted
    assert drafts(5)
    assert not drafts(6)
    assert not drafts(5, left=9.9)
    assert not drafts(5, covered=None, left=inf)
    assert not drafts(5, covered=4)
    assert not drafts(5, accepted=6)  # cut short: the next token is no rejected one


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cuts", [True, False])
@pytest.mark.parametrize(("draft", "fixed", "each"), [(10, 60, 9), (40, 60, 1), (25, 30, 30)])
def test_the_plan_is_as_fast_as_the_fastest_of_all_ways_to_cut_the_chains(
    setting_of, seed, cuts, draft, fixed, each
):
    tokens = 9
    trace = synthesize(0.6, 0.5, positions=60, prompts=2, seed=seed)
    made = setting_of(draft, lambda width, context: fixed + each * width + context, transfer=1).machine
    durations, walk = ChainDurations(made, apart=False), TraceWalk(trace, seed)

    def step(chain, emitted, unseen, k):
        """Seconds of a chain of k tokens, and what the draft has not been fed behind it."""
        run = min(chain.leading_accepted(tokens), tokens - emitted - 1)
        hidden = k == run == chain.leading_accepted(tokens) and durations.hides_a_step(emitted, unseen, k)
        left = 1 if hidden else (2 if k else unseen + 1)
        return durations.until(emitted, unseen, run)[k], left

    def fastest(chain, emitted, unseen):
        most = tokens - emitted - 1
        run = min(chain.leading_accepted(tokens), most)
        found = []
        for k in range(run + 1) if cuts else (run,):
            seconds, left = step(chain, emitted, unseen, k)
            found.append(
                seconds if k == most else seconds + fastest(walk.after(chain, k), emitted + k + 1, left)
            )
        return min(found)

    lengths = plan(made, False, walk, tokens, cuts)
    chain, emitted, unseen, total = walk.start(), 0, 1, 0.0
    while True:
        k = lengths[chain.row, chain.wrap, emitted]
        seconds, left = step(chain, emitted, unseen, k)
        total += seconds
        if k == tokens - emitted - 1:
            break
        chain, emitted, unseen = walk.after(chain, k), emitted + k + 1, left
    assert total == pytest.approx(fastest(walk.start(), 0, 1))
