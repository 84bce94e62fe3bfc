"""What every built-in system does on the default pair, from configuration to result."""

from functools import cache
from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.configuration import RunConfiguration, freeze, resolve
from ahasd.speculation.options.read import SYSTEMS, parse_system
from ahasd.speculation.results import SpeculationResult as Result
from ahasd.speculation.run import SpeculationRun, simulate
from ahasd.systems.families import load_system

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"
TREE_TRACE = "synthetic-tree:positions=800"
#: Systems that verify guesses of heads; what they do with them is tested in trees/.
TREES = [name for name in SYSTEMS.names if load_system(name).schedule == "tree"]
# A system with alternatives may run one without a draft; its own tests are in test_choosing.py.
SPECULATIVE = [
    name
    for name in SYSTEMS.names
    if load_system(name).schedule not in ("autoregressive", "tree") and not load_system(name).alternatives
]
# Systems whose two sides work at the same time.
ASYNCHRONOUS = [name for name in SPECULATIVE if load_system(name).schedule in ("asynchronous", "pearl")]


def trace_for(system: Any) -> str:
    """What the system's guesses are a trace of."""
    return TREE_TRACE if system in TREES else TRACE


@cache
def run(system: str, **values: Any) -> Result:
    given = {"trace": trace_for(system), "tokens": 64, "algorithm": "adaedl", **values}
    return SpeculationRun(resolve(RunConfiguration.checked(system=system, **given))).result(
        search_break_even=False
    )


@pytest.mark.parametrize("system", SYSTEMS.names)
@pytest.mark.parametrize("algorithm", ["fixed:4", "adaedl", "svip:calibrated"])
def test_the_result_agrees_with_itself(system, algorithm):
    if system in TREES and load_system(system).asks_policy:
        algorithm = algorithm.partition(":calibrated")[0]  # thresholds are calibrated on rollouts
    result = run(system, algorithm=algorithm)
    assert result.tokens == 64
    assert result.tokens_per_second == pytest.approx(64 / result.seconds)
    assert result.tpot_s == pytest.approx(result.seconds / 64)
    assert result.seconds_prefill < result.ttft_s <= result.seconds_prefill + result.seconds
    assert (
        result.speculation.drafted
        == result.speculation.accepted
        + result.speculation.rejected
        + result.speculation.flushed
        + result.speculation.in_flight
    )
    assert result.speculation.wasted == result.speculation.drafted - result.speculation.accepted
    assert sum(result.speculation.accepted_histogram.values()) == result.speculation.verifications
    assert result.speculation.mean_acceptance_length == pytest.approx(
        (64 + result.speculation.tokens_cut) / result.speculation.verifications
    )
    assert sum(result.energy_j.values()) == pytest.approx(result.joules_per_token * 64)
    assert result.average_power_w * result.seconds == pytest.approx(sum(result.energy_j.values()))
    assert all(joules >= 0 for joules in result.energy_j.values())
    if system in TREES:
        assert result.speculation.joules_wasted is None
    else:
        assert 0 <= result.speculation.joules_wasted < sum(result.energy_j.values())
    for shares in result.devices.values():
        assert shares.busy + shares.idle + shares.blocked == pytest.approx(1)
        assert all(0 <= share <= 1 for share in (shares.busy, shares.idle, shares.blocked))
    if result.speculation.drafted:
        assert result.speculation.draft_acceptance_rate == pytest.approx(
            result.speculation.accepted / (result.speculation.accepted + result.speculation.rejected)
        )
        assert result.speculation.draft_efficiency == pytest.approx(
            result.speculation.accepted / result.speculation.drafted
        )
        assert result.baseline is not None
        assert result.speedup == pytest.approx(result.tokens_per_second / result.baseline.tokens_per_second)
    else:
        assert (
            result.speculation.draft_acceptance_rate
            is result.speculation.draft_efficiency
            is result.speedup
            is None
        )
    for queue in result.speculation.queues.values():
        assert 0 <= queue.mean <= queue.max
        assert 0 <= queue.full_s <= result.seconds


