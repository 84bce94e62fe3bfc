"""The walk by hand: when copies arrive, what counts, and what a pass of several tokens needs."""

from typing import Any

import numpy as np
import pytest

from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.lru import Lru
from ahasd.experts.configuration import ExpertsConfiguration
from ahasd.experts.decode.decoder import ExpertDecoder
from ahasd.experts.decode.needs import passes
from ahasd.experts.gate.gate import TopK
from ahasd.experts.gate.sensitivity import SensitivityGate
from ahasd.experts.layer_schedule.costs import LayerCosts
from ahasd.experts.layer_schedule.schedules import layer_schedule
from ahasd.experts.place import place
from ahasd.experts.prefetch.prefetch import prefetch_named
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.trace import RoutingTrace


def hand_made(chosen: Any, own: int = 0, ahead: Any = None, scores: Any = None) -> RoutingTrace:
    array = np.array(chosen, np.int16)
    return RoutingTrace(
        RoutingHeader("m", 4, tuple(range(array.shape[1])), "none", "greedy", 0, 0, "p", "1"),
        array,
        np.array([0, len(array)], np.int32),
        np.array([own], np.int32),
        None if scores is None else np.array(scores, np.float16),
        None if scores is None else array,
        None if ahead is None else np.array(ahead, np.int16),
    )


def walk(
    trace: RoutingTrace, costs: LayerCosts, prefetch: str, schedule: str = "copy"
) -> tuple[Any, list[float]]:
    caches: list[ExpertCache] = [Lru(2) for _ in range(trace.layers)]
    decoder = ExpertDecoder(
        trace, caches, prefetch_named(prefetch), layer_schedule(schedule), costs, dense=0.5
    )
    return decoder.counts[True], [step.end for step in decoder.walk(passes(trace, TopK(), 1))]


def test_a_copy_for_the_next_layer_goes_on_behind_this_ones_and_through_the_dense_part() -> None:
    trace = hand_made([[[0], [1], [2]]], ahead=[[[[1]], [[2]], [[-1]]]])
    costs = LayerCosts(processor=1.0, host=None, copy=2.0)
    _, alone = walk(trace, costs, "none")
    assert alone == pytest.approx([3.5, 7.0, 10.5])
    counts, ends = walk(trace, costs, "next-gate")
    # Layer 1's copy runs while layer 0 computes (1 s) and through its own dense part (0.5 s): half a second is left.
    assert ends == pytest.approx([3.5, 5.5, 7.5])
    assert (counts.copied, counts.fetched_ahead) == (3, 0)


def test_what_arrives_in_time_is_used_and_what_is_wrong_is_for_nothing() -> None:
    trace = hand_made([[[0], [1], [2]]], ahead=[[[[1]], [[3]], [[-1]]]])
    counts, ends = walk(trace, LayerCosts(processor=3.0, host=None, copy=2.0), "next-gate")
    assert ends == pytest.approx([5.5, 9.0, 14.5])
    assert (counts.ahead_used, counts.copied, counts.hits) == (1, 2, 0)
    assert counts.fetched_ahead == 2


def test_a_copy_that_a_layer_does_not_need_gives_way_to_its_own() -> None:
    trace = hand_made([[[0], [1]]], ahead=[[[[3]], [[-1]]]])
    _, wrong = walk(trace, LayerCosts(processor=1.0, host=None, copy=2.0), "next-gate")
    assert wrong == pytest.approx([3.5, 7.0])


def test_what_the_host_computes_is_not_taken_in() -> None:
    trace = hand_made([[[0]], [[0]]])
    counts, ends = walk(trace, LayerCosts(processor=1.0, host=0.25, copy=2.0), "none", "host")
    assert (counts.on_host, counts.hits) == (2, 0)
    assert ends == pytest.approx([0.75, 1.5])


def test_a_prefix_is_one_pass_and_tokens_that_share_an_expert_are_counted() -> None:
    trace = hand_made([[[0, 1]], [[0, 2]], [[0, 1]], [[3, 1]], [[3, 0]]], own=3)
    prefix, first, second = passes(trace, TopK(), 1)
    assert (prefix.written, list(prefix.tokens), prefix.needs) == (False, [0, 1, 2], ({0: 3, 1: 2, 2: 1},))
    assert (first.needs, second.needs) == (({3: 1, 1: 1},), ({3: 1, 0: 1},))
    (_, both) = passes(trace, TopK(), 2)
    assert both.needs == ({3: 2, 1: 1, 0: 1},)


def test_a_gate_looks_at_the_scores_of_the_chosen() -> None:
    trace = hand_made([[[0, 1]], [[2, 3]]], scores=[[[0.98, 0.02]], [[0.5, 0.5]]])
    first, second = passes(trace, SensitivityGate([1.0], 0.005), 1)
    assert first.needs == ({0: 1},)
    assert second.needs == ({2: 1, 3: 1},)


def test_layers_of_a_shorter_text_are_as_large_as_the_models() -> None:
    def placed(layers: int) -> Any:
        routing = f"synthetic-routing:experts=8,top=2,layers={layers},tokens=8,prompts=1,prefix=0"
        return place(ExpertsConfiguration(system="experts-lru", routing=routing)).mixture

    few, all_ = placed(4), placed(32)
    assert few.dense_bytes / 4 == pytest.approx(all_.dense_bytes / 32)
    assert few.expert_bytes == all_.expert_bytes
    assert few.stored_bytes * 8 == pytest.approx(all_.stored_bytes)
