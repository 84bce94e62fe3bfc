"""Systems with trees, from configuration to result."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import SpeculationRun, simulate
from ahasd.speculation.trees.simulated.suit import suits
from ahasd.traces.default import DEFAULT_TRACE, DEFAULT_TREE_TRACE

TRACE = "synthetic-tree:positions=1200"


def run(system: str, **values: Any) -> SpeculationResult:
    given = {"trace": TRACE, "tokens": 96, **values}
    return SpeculationRun(resolve(RunConfiguration.checked(system=system, **given))).result()


def built(system: str, **values: Any) -> SpeculationRun:
    return SpeculationRun(
        resolve(RunConfiguration.checked(**{"system": system, "trace": TRACE, "tokens": 96, **values}))
    )


def test_a_chain_on_heads_costs_what_a_verification_of_as_many_tokens_costs():
    """Chains are trees of width one: no mask, and the pass is that of every other schedule."""
    placed = built("tree-chain").placed
    for length in (1, 4):
        chain = placed.trees.verify(1, length, 200, chain=True)
        assert chain == placed.machine.target_steps.cost(length + 1, 200)
        assert placed.trees.verify(1, length, 200, chain=False).seconds >= chain.seconds


def test_pruning_everything_and_nothing_bounds_what_a_pruned_pass_costs():
    steps = built("propd", hardware="module-mac").placed.trees
    layers = steps.spec.layers
    whole, root = (steps.verify(1, nodes, 200, chain=False) for nodes in (40, 0))
    early_head = steps.verify_pruned(1, 40, 40, layers // 2, 200, chain=False).seconds - whole.seconds
    assert 0 < early_head < 0.2 * whole.seconds
    pruned = [steps.verify_pruned(1, 40, kept, layers // 2, 200, chain=False).seconds for kept in (0, 10, 40)]
    assert pruned == sorted(pruned)
    assert pruned[0] == pytest.approx((whole.seconds + root.seconds) / 2 + early_head, rel=0.03)


@pytest.mark.parametrize("system", ["medusa", "tree-table"])
@pytest.mark.parametrize("hardware", ["module-mac", "lpddr5", "rtx-5090-laptop", "jetson-agx-orin"])
def test_trees_run_on_the_device_that_a_machine_has(system, hardware):
    result = run(system, hardware=hardware)
    assert result.tokens == 96
    assert result.baseline is not None
    assert list(result.devices) == [result.baseline.device]


def test_a_device_that_was_asked_for_is_not_replaced():
    with pytest.raises(AhasdError, match="gpu"):
        run("medusa", hardware="module-mac", set=("system.target_device=gpu",))
    assert (
        "pim"
        in run("medusa", hardware="module-mac", set=("system.target_device=pim", "system.aau=true")).devices
    )


def test_a_size_that_is_measured_is_not_slower_than_none_at_any_batch():
    for batch in (1, 4, 16):
        result = run("tree-table", batch=batch, tokens=256)
        assert result.speedup is not None
        assert result.tokens == 256 * batch
        assert result.speedup > 0.9, batch


def test_a_batch_is_faster_together_and_its_baseline_is_one_too():
    one, four = run("medusa", hardware="module-mac"), run("medusa", hardware="module-mac", batch=4)
    assert one.baseline is not None
    assert four.baseline is not None
    assert (
        one.baseline.tokens_per_second < four.baseline.tokens_per_second < 4 * one.baseline.tokens_per_second
    )
    assert four.seconds_prefill == pytest.approx(4 * one.seconds_prefill)
    assert four.work.done == four.tokens == 4 * 96
    alone = simulate(system="npu-autoregressive", hardware="module-mac", batch=4, tokens=96, trace=TRACE)
    assert alone.tokens_per_second == pytest.approx(four.baseline.tokens_per_second)


def test_weights_of_heads_and_caches_of_all_texts_must_fit():
    with pytest.raises(AhasdError, match="GB"):
        run("medusa", hardware="module-mac", batch=256, prompt_tokens=4000)
    own, shared = (
        run("medusa", hardware="module-mac", set=(f"system.output_matrices={kind}",))
        for kind in ("own", "shared")
    )
    assert shared.seconds < own.seconds


def test_the_default_trace_of_trees_is_theirs():
    result = simulate(system="medusa", tokens=32)
    assert result.acceptance_from is not None
    assert DEFAULT_TREE_TRACE in result.acceptance_from
    assert "llama2-13b" in result.acceptance_from


def test_a_bound_says_so():
    result = run("tree-clairvoyant")
    assert "knows which guesses are right" in result.verdict.sentence
    assert result.tokens_per_second >= run("tree-optimal").tokens_per_second


def test_pruning_is_off_where_early_guesses_miss_too_much():
    low = f"{TRACE},early_layer=4,early_recall=0.72"
    result = run("propd", trace=low)
    assert any("pruning is off" in note and "95%" in note for note in result.notes)
    forced = run("medusa", trace=low, set=("system.pruning=forced",))
    plain = run("medusa", trace=low)
    assert forced.speculation.mean_acceptance_length < plain.speculation.mean_acceptance_length
    high = run("propd", trace=f"{TRACE},early_layer=4,early_recall=0.98")
    assert any("keeps the first" in note for note in high.notes)


def test_one_prompt_cannot_be_held_out():
    result = run("tree-table", trace="synthetic-tree:positions=400,prompts=1")
    assert any("spares none" in note for note in result.notes)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"trace": "synthetic:acceptance=0.5"}, "needs guesses of heads"),
        ({"trace": "synthetic-tree:depth=3"}, "4 deep and 10 wide"),
        ({"trace": "synthetic-tree:heads=0.6:0.7/0.3:0.4/0.2:0.3/0.1:0.2,top=4"}, "4 deep and 10 wide"),
        ({"set": ("system.pruning=forced",)}, "no early guesses"),
        (
            {"set": ("system.pruning=forced",), "trace": f"{TRACE},early_layer=99"},
            "the trace is of a deeper one",
        ),
        ({"set": ("system.target_device=npu+pim",), "hardware": "module-mac"}, "one after the other"),
        ({"batch": 0}, "batch"),
        ({"tokens": 100_000, "pair": "opt-1.3b:opt-6.7b"}, "position"),
    ],
)
def test_what_trees_cannot_do_is_refused(values, problem):
    with pytest.raises(AhasdError, match=problem):
        run("medusa", **values)


@pytest.mark.parametrize(
    ("algorithm", "problem"),
    [("svip:calibrated", "calibrated on rollouts"), ("specdecpp", "acceptance head")],
)
def test_an_algorithm_that_heads_cannot_serve_is_refused(algorithm, problem):
    with pytest.raises(AhasdError, match=problem):
        run("tree-chain", algorithm=algorithm)


def test_other_systems_refuse_guesses_of_heads_and_batches():
    with pytest.raises(AhasdError, match="needs its rollouts"):
        run("ahasd")
    with pytest.raises(AhasdError, match="one text at a time"):
        run("ahasd", trace="synthetic:acceptance=0.5,positions=400", batch=2)


def test_an_algorithm_that_is_not_asked_is_said_to_be_so():
    assert any("svip is not asked" in note for note in run("medusa", algorithm="svip").notes)


@pytest.mark.parametrize(
    ("system", "trace", "expected"),
    [
        ("medusa", "synthetic:acceptance=0.5", False),
        ("medusa", TRACE, True),
        ("medusa", DEFAULT_TRACE, True),
        ("ahasd", TRACE, False),
        ("ahasd", DEFAULT_TRACE, True),
        ("gpu-autoregressive", TRACE, True),
    ],
)
def test_which_trace_suits_which_system(system, trace, expected):
    assert suits(SYSTEMS.load(system), trace) is expected
