"""Fetching ahead changes no text, and fetches what the next gates choose already."""

import pytest

from ahasd.decoding.experts.look_ahead import wanted
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


def run(folder, gate=None, **given):
    with OffloadedModel(folder, OffloadSettings(BUDGET, **given), gate) as model:
        return run_offloaded(model, PROMPT, GREEDY), model


@pytest.mark.parametrize("pool", ["layer", "model"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_text_stays_and_every_read_is_accounted_for(mixtral, pool, depth):
    plain, _ = run(mixtral, pool=pool)
    ahead, model = run(mixtral, pool=pool, look_ahead=depth)
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

    expected, _ = run(mixtral, look_ahead=2)
    with OffloadedModel(mixtral, OffloadSettings(BUDGET, look_ahead=2)) as model:
        read, model.residency._read = model.residency._read, slow
        found = run_offloaded(model, PROMPT, GREEDY)
    assert found.tokens == expected.tokens
    assert (found.continuation.hits, found.prefetched) == (expected.continuation.hits, expected.prefetched)


def test_the_nearest_layer_that_misses_something_is_fetched_for():
    there = {(1, 4), (1, 5), (2, 4), (3, 4)}
    choices = {1: [4, 5], 2: [5, 4], 3: [6, 4]}
    assert wanted([1, 2, 3], choices.__getitem__, lambda *place: place in there) == [(2, 5)]
    assert wanted([1], choices.__getitem__, lambda *place: place in there) == []
    assert wanted([3], choices.__getitem__, lambda *place: False) == [(3, 6), (3, 4)]


def test_too_deep_a_look_is_refused(mixtral):
    with pytest.raises(AhasdError, match="must be 0 to 3"):
        OffloadedModel(mixtral, OffloadSettings(BUDGET, look_ahead=4))


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
