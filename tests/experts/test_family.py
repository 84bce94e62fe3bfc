"""Runs of the family: every expert has one fate, times add up, and published effects come out where they should."""

from functools import cache
from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.configuration import ExpertsConfiguration
from ahasd.experts.result import ExpertsResult
from ahasd.experts.run import ExpertsRun
from ahasd.experts.system import SYSTEMS
from ahasd.systems.simulate import simulate

ROUTING = (
    "synthetic-routing:experts=8,top=2,layers=6,tokens=90,prompts=2,prefix=10,zipf=0.5,repeat=0.3,depth=3"
)
HOSTED = ("a6000-xeon", "pcie3-desktop")


@cache
def run(system: str, hardware: str = "a6000-xeon", routing: str = ROUTING, **values: Any) -> ExpertsResult:
    result = simulate(system=system, hardware=hardware, routing=routing, **{"cached": 0.25, **values})
    assert isinstance(result, ExpertsResult)
    return result


@pytest.mark.parametrize("system", SYSTEMS.names)
@pytest.mark.parametrize("hardware", HOSTED)
def test_every_expert_has_one_fate_and_times_add_up(system: str, hardware: str) -> None:
    result = run(system, hardware)
    decode = result.experts.decode
    assert decode.hits + decode.ahead_used + decode.copied + decode.on_host == decode.needed
    assert decode.ahead_used <= decode.fetched_ahead
    assert result.tokens == 70
    assert result.tokens_per_second == pytest.approx(70 / result.seconds)
    assert result.experts.prefix_tokens == 20
    assert all(0 <= shares.busy <= 1 for shares in result.devices.values())
    if result.options["gate"] == "top-k":
        assert decode.needed == 70 * 6 * 2


@pytest.mark.parametrize("system", SYSTEMS.names)
def test_the_frozen_configuration_gives_the_same_result(system: str) -> None:
    first = run(system)
    again = simulate(**first.reproduce)
    assert again.model_dump(exclude={"reproduce"}) == first.model_dump(exclude={"reproduce"})


@pytest.mark.parametrize("hardware", HOSTED)
def test_with_all_experts_in_fast_memory_all_systems_are_equally_fast(hardware: str) -> None:
    speeds = [
        run(system, hardware, cached=1.0).tokens_per_second for system in SYSTEMS.names if system != "adapmoe"
    ]
    # Helping hands of the host apart, which takes resident experts where that is faster.
    assert min(speeds) == pytest.approx(run("experts-lru", hardware, cached=1.0).tokens_per_second)


def test_no_cache_that_copies_is_faster_than_the_bound() -> None:
    bound = run("experts-belady")
    for policy in ("lru", "lfu", "lfru", "mrs", "random"):
        found = run("experts-lru", set=(f"system.cache={policy}",))
        assert found.experts.decode.copied >= bound.experts.decode.copied, policy


def test_the_sensitivity_gate_and_slots_by_layer_save_loads() -> None:
    plain = run("experts-lru", "rtx4090-pcie4", cached=0.5)
    gated = run("experts-lru", "rtx4090-pcie4", cached=0.5, set=("system.gate=sensitivity",))
    assert gated.experts.decode.needed < plain.experts.decode.needed
    assert gated.seconds < plain.seconds
    both = run("adapmoe", "rtx4090-pcie4", cached=0.5)
    assert both.experts.slots[0] > both.experts.slots[-1]
    assert sum(both.experts.slots) == sum(plain.experts.slots)
    assert both.seconds < plain.seconds


def test_prefetching_pays_where_the_link_is_free_and_costs_where_it_slows_the_host() -> None:
    with_, without = (
        run("hybrimoe", "pcie3-desktop", set=(f"system.prefetch={kind}",)).seconds
        for kind in ("impact", "none")
    )
    assert with_ > without
    copying = [
        run("experts-lru", "rtx4090-pcie4", cached=0.5, set=(f"system.prefetch={kind}",)).seconds
        for kind in ("next-gate", "none")
    ]
    assert copying[0] < copying[1]


def test_ours_is_no_slower_than_leaving_misses_to_the_host_and_much_faster_over_a_prefix() -> None:
    for hardware in HOSTED:
        ours, host = run("experts-plus", hardware), run("ktransformers-like", hardware)
        assert ours.seconds <= host.seconds * (1 + 1e-9)
        assert ours.experts.prefix_seconds < host.experts.prefix_seconds


def test_verifying_several_tokens_needs_the_union_of_their_experts() -> None:
    one, four = run("experts-lru"), run("experts-lru", width=4)
    assert four.experts.passes < one.experts.passes
    assert four.experts.decode.needed < one.experts.decode.needed
    assert four.seconds < one.seconds


