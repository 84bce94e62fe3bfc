"""ahasd-plus: control by goodput and the choice of a mapping."""

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.run import SpeculationRun
from ahasd.systems.families import load_system
from ahasd.traces.default import TINY_PAIR_TRACE
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.walk import TraceWalk

PILOTED = {"control": "goodput", "verify": "coalesce", "coalesce_limit": 64}


def seconds(machine, trace, tokens=400):
    return machine.run(TraceWalk(trace, 0), FixedLength(2), tokens).end


def test_a_useless_draft_costs_no_more_than_its_exploration(setting_of):
    machine = setting_of(100, 1000, transfer=0, **PILOTED)
    plain = 400 * 1000
    worthless = seconds(machine, synthesize(0.0, 0.5, positions=500))
    # Before 64 verdicts it may wait for a draft step a pass; from then on it decodes.
    assert plain <= worthless <= plain + 64 * 6 * 100


def test_a_useless_draft_is_given_up(setting_of):
    machine = setting_of(100, 1000, transfer=0, **PILOTED)
    trace = synthesize(0.0, 0.5, positions=500)
    outcome = machine.run(TraceWalk(trace, 0), FixedLength(2), 400)
    last = max(task.end for task in outcome.timeline.tasks if task.track == "pim")
    assert last < outcome.end / 2


@pytest.mark.parametrize(("draft", "verify"), [(100, 1000), (100, 250), (100, 40), (100, 130)])
@pytest.mark.parametrize("control", ["goodput", "paper"])
def test_a_certain_draft_and_free_control_reach_the_slower_sides_rate(setting_of, draft, verify, control):
    machine = setting_of(draft, verify, transfer=0, **(PILOTED | {"control": control}))
    taken = seconds(machine, synthesize(1.0, 0.5, positions=500))
    # A pass takes all that is pending, so the draft is what limits. Its first batch and the last pass are extra, and
    # a pass before a token is there emits the target's own, after which the draft catches up.
    assert taken <= 400 * draft + 2 * draft + 3 * verify


def test_on_slow_memory_it_drafts_and_on_fast_memory_it_does_not():
    chosen = {}
    for hardware in ("module-mac", "rank-both"):
        given = {
            "pair": "opt-1.3b:opt-6.7b",
            "hardware": hardware,
            "tokens": 64,
            "algorithm": "fixed:2",
            "trace": TINY_PAIR_TRACE,
        }
        run = SpeculationRun(resolve(RunConfiguration.checked(system="ahasd-plus", **given)))
        chosen[hardware] = run.resolved.system.schedule
        assert run.resolved.system.name == "ahasd-plus"
        alone = SpeculationRun(resolve(RunConfiguration.checked(system="pim-autoregressive", **given)))
        assert run.outcome.end <= alone.outcome.end / 0.98
    assert chosen == {"module-mac": "asynchronous", "rank-both": "autoregressive"}


def test_the_prompts_that_it_tried_are_left_out():
    run = SpeculationRun(
        resolve(RunConfiguration.checked(system="ahasd-plus", pair="opt-1.3b:opt-6.7b", tokens=8))
    )
    resolved = resolve(RunConfiguration.checked(system="ahasd-plus"))
    held_out, rest = resolved.trace.split_prompts()
    assert run.resolved.trace.positions == rest.positions < resolved.trace.positions
    assert held_out.prompts + rest.prompts == resolved.trace.prompts


IDEAL = ("system.ideal_refresh=true", "system.ideal_control_latency=true")


def test_what_is_set_of_the_system_is_set_of_its_alternatives_too():
    given = {"system": "ahasd-plus", "pair": "opt-1.3b:opt-6.7b", "hardware": "rank-both", "tokens": 64}
    plain = SpeculationRun(resolve(RunConfiguration.checked(**given)))
    ideal = SpeculationRun(resolve(RunConfiguration.checked(**given, set=IDEAL)))
    assert plain.resolved.system.schedule == ideal.resolved.system.schedule == "autoregressive"
    assert ideal.resolved.system.ideal_refresh
    faster = ideal.result(search_break_even=False).tokens_per_second
    assert faster > plain.result(search_break_even=False).tokens_per_second


def test_an_alternative_that_does_not_fit_is_none_whatever_controls_the_system():
    document = load_system("npu-pim-sync").model_dump(exclude_none=True) | {"alternatives": ["specpim"]}
    asked = RunConfiguration.checked(system=document, pair="opt-1.3b:opt-6.7b", tokens=32)
    assert SpeculationRun(resolve(asked)).resolved.system.operators == "mapped"


def test_the_chosen_system_has_no_alternatives_left():
    document = load_system("npu").model_dump(exclude_none=True) | {"alternatives": ["ahasd-plus"]}
    asked = RunConfiguration.checked(system=document, pair="opt-1.3b:opt-6.7b", tokens=32)
    assert SpeculationRun(resolve(asked)).resolved.system.alternatives == ()
