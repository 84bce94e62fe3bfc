"""Folders of heads: what is saved is read, and what is not of this target or is damaged is refused."""

import json

import pytest
import torch

from ahasd.decoding.heads.byte_matrices import from_bytes, to_bytes
from ahasd.decoding.heads.medusa_file import load_medusa
from ahasd.decoding.heads.one_layer_file import load_one_layer
from ahasd.errors import AhasdError

from .made_heads import ACCURACY, make_medusa, make_one_layer, named_tokens

KINDS = [(make_medusa, load_medusa), (make_one_layer, load_one_layer)]


@pytest.fixture(scope="module")
def target(small_models):
    return small_models.random_model()


def test_bytes_keep_every_weight_within_half_a_step():
    torch.manual_seed(0)
    matrix = torch.randn(20, 30) * torch.logspace(-3, 2, 20)[:, None]
    found = from_bytes(to_bytes({"a": matrix, "n": torch.arange(5), "v": torch.ones(3)}))
    assert ((found["a"] - matrix).abs() <= matrix.abs().amax(1, keepdim=True) / 127 * 0.5001).all()
    assert found["n"].tolist() == list(range(5))
    assert found["v"].tolist() == [1.0, 1.0, 1.0]


def test_medusa_heads_guess_by_their_formula(target, tmp_path):
    heads = load_medusa(make_medusa(tmp_path, target), target, "heads")
    assert heads.accuracy == ACCURACY
    states = torch.randn(2, target.model.config.hidden_size)
    logits = heads.logits(states, 3)
    rows = target.model.lm_head.weight[named_tokens(target)]
    for head in range(3):
        changed = states + torch.nn.functional.silu(states @ heads.blocks[head].T)
        torch.testing.assert_close(logits[:, head], changed @ rows.T)


@pytest.mark.parametrize(("make", "load"), KINDS)
def test_heads_of_another_target_are_refused(target, small_models, tmp_path, make, load):
    make(tmp_path, target)
    for other, said in (
        (small_models.random_model(seed=1), None),
        (small_models.random_model(vocabulary=67), "vocabulary"),
        (small_models.random_model(hidden_size=48), "hidden size"),
    ):
        if said is None:
            with torch.no_grad():
                other.model.model.norm.weight.add_(1)
            said = "weights"
        with pytest.raises(AhasdError, match=f"another {said}"):
            load(tmp_path, other, "heads")


@pytest.mark.parametrize(("make", "load"), KINDS)
def test_a_target_of_another_kind_is_refused(target, small_models, tmp_path, make, load):
    make(tmp_path, target)
    other = small_models.random_model(model_type="gpt2", n_embd=32, n_layer=2, n_head=4)
    with pytest.raises(AhasdError, match="gpt2"):
        load(tmp_path, other, "heads")


def damage_document(folder):
    document = next(folder.glob("*.json"))
    document.write_text(json.dumps(json.loads(document.read_text()) | {"accuracy": [[0.5], [2.0]]}))


def cut_document(folder):
    document = next(folder.glob("*.json"))
    document.write_text(document.read_text()[:40])


def cut_weights(folder):
    weights = next(folder.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-9])


def take_weights(folder):
    next(folder.glob("*.safetensors")).unlink()


def spoil_weights(folder):
    from safetensors.torch import load_file, save_file

    path = next(folder.glob("*.safetensors"))
    tensors = load_file(path)
    name = next(name for name in tensors if name.endswith(".scales"))
    tensors[name][0] = torch.nan
    save_file(tensors, path)


@pytest.mark.parametrize("damage", [damage_document, cut_document, cut_weights, take_weights, spoil_weights])
@pytest.mark.parametrize(("make", "load"), KINDS)
def test_damaged_heads_are_refused(target, tmp_path, make, load, damage):
    damage(make(tmp_path, target))
    with pytest.raises(AhasdError):
        load(tmp_path, target, "heads")