def test_more_fast_memory_is_never_slower() -> None:
    for system in ("experts-lru", "experts-offload-layers", "ktransformers-like", "experts-plus"):
        times = [run(system, cached=share).seconds for share in (0.125, 0.5, 1.0)]
        assert times == sorted(times, reverse=True), system


def test_flash_is_read_at_the_rate_of_its_reads() -> None:
    """Experts of a phone's mixture: bytes over the rate of large reads, and what all passes take besides."""
    result = run("experts-lru", "phone-flash", cached=0.25, expert_bits=4.5)
    copied, each = result.experts.decode.copied, 3 * 4096 * 14336 * 4.5 / 8
    assert result.seconds > copied * each / 4.4e9
    assert result.seconds < 1.3 * copied * each / 4.4e9 + 70 * 6 * 0.02


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"hardware": "a6000"}, UnknownNameError, "Did you mean 'a6000-xeon'"),
        ({"system": "ktransformers-like", "hardware": "rtx4090-pcie4"}, AhasdError, "must be copied"),
        ({"routing": "synthetic-routing:experts=16"}, AhasdError, "6 of 16 experts, mixtral-8x7b 2 of 8"),
        ({"set": ("system.cache=lur",)}, AhasdError, "Did you mean 'lru'"),
        ({"set": ("system.prefetch=x",)}, AhasdError, "unknown prefetching"),
        ({"set": ("npu.clock_ghz=1",)}, AhasdError, "options of the system alone"),
        ({"set": ("system.slots=adapmoe",), "cached": 0.05}, AhasdError, "fewer than the 6 layers"),
        ({"width": 0}, AhasdError, "width"),
    ],
)
def test_what_cannot_run_is_refused(values: dict[str, Any], error: type[AhasdError], said: str) -> None:
    with pytest.raises(error, match=said):
        simulate(**{"system": "experts-lru", "routing": ROUTING, **values})


def test_the_walk_counts_what_the_replay_counts() -> None:
    """Without gate, prefetch and prefix, one expert to a token: the cache of the walk is that of the replay."""
    from ahasd.experts.cache.policies import parse_policy
    from ahasd.experts.decode.decoder import ExpertDecoder
    from ahasd.experts.decode.needs import passes
    from ahasd.experts.gate.gate import TopK
    from ahasd.experts.layer_schedule.costs import LayerCosts
    from ahasd.experts.layer_schedule.schedules import layer_schedule
    from ahasd.experts.prefetch.prefetch import NoPrefetch
    from ahasd.experts.replay import replay
    from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize

    trace = synthesize(
        SyntheticRouting(experts=12, top=1, layers=3, tokens=300, prompts=1, prefix=0, depth=0)
    )
    for name in ("lru", "lfu", "lfru", "mrs", "random"):
        caches = [parse_policy(name).build(4, 12, 1, []) for _ in range(3)]
        decoder = ExpertDecoder(
            trace, caches, NoPrefetch(), layer_schedule("copy"), LayerCosts(1.0, None, 2.0), 0.5
        )
        steps = list(decoder.walk(passes(trace, TopK(), 1)))
        hits = replay(trace, parse_policy(name), 4).all.hits
        assert decoder.counts[True].hits == hits, name
        # Nothing overlaps: a dense part and an expert for each layer, and a copy for each miss.
        assert steps[-1].end == pytest.approx(900 * 1.5 + (900 - hits) * 2.0)


def test_a_run_says_that_made_up_routing_is_no_models() -> None:
    assert any(note.startswith("Made-up routing") for note in run("experts-lru").notes)
    assert isinstance(ExpertsRun(ExpertsConfiguration(system="experts-lru", routing=ROUTING)).work, int)


def test_a_result_says_that_the_hottest_experts_were_counted_on_the_text_itself() -> None:
    def notes(*changes: str) -> str:
        settings = ExpertsConfiguration(
            system="ktransformers-like",
            routing="synthetic-routing:experts=8,top=2,layers=2,tokens=40,prompts=1",
            cached=0.5,
            set=changes,
        )
        return " ".join(ExpertsRun(settings).result().notes)

    assert "the first 25% of this very text" in notes()
    assert "oracle" in notes("system.cache=static-hot:share=1")
    assert "very text" not in notes("system.cache=lru")


def test_a_result_says_whose_sensitivities_its_gate_has() -> None:
    settings = ExpertsConfiguration(system="adapmoe", cached=0.5)
    assert "those of Mixtral 8x7B." in " ".join(ExpertsRun(settings).result().notes)
