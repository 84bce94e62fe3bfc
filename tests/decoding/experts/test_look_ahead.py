"""Fetching ahead changes no text, and fetches what the next gates choose already."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import run_offloaded
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import Gate
from ahasd.experts.gate.sensitivity import SensitivityGate

PROMPT = [5, 6, 7, 8]
GREEDY = RecordSettings("greedy", tokens_per_prompt=24)
EXPERT = 18432
BUDGET = (3 * 2 + 3) * EXPERT


def run(folder, gate=None, budget=BUDGET, prompt=PROMPT, **given):
    with OffloadedModel(folder, OffloadSettings(budget, **given), gate) as model:
        return run_offloaded(model, prompt, GREEDY), model


@pytest.mark.parametrize("pool", ["layer", "model"])
@pytest.mark.parametrize("prefetch", ["next-gate", "three-gates", "adaptive"])
def test_text_stays_and_every_read_is_accounted_for(mixtral, pool, prefetch):
    plain, _ = run(mixtral, pool=pool)
    ahead, model = run(mixtral, pool=pool, prefetch=prefetch)
    assert ahead.tokens == plain.tokens
    assert ahead.prefetched > 0
    assert 0 < ahead.prefetched_used <= ahead.prefetched
    for before, after in ((plain.prefix, ahead.prefix), (plain.continuation, ahead.continuation)):
        assert sum(before.hits) + sum(before.misses) == sum(after.hits) + sum(after.misses)
    reads = model.reader.bytes_read / model.places.stored_bytes
    misses = sum(ahead.prefix.misses) + sum(ahead.continuation.misses)
    assert misses <= reads <= misses + ahead.prefetched


def test_what_is_decided_does_not_depend_on_how_long_reads_take(mixtral):
    import time

    def slow(row, expert, slot):
        time.sleep(0.002)
        read(row, expert, slot)

    expected, _ = run(mixtral, prefetch="adaptive")
    with OffloadedModel(mixtral, OffloadSettings(BUDGET, prefetch="adaptive")) as model:
        read, model.residency._read = model.residency._read, slow
        found = run_offloaded(model, PROMPT, GREEDY)
    assert found.tokens == expected.tokens
    assert (found.continuation.hits, found.prefetched) == (expected.continuation.hits, expected.prefetched)


def test_what_the_next_gate_chooses_is_there_when_its_layer_asks(mixtures, tmp_path):
    """With routers that all see and choose the same, nothing of a layer behind the first is ever missed."""
    folder = mixtures.save_mixture(tmp_path / "alike")
    path = folder / "model.safetensors"
    tensors = load_file(path)
    router = tensors["model.layers.0.block_sparse_moe.gate.weight"]
    for layer in range(3):
        prefix = f"model.layers.{layer}"
        tensors[f"{prefix}.block_sparse_moe.gate.weight"] = router.clone()
        for name in tensors:  # layers add nothing, so that every router is given the same
            if name.startswith(prefix) and ("o_proj" in name or ".w2." in name):
                tensors[name] = torch.zeros_like(tensors[name])
        tensors[f"{prefix}.post_attention_layernorm.weight"] = torch.ones(32)
    save_file(tensors, path, {"format": "pt"})
    room = {"budget": (3 * 6 + 3) * EXPERT, "prompt": PROMPT[:1]}
    plain, _ = run(folder, **room)
    found, _ = run(folder, prefetch="next-gate", **room)
    assert min(plain.prefix.misses) == 2
    assert found.prefix.misses == (2, 0, 0)
    assert found.continuation.misses[1:] == (0, 0)
    assert found.prefetched_used > 0


@pytest.mark.parametrize("prefetch", ["impact", "smoothed-scores"])
def test_ways_to_prefetch_that_need_a_simulation_are_refused(mixtral, prefetch):
    with pytest.raises(AhasdError, match="a run takes none, next-gate"):
        OffloadedModel(mixtral, OffloadSettings(BUDGET, prefetch=prefetch))


class OnlyFirst(Gate):
    def used(self, layer, scores):
        return 1


def test_a_gate_that_keeps_one_expert_gives_the_text_of_the_model_that_chooses_one(mixtures, tmp_path):
    one = mixtures.save_mixture(tmp_path / "one", num_experts_per_tok=1)
    two = mixtures.save_mixture(tmp_path / "two")
    expected, _ = run(one)
    found, _ = run(two, lambda layers: OnlyFirst())
    assert found.tokens == expected.tokens  # the weight of one expert is that of both: 1
    taken = (len(PROMPT) + 23) * 3
    assert found.left_out == taken
    assert (
        sum(found.prefix.hits + found.prefix.misses + found.continuation.hits + found.continuation.misses)
        == taken
    )


def test_a_gate_without_a_threshold_changes_nothing(mixtral):
    plain, _ = run(mixtral)
    gated, _ = run(mixtral, lambda layers: SensitivityGate([1.0] * layers, 0.0))
    assert gated.tokens == plain.tokens
    assert (gated.left_out, gated.continuation.hits) == (0, plain.continuation.hits)