def test_what_the_speculative_systems_are():
    assert {"npu", "npu-pim-async", "npu-pim-async+aau", "npu-pim-async+aau+edc", "ahasd"} <= set(SPECULATIVE)


@pytest.mark.parametrize("system", SYSTEMS.names)
def test_the_same_configuration_gives_the_same_bytes(system):
    again = run.__wrapped__(system)
    assert again.model_dump_json() == run(system).model_dump_json()


@pytest.mark.parametrize("system", SYSTEMS.names)
@pytest.mark.parametrize("algorithm", ["adaedl", "none"])
def test_the_frozen_configuration_gives_the_same_bytes(system, algorithm):
    configuration = RunConfiguration.checked(
        system=system, trace=trace_for(system), tokens=16, algorithm=algorithm
    )
    frozen = freeze(resolve(configuration)).model_dump(mode="json")
    again = SpeculationRun(resolve(RunConfiguration.checked(**frozen))).result(search_break_even=False)
    assert again == SpeculationRun(resolve(configuration)).result(search_break_even=False)


@pytest.mark.parametrize("system", SPECULATIVE)
def test_five_seeds_give_five_runs(system):
    assert len({run(system, seed=seed).seconds for seed in range(5)}) == 5


@pytest.mark.parametrize("system", [*SPECULATIVE, *TREES])
def test_without_a_draft_a_system_is_its_target_alone(system):
    about_itself = {"system", "options", "reproduce", "verdict"}
    without, alone = run(system, algorithm="none"), target_alone(system)
    plain = without.model_dump(exclude=about_itself)
    assert plain == alone.model_dump(exclude=about_itself)
    assert without.verdict.alternatives == alone.verdict.alternatives
    baseline = run(system).baseline
    assert baseline is not None
    assert baseline.tokens_per_second == plain["tokens_per_second"]


def target_alone(system: str) -> Result:
    preset = load_system(system)
    if "+" not in preset.target_device and not preset.ideal_options:
        there = preset.default_hardware
        alone = f"{preset.target_device}-autoregressive"
        return run(alone, trace=trace_for(system), algorithm="none", hardware=there)
    alone = {"name": "alone", "description": "by hand", "schedule": "autoregressive"}
    shared = set(load_system("npu-autoregressive").switches()).intersection(preset.ideal_options)
    same = {"target_device", "operators", "design_draft_length", "default_hardware", *shared}
    same |= {"placement"} if "+" in preset.target_device else set()
    return run.__wrapped__(alone | preset.model_dump(include=same), algorithm="none")


@pytest.mark.parametrize("bandwidth", [19.2, 25.6, 51.2])
@pytest.mark.parametrize("length", [1, 4, 8])
@pytest.mark.parametrize("changes", [(), ("system.draft_device=pim",), ("system.target_device=pim",)])
def test_more_bandwidth_is_never_slower_for_a_fixed_length_in_turn(bandwidth, length, changes):
    faster = (*changes, f"memory.channel_gb_per_second={bandwidth}")
    given = {"algorithm": f"fixed:{length}", "hardware": "module-mac"}
    assert run("npu", set=faster, **given).seconds <= run("npu", set=changes, **given).seconds


@pytest.mark.parametrize("system", ["npu-autoregressive", "pim-autoregressive"])
def test_more_bandwidth_is_never_slower_for_the_target_alone(system):
    faster = ("memory.channel_gb_per_second=25.6",)
    assert run(system, set=faster).seconds <= run(system).seconds


@pytest.mark.parametrize("system", SPECULATIVE)
def test_a_certain_draft_is_faster_than_a_worthless_one(system):
    certain, none = (
        run(system, trace=f"synthetic:acceptance={alpha},auc=0.5,positions=800", algorithm="fixed:4")
        for alpha in (1, 0)
    )
    assert certain.seconds < none.seconds
    assert (none.speculation.accepted, none.speculation.verifications) == (0, 64)


