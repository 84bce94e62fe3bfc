"""The target alone beside a run, and the acceptance at which both are equally fast."""

from statistics import mean
from typing import Any

import pytest

from ahasd.speculation.break_even_search import BreakEvenRate
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun, build_machine, simulate
from ahasd.speculation.target_alone import TargetAlone, break_even
from ahasd.traces.default import TINY_PAIR_TRACE


def searched(setting_of: Any, draft: int, target: Any) -> BreakEvenRate:
    """The break-even of a serial run of set costs; the target alone has those costs too."""

    class SetAlone(TargetAlone):
        def fastest_picoseconds(self, tokens: int) -> int:
            return round(tokens * setting.machine.target_steps.cost(1, 0).seconds * 1e12)

    configuration = {"system": "npu", "algorithm": "fixed:3", "tokens": 200, "prompt_tokens": 8}
    trace = {"trace": "synthetic:acceptance=0.5,auc=0.5,positions=500"}
    resolved = resolve(RunConfiguration.checked(pair="tiny-draft:tiny-target", **configuration, **trace))
    setting = setting_of(draft, target, schedule="serial")
    return break_even(resolved, setting.machine, SetAlone(resolved, build_machine(resolved)))


def test_break_even_by_closed_form(setting_of):
    """Rounds of 3·50 + 150 = 300 ps pay from 300 / 120 = 2.5 tokens on: 1 + α + α² + α³ = 2.5, α = 0.673."""
    found = searched(setting_of, 50, lambda width, context: 120 if width == 1 else 150)
    assert not found.always
    assert found.acceptance == pytest.approx(0.673, abs=0.05)


def test_a_draft_that_costs_more_than_the_target_never_pays(setting_of):
    assert searched(setting_of, 200, 100) == BreakEvenRate(None, always=False)


def test_a_free_draft_and_cheaper_wide_passes_always_pay(setting_of):
    found = searched(setting_of, 1, lambda width, context: 100 if width == 1 else 90)
    assert found == BreakEvenRate(None, always=True)


@pytest.mark.parametrize("system", ["npu", "npu-pim-async+aau"])
def test_at_break_even_a_run_is_as_fast_as_the_target_alone(system):
    """256 tokens tell the acceptance to a few percent; the search keeps to the paying side of it."""
    given: dict[str, Any] = {"system": system, "algorithm": "fixed:4"}
    found = [
        simulate(
            **given, trace="synthetic:acceptance=0.8,auc=0.5,positions=2000", tokens=256, seed=seed
        ).speculation.break_even_acceptance
        for seed in range(3)
    ]
    level = mean(rate for rate in found if rate)
    trace = f"synthetic:acceptance={level:.4f},auc=0.5,positions=2000"
    run = SpeculationRun(resolve(RunConfiguration.checked(**given, trace=trace, tokens=256)))
    results = [run.with_seed(seed).result(search_break_even=False) for seed in range(20)]
    speedups = [result.verdict.speedup_over_best_alone for result in results]
    assert mean(speedups) == pytest.approx(0.99, abs=0.04)


@pytest.mark.parametrize("system", ["npu", "npu-pim-async+aau", "ahasd"])
def test_more_acceptance_is_more_speed(system):
    speeds = []
    for acceptance in (0.2, 0.5, 0.8, 0.95):
        trace = f"synthetic:acceptance={acceptance},auc=0.5,positions=2000"
        configuration = RunConfiguration.checked(system=system, algorithm="fixed:4", trace=trace, tokens=256)
        speeds.append(
            SpeculationRun(resolve(configuration)).result(search_break_even=False).tokens_per_second
        )
    assert speeds == sorted(speeds)
    assert speeds[-1] > 1.5 * speeds[0]


@pytest.mark.parametrize("acceptance", [0.1, 0.5, 0.95])
def test_break_even_and_verdict_agree(acceptance):
    """On a target in memory too, which alone has more ranks than beside a draft."""
    for system, changes in (("npu", ()), ("npu", ("system.target_device=pim",)), ("npu-pim-async+aau", ())):
        trace = f"synthetic:acceptance={acceptance},auc=0.5,positions=2000"
        result = simulate(
            system=system, set=changes, trace=trace, algorithm="fixed:3", tokens=256, hardware="rank-compute"
        )
        level = result.speculation.break_even_acceptance
        if level is None:
            assert result.verdict.pays is result.speculation.always_pays
        elif abs(level - acceptance) > 0.1:
            assert result.verdict.pays == (acceptance > level)


