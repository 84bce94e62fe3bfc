"""Weights lie in one piece of memory that processes share, whatever the limits of descriptors and /dev/shm."""

import copy
import gc
import io
import os
import pickle

import pytest
import torch

from ahasd.decoding.asynchronous.workers.shared_pickle import _Packer, _unpack
from ahasd.decoding.asynchronous.workers.weight_arena import WeightArena, arena_of, move_into_arena

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere torch shares tensors by itself")


def through(content):
    """What comes out of a pickle, in the same process: its arenas need no spawning then."""
    written = io.BytesIO()
    packer = _Packer(written)
    packer.dump(content)
    return _unpack(written.getvalue(), packer.arenas(), None).content


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def test_a_model_in_an_arena_is_the_same_model():
    layer, other = torch.nn.Linear(5, 3), torch.nn.Linear(3, 5)
    other.weight = layer.weight  # tied
    expected = [parameter.clone() for parameter in (*layer.parameters(), other.bias)]
    parameters = [*layer.parameters(), *other.parameters()]
    move_into_arena(parameters)
    assert [arena_of(parameter) is not None for parameter in parameters] == [True] * 4
    assert len({id(arena_of(parameter)) for parameter in parameters}) == 1
    for parameter, before in zip((layer.weight, layer.bias, other.bias), expected, strict=True):
        assert torch.equal(parameter, before)
    addresses = [parameter.data_ptr() for parameter in parameters]
    move_into_arena(parameters)
    assert [parameter.data_ptr() for parameter in parameters] == addresses


def test_tensors_of_all_shapes_types_and_strides_arrive():
    base = torch.arange(24.0).reshape(4, 6)
    move_into_arena([base])
    content = {
        "in an arena": base,
        "a view": base.t()[1:3],
        "loose": torch.arange(7, dtype=torch.int64),
        "odd bytes": torch.tensor([True, False, True]),
        "half": torch.arange(5).to(torch.bfloat16),
        "a scalar": torch.tensor(3.5, dtype=torch.float64),
        "empty": torch.empty(0, 4),
        "a parameter": torch.nn.Parameter(torch.ones(2, 2), requires_grad=False),
        "a view of loose": torch.arange(10.0)[3:9:2],
    }
    found = through(content)
    for name, tensor in content.items():
        assert torch.equal(found[name], tensor), name
        assert found[name].stride() == tensor.stride(), name
        assert type(found[name]) is type(tensor), name
    assert not found["a parameter"].requires_grad


def test_what_is_in_an_arena_is_shared_and_not_copied():
    weight = torch.zeros(4, 4)
    move_into_arena([weight])
    found = through([weight, weight.t(), weight])
    assert found[0] is found[2]
    weight[1, 2] = 7.0
    assert found[0][1, 2] == 7.0
    assert found[1][2, 1] == 7.0


def test_an_arena_lasts_as_long_as_its_tensors_and_no_longer():
    gc.collect()
    before = descriptors()
    weights = [torch.ones(3) for _ in range(50)]
    move_into_arena(weights)
    assert descriptors() <= before + 2
    del weights[:49]
    assert arena_of(weights[0]) is not None
    weights.clear()
    gc.collect()
    assert descriptors() == before


def test_a_moved_model_can_be_copied_and_saved():
    norm = torch.nn.BatchNorm1d(3)
    move_into_arena([*norm.parameters(), *norm.buffers()])
    for other in (copy.deepcopy(norm), pickle.loads(pickle.dumps(norm))):
        assert all(torch.equal(a, b) for a, b in zip(norm.buffers(), other.buffers(), strict=True))


def test_views_begin_at_any_multiple_of_their_type():
    arena = WeightArena(64)
    arena.bytes.copy_(torch.arange(64, dtype=torch.uint8))
    for start in (0, 2, 8, 62):
        assert arena.view(start, torch.int16, (1,), (1,)).item() == start + 256 * (start + 1)


@pytest.mark.parametrize("kind", [{}, {"model_type": "qwen3", "head_dim": 8}], ids=["lean", "transformers"])
def test_a_worker_runs_on_the_memory_of_the_callers_model(small_models, monkeypatch, kind):
    from ahasd.decoding.asynchronous.workers.worker_model import worker_model

    monkeypatch.setattr("ahasd.decoding.models.llama_weights.FUSED_BYTES_AT_MOST", 0)
    model = small_models.random_model(**kind)
    content, _ = through(worker_model(model, False, 0.0).shared.content)
    norm = model.model.model.norm.weight
    found = content.norm if not kind else content.model.model.norm.weight
    with torch.no_grad():
        norm[3] = 77.0
    assert found[3] == 77.0
    assert {id(arena_of(weight)) for weight in model.model.parameters()} == {id(arena_of(norm))}