@pytest.mark.parametrize("system", ASYNCHRONOUS)
@pytest.mark.parametrize("length", [2, 4])
def test_certain_drafts_and_free_control_reach_the_slower_sides_rate(system, length):
    """With nothing in its way a batch takes as long as its drafts or its pass; the first and the last are extra."""
    ideal = tuple(f"system.{name}=true" for name in type(load_system(system)).switches())
    changes = (*ideal, "system.block_length=policy") if system == "pearl" else ideal
    certain, tokens = "synthetic:acceptance=1,auc=0.5,positions=800", 200
    given = {"trace": certain, "tokens": tokens, "algorithm": f"fixed:{length}", "set": changes}
    done = SpeculationRun(resolve(RunConfiguration.checked(system=system, **given)))
    middle = done.placed.lengths.prompt + tokens // 2
    draft = done.placed.machine.drafter.cost(1, middle).seconds
    verify = done.placed.machine.target_steps.cost(length + 1, middle).seconds
    bound = max(draft, verify / length)
    assert (
        done.result(search_break_even=False).tpot_s <= 1.01 * bound + (length * draft + 2 * verify) / tokens
    )


@pytest.mark.parametrize("system", SPECULATIVE)
def test_without_acceptance_there_is_a_pass_a_token(system):
    result = run(system, trace="synthetic:acceptance=0,auc=0.5,positions=800", algorithm="fixed:2")
    assert result.speculation.accepted_histogram == {0: 64}
    assert result.speedup < 1


def test_an_option_that_removes_a_conflict_shows_and_never_slows_down():
    for name in ("ideal_rank_sharing", "ideal_bus_sharing", "ideal_control_latency"):
        ideal = run("npu-pim-async+aau", algorithm="fixed:4", set=(f"system.{name}=true",))
        assert any(name in note for note in ideal.notes)
        assert ideal.options[name] is True
        assert ideal.seconds <= run("npu-pim-async+aau", algorithm="fixed:4").seconds


def test_an_unknown_system_is_named():
    with pytest.raises(UnknownNameError, match="npu-pim-async"):
        simulate(system="npu-pim-asink")


@pytest.mark.parametrize(
    ("system", "changes", "problem"),
    [
        ("npu-autoregressive", {"draft_device": "npu"}, "draft_device is an option of serial, pearl and"),
        ("npu", {"edc": True}, "edc is an option of asynchronous systems; this one is serial"),
        ("npu", {"block_length": "policy"}, "block_length is an option of pearl systems"),
        ("ahasd", {"draft_device": None}, "draft_device is None"),
        ("ahasd", {"draft_device": "npu", "aau": False}, "drafts on the pim and verifies on the npu"),
        ("ahasd", {"target_device": "pim"}, "drafts on the pim and verifies on the npu"),
        ("npu", {"aau": True}, "aau belongs to the pim"),
        ("ahasd", {"coalesce_limit": 0}, "must be at least 1"),
        ("ahasd", {"queues": {"feedback": 0}}, "must be above 0"),
        ("ahasd", {"schedule": "parallel"}, "must be one of autoregressive"),
        ("ahasd", {"aua": True}, r"unknown key 'system.aua' \(did you mean 'system.aau'"),
        ("ahasd", {"control": "goodput"}, "leaves nothing to edc"),
        ("npu", {"tree": {"policy": "propd"}}, "tree is an option of tree systems; this one is serial"),
        ("medusa", {"tree": {"policy": "oak"}}, "policy"),
        ("medusa", {"tree": {"policy": "static", "nodes": 7}}, "nodes"),
        ("propd", {"early_recall": 0.5, "pruning": "off"}, "pruning is not calibrated"),
        ("tree-clairvoyant", {"pruning": "forced"}, "nothing to prune"),
    ],
)
def test_an_inconsistent_system_is_refused(system, changes, problem):
    document = load_system(system).model_dump() | changes
    with pytest.raises(AhasdError, match=problem):
        parse_system(document)
    with pytest.raises(AhasdError, match=problem):
        resolve(RunConfiguration.checked(system=document, trace=TRACE))


@pytest.mark.parametrize("system", SYSTEMS.names)
def test_presets_say_what_they_are(system):
    preset = load_system(system)
    assert preset.name == system
    assert preset.description
    assert preset.ideal_options == (preset.switches() if system == "ahasd-ideal" else [])
