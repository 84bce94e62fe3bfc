"""A mixture with its experts on disk writes what it writes with all of them in memory."""

import numpy as np
import pytest
import torch

from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import run_offloaded
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.routing_recorder import record_routing
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.prefetch.prefetch import prefetch_named
from ahasd.experts.replay import replay
from ahasd.experts.replay_ahead import replay_ahead

from .mixtures import KINDS

TEXT = "def main(arguments):\n    return"
GREEDY = RecordSettings("greedy", tokens_per_prompt=24)
SAMPLED = RecordSettings("sampled", tokens_per_prompt=24, seed=3)


def bytes_for(model, slots):
    """The budget that gives every layer so many slots."""
    return (slots * len(model.layers) + model.memory.working) * model.memory.expert_bytes


def offloaded(folder, slots, **given):
    with OffloadedModel(folder, OffloadSettings(10**9)) as probe:
        budget = bytes_for(probe, slots)
    return OffloadedModel(folder, OffloadSettings(budget, **given))


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_that_of_the_whole_model_for_every_layout(mixtures, tmp_path, kind):
    folder = mixtures.save_mixture(tmp_path / kind, kind)
    model = mixtures.whole(folder)
    prompt = model.tokenizer(TEXT)["input_ids"]
    runner = TransformersRunner(model)
    with torch.inference_mode():
        expected = continue_prompt(runner, prompt, 0, model.vocabulary_size, GREEDY).tokens
    with offloaded(folder, 1) as small:
        run = run_offloaded(small, prompt, GREEDY)
        assert run.tokens == expected
        assert sum(run.continuation.misses) > 0
        assert small.memory.slots == 1


def test_single_tokens_give_the_numbers_of_the_whole_model(mixtures, mixtral):
    model = mixtures.whole(mixtral)
    with offloaded(mixtral, 2) as small:
        runners = TransformersRunner(model), TransformersRunner(small.model)
        with torch.inference_mode():
            for token in range(5, 25):
                expected, found = (runner.forward([token], rows=1) for runner in runners)
                torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("slots", [0, 1, 3, 6])
@pytest.mark.parametrize("cache", ["lru", "lfu", "lfru", "mrs", "least-stale", "random:seed=4"])
def test_hits_are_those_of_the_replayed_trace_of_the_same_text(mixtures, mixtral, cache, slots):
    trace = record_routing(
        mixtures.whole(mixtral), [Prompt("1", "", (TEXT,))], mode="sampled", tokens_per_prompt=24, seed=3
    )
    expected = replay(trace, parse_policy(cache), slots)
    with offloaded(mixtral, slots, cache=cache) as small:
        run = run_offloaded(small, small.model.tokenizer(TEXT)["input_ids"], SAMPLED)
    hits = expected.hits
    assert run.prefix.hits == tuple(hits[~trace.written].sum(axis=0))
    assert run.continuation.hits == tuple(hits[trace.written].sum(axis=0))
    taken = np.array(run.continuation.hits) + run.continuation.misses
    assert np.all(taken == trace.written.sum() * trace.top)


@pytest.mark.parametrize("cache", ["lru", "lfu", "least-stale"])
def test_hits_of_a_cache_that_layers_share_are_those_of_its_replay(mixtures, mixtral, cache):
    trace = record_routing(
        mixtures.whole(mixtral), [Prompt("1", "", (TEXT,))], mode="sampled", tokens_per_prompt=24, seed=3
    )
    expected = replay(trace, parse_policy(cache), 2, "model")
    with offloaded(mixtral, 2, cache=cache, pool="model") as small:
        run = run_offloaded(small, small.model.tokenizer(TEXT)["input_ids"], SAMPLED)
    assert run.prefix.hits == tuple(expected.hits[~trace.written].sum(axis=0))
    assert run.continuation.hits == tuple(expected.hits[trace.written].sum(axis=0))


@pytest.mark.parametrize("prefetch", ["next-gate", "three-gates", "adaptive"])
@pytest.mark.parametrize(
    ("cache", "pool", "slots"),
    [("lru", "layer", 1), ("lru", "layer", 3), ("mrs", "layer", 2), ("lfu", "model", 2), ("lru", "model", 3)],
)
def test_hits_and_fetches_ahead_are_those_of_the_replay_that_fetches_ahead(
    mixtures, mixtral, cache, pool, slots, prefetch
):
    trace = record_routing(
        mixtures.whole(mixtral), [Prompt("1", "", (TEXT,))], mode="sampled", tokens_per_prompt=24, seed=3
    )
    expected = replay_ahead(trace, parse_policy(cache), slots, prefetch_named(prefetch), pool)
    with offloaded(mixtral, slots, cache=cache, pool=pool, prefetch=prefetch) as small:
        run = run_offloaded(small, small.model.tokenizer(TEXT)["input_ids"], SAMPLED)
    hits = expected.replay.hits
    assert run.prefix.hits == tuple(hits[~trace.written].sum(axis=0))
    assert run.continuation.hits == tuple(hits[trace.written].sum(axis=0))
    assert (run.prefetched, run.prefetched_used) == (expected.fetched, expected.used)
    assert run.prefetched_used > 0


def test_bytes_read_are_misses_times_the_size_of_an_expert(mixtral):
    with offloaded(mixtral, 2) as small:
        run = run_offloaded(small, small.model.tokenizer(TEXT)["input_ids"], GREEDY)
        for part in (run.prefix, run.continuation):
            assert part.bytes_read == sum(part.misses) * small.places.stored_bytes
        assert small.places.stored_bytes == 3 * 32 * 48 * 4


def test_with_room_for_all_experts_each_is_read_once(mixtral):
    with offloaded(mixtral, 6) as small:
        tokens = small.model.tokenizer(TEXT)["input_ids"]
        first, second = run_offloaded(small, tokens, GREEDY), run_offloaded(small, tokens, GREEDY)
    assert first.tokens == second.tokens
    assert sum(second.prefix.misses) + sum(second.continuation.misses) == 0
    assert second.prefix.bytes_read == 0


def test_experts_in_half_precision_become_what_the_model_computes_in(mixtures, mixtral, tmp_path):
    model = mixtures.whole(mixtral)
    folder = tmp_path / "half"
    model.model.half().save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)
    model = mixtures.whole(folder)
    prompt = model.tokenizer(TEXT)["input_ids"]
    with torch.inference_mode():
        expected = continue_prompt(TransformersRunner(model), prompt, 0, 1024, GREEDY).tokens
    with offloaded(folder, 1) as small:
        assert run_offloaded(small, prompt, GREEDY).tokens == expected
        assert small.places.stored_bytes * 2 == small.memory.expert_bytes


def test_a_budget_below_one_token_is_refused_with_the_figures(mixtral):
    with pytest.raises(AhasdError, match=r"0\.1 MB \(3 of 0\.0 MB\); grant at least that"):
        OffloadedModel(mixtral, OffloadSettings(50_000))


@pytest.mark.parametrize("cache", ["belady", "static-hot"])
def test_a_cache_that_knows_the_future_cannot_run(mixtral, cache):
    with pytest.raises(AhasdError, match="moe replay"):
        OffloadedModel(mixtral, OffloadSettings(10**9, cache=cache))


def test_a_dense_model_has_nothing_to_offload():
    from ahasd.decoding.tiny_pair import target_path

    with pytest.raises(AhasdError, match="mixture of experts"):
        OffloadedModel(target_path(), OffloadSettings(10**9))
