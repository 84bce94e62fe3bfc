"""Drafts that share embeddings and output layer with their target, and name a part of the vocabulary."""

import json

import pytest
import torch
from safetensors.torch import save_file

pytest.importorskip("gguf")

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.named_head import UNNAMED
from ahasd.decoding.models.shared_draft import DOCUMENT, WEIGHTS
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.errors import AhasdError

from .written_gguf import TOKENS, write_gguf

NAMED = [1, 2, 5, 9, 64, 200, 250]
TEXT = [5, 9, 200, 7, 7, 30, 1, 64, 2]


@pytest.fixture
def target(small_models, tmp_path):
    model = small_models.random_model(
        vocabulary=len(TOKENS), intermediate_size=64, num_key_value_heads=2, tie_word_embeddings=True
    )
    return write_gguf(tmp_path / "target.gguf", model.model), model


@pytest.fixture
def make_draft(small_models, tmp_path, target):
    def make(width, damage=None):
        """Give the folder of a draft, and the whole model that it stands for."""
        path, of_target = target
        whole = (
            small_models.random_model(
                seed=1, vocabulary=len(TOKENS), hidden_size=width, num_hidden_layers=1, intermediate_size=40
            )
            .model.half()
            .float()
        )  # as the file keeps it
        tensors = {
            name: tensor.half().contiguous()
            for name, tensor in whole.state_dict().items()
            if not name.startswith(("lm_head", "model.embed"))
        } | {"named": torch.tensor(NAMED, dtype=torch.int32)}
        embedding = of_target.model.model.embed_tokens.weight.detach()
        if width != embedding.shape[1]:
            into, out_of = (torch.randn(width, embedding.shape[1]).half() for _ in range(2))
            tensors |= {"into": into, "out_of": out_of}
            whole.model.embed_tokens.weight.data = embedding @ into.float().t()
            whole.lm_head.weight.data = embedding @ out_of.float().t()
        else:
            whole.model.embed_tokens.weight.data = whole.lm_head.weight.data = embedding
        folder = tmp_path / f"draft-{width}"
        folder.mkdir()
        config = {
            key: getattr(whole.config, key)
            for key in (
                "hidden_size",
                "intermediate_size",
                "num_hidden_layers",
                "num_attention_heads",
                "num_key_value_heads",
                "max_position_embeddings",
                "rms_norm_eps",
            )
        }
        document = {"target": str(path), "config": config}
        if damage is not None:
            damage(document, tensors)
        (folder / DOCUMENT).write_text(json.dumps(document))
        save_file(tensors, folder / WEIGHTS)
        return folder, whole

    return make


@pytest.mark.parametrize("width", [32, 16])
def test_logits_of_named_tokens_are_those_of_the_whole_model(make_draft, small_models, width):
    folder, whole = make_draft(width)
    read = load_language_model(folder)
    logits = small_models.whole_logits(read, TEXT)
    with torch.no_grad():
        expected = whole(torch.tensor([TEXT])).logits[0]
    assert logits.shape == expected.shape
    assert torch.allclose(logits[:, NAMED], expected[:, NAMED], atol=1e-4)
    others = sorted(set(range(len(TOKENS))) - set(NAMED))
    assert bool((logits[:, others] == UNNAMED).all())
    assert bool((logits[:, others].softmax(-1).isfinite()).all())


def test_the_lean_forward_runs_it(make_draft, small_models):
    read = load_language_model(make_draft(16)[0])
    runner = build_runner(read)
    assert isinstance(runner, LeanRunner)
    assert runner.vocabulary_size == len(TOKENS)
    assert torch.allclose(runner.forward(TEXT), small_models.whole_logits(read, TEXT), atol=1e-4)


@pytest.mark.parametrize("method", ["speculative", "async"])
@pytest.mark.parametrize("do_sample", [False, True])
def test_the_text_is_the_targets_own_though_it_holds_tokens_that_the_draft_cannot_name(
    make_draft, target, method, do_sample
):
    folder, _ = make_draft(16)
    options = {"sampling": "coupled"} if do_sample else {}
    texts = []
    for given in ({"method": "autoregressive"}, {"draft": folder, "method": method}):
        with SpeculativeDecoder(target=target[0], **given, **options) as decoder:
            texts.append(decoder.generate([TEXT], max_new_tokens=24, do_sample=do_sample, seed=3).new_tokens)
    assert texts[0] == texts[1]
    assert set(texts[0][0]) - set(NAMED)


def test_its_tokenizer_is_the_targets(make_draft, target):
    read = load_language_model(make_draft(16)[0])
    assert read.tokenizer.get_vocab() == load_language_model(target[0]).tokenizer.get_vocab()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda document, tensors: document.update(target="nowhere"), "model nowhere: no such folder"),
        (lambda document, tensors: document.pop("config"), "does not say target and config"),
        (lambda document, tensors: tensors.pop("named"), "cannot be read; train it again"),
        (lambda document, tensors: tensors.pop("model.norm.weight"), "lacks the weights model.norm.weight"),
        (lambda document, tensors: tensors.update(into=torch.zeros(16, 8)), "cannot be read; train it again"),
        (lambda document, tensors: tensors["named"].fill_(9999), "cannot be read; train it again"),
        (lambda document, tensors: tensors["model.norm.weight"].fill_(torch.nan), "infinite or not numbers"),
    ],
)
def test_damage_is_named(make_draft, damage, message):
    folder, _ = make_draft(16, damage)
    with pytest.raises(AhasdError, match=message):
        load_language_model(folder)