def test_the_target_alone_is_simulated_on_every_device_that_has_room():
    result = simulate(system="ahasd", trace="synthetic:acceptance=0.8,auc=0.7,positions=800", tokens=32)
    assert result.baseline.device == "npu"
    ways = result.verdict.alternatives
    assert [way.name for way in ways] == [
        "npu-autoregressive",
        "pim-autoregressive",
        "npu+pim-autoregressive",
    ]
    assert ways[0].tokens_per_second == result.baseline.tokens_per_second
    for way in ways:
        together = {"system": "npu-pim-split", "algorithm": "none"}
        alone = simulate(**(together if "+" in way.name else {"system": way.name}), tokens=32)
        assert way.tokens_per_second == pytest.approx(alone.tokens_per_second)
        assert way.joules_per_token == pytest.approx(alone.joules_per_token)
    plain = simulate(system="npu", hardware="lpddr5", trace="synthetic:positions=800", tokens=16)
    assert [way.name for way in plain.verdict.alternatives] == ["npu-autoregressive"]


def test_break_even_is_against_the_target_on_all_the_ranks_that_it_alone_would_have():
    """A certain draft beats the target on its share of the ranks, not on all of them."""
    result = simulate(
        system="npu",
        pair="opt-1.3b:opt-6.7b",
        set=("system.target_device=pim", "pim.weight_reuse=4"),
        trace="synthetic:acceptance=1,auc=0.5,positions=800",
        algorithm="fixed:3",
        tokens=64,
        hardware="rank-compute",
    )
    assert len(result.placement["target"]) < 16
    assert result.speedup < 1
    assert (result.speculation.break_even_acceptance, result.speculation.always_pays) == (None, False)


def test_in_memory_without_aau_the_target_s_vector_work_is_the_npu_s(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: module-mac\naau: null\n", encoding="utf-8")
    given: dict[str, Any] = {
        "pair": "opt-1.3b:opt-6.7b",
        "trace": "synthetic:acceptance=0.8,auc=0.5",
        "tokens": 24,
    }
    beside = simulate(system="npu", algorithm="fixed:3", hardware=str(file), **given)
    (in_memory,) = (other for other in beside.verdict.alternatives if other.name == "pim-autoregressive")
    asked = simulate(system="pim-autoregressive", hardware="module-mac", set=("system.aau=false",), **given)
    assert in_memory.tokens_per_second == asked.tokens_per_second


def test_in_memory_without_aau_and_npu_the_target_runs_only_beside_the_gpu():
    found = simulate(
        system="gpu", algorithm="fixed:3", hardware="specpim-hbm", pair="tiny-draft:tiny-target", tokens=24
    )
    assert [other.name for other in found.verdict.alternatives] == [
        "gpu-autoregressive",
        "gpu+pim-autoregressive",
    ]


def test_a_system_of_mapped_operators_is_held_against_split_ones_too():
    """On both devices together there are two plain ways; the one that is not the system's own may be the faster."""
    given = {"hardware": "module-op", "algorithm": "fixed:4", "tokens": 48, "trace": TINY_PAIR_TRACE}
    mapped, other = simulate(system="npu-pim-sync", **given), simulate(system="npu", **given)
    assert mapped.baseline.how == "operator by operator"
    assert mapped.baseline.tokens_per_second == pytest.approx(
        simulate(system="npu-pim-sync", **given | {"algorithm": "none"}).tokens_per_second
    )
    speeds = {way.name: way.tokens_per_second for way in other.verdict.alternatives}
    split = speeds["npu+pim-autoregressive"]
    assert split > mapped.tokens_per_second > mapped.baseline.tokens_per_second
    assert mapped.verdict.speedup_over_best_alone == pytest.approx(mapped.tokens_per_second / split)
    assert not mapped.verdict.pays
    assert ", operator by operator" in mapped.verdict.sentence


def test_a_system_that_chose_to_draft_nothing_says_so():
    found = simulate(system="ahasd-plus", tokens=32)
    assert found.speculation.drafted == 0
    assert found.verdict.sentence.endswith(
        "It drafts nothing: on held-out prompts no way with a draft was faster."
    )
    plain = simulate(system="npu-autoregressive", tokens=32)
    assert "drafts nothing" not in plain.verdict.sentence
