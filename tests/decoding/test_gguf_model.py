"""Models out of .gguf files."""

import os
import sys

import pytest
import torch

pytest.importorskip("gguf")

from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.decoding.models.gguf_model import dequantised_size
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.errors import AhasdError

from .written_gguf import TOKENS, write_gguf


def made(small_models, architecture="llama", **given):
    kinds = {"gemma3": "gemma3_text"}
    values = {
        "model_type": kinds.get(architecture, architecture),
        "intermediate_size": 64,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
        "vocabulary": len(TOKENS),
    } | given
    if architecture in ("qwen3", "gemma3"):
        values |= {"head_dim": 16}
    if architecture == "gemma3":
        values |= {
            "sliding_window": 4,
            "num_hidden_layers": 7,
            "query_pre_attn_scalar": 16,
            "rope_parameters": {
                "full_attention": {"rope_type": "default", "rope_theta": 10_000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            },
        }
    if architecture == "qwen2":
        values |= {"use_sliding_window": False}
    return small_models.random_model(**values)


TEXT = [5, 9, 200, 7, 7, 30, 1, 64, 2]


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
@pytest.mark.parametrize("tied", [True, False])
def test_the_logits_are_those_of_the_model_that_was_written(small_models, tmp_path, architecture, tied):
    original = made(small_models, architecture, tie_word_embeddings=tied)
    metadata = {"gemma3.attention.sliding_window": 4} if architecture == "gemma3" else {}
    path = write_gguf(tmp_path / "m.gguf", original.model, architecture, metadata=metadata)
    read = load_language_model(path)
    assert read.name == "m"
    assert read.end_tokens == {len(TOKENS) - 1}
    assert read.context_limit == 512
    assert torch.equal(small_models.whole_logits(read, TEXT), small_models.whole_logits(original, TEXT))


def test_quantised_blocks_become_what_the_package_says_they_mean(small_models, tmp_path):
    original = made(small_models)
    path = write_gguf(tmp_path / "m.gguf", original.model, quantised=True)
    file, read = GgufFile(path), load_language_model(path).model
    assert torch.equal(read.model.layers[1].mlp.down_proj.weight, file.weight("blk.1.ffn_down.weight"))
    # A block of 32 has one scale, its largest value over 127; rounding is off by half of it at most,
    # and the scale itself, a float16, by up to 2^-11.
    exact = original.model.model.layers[1].mlp.down_proj.weight
    scale = exact.abs().view(-1, 32).amax(-1, keepdim=True) / 127
    off = (read.model.layers[1].mlp.down_proj.weight - exact).abs().view(-1, 32)
    assert bool((off <= 0.57 * scale).all())
    assert not torch.equal(read.model.layers[1].mlp.down_proj.weight, exact)


def test_rotary_factors_of_the_file_are_those_of_llama_3(small_models, tmp_path):
    rope = {
        "rope_type": "llama3",
        "rope_theta": 10_000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    }
    original, plain = made(small_models, rope_parameters=rope), made(small_models)
    factors = plain.model.model.rotary_emb.inv_freq / original.model.model.rotary_emb.inv_freq
    assert float(factors.max()) > 1
    path = write_gguf(tmp_path / "m.gguf", original.model, tensors={"rope_freqs.weight": factors.numpy()})
    read, text = load_language_model(path), TEXT * 4
    expected = small_models.whole_logits(original, text)
    assert torch.allclose(small_models.whole_logits(read, text), expected, atol=1e-4)
    assert not torch.allclose(small_models.whole_logits(plain, text), expected, atol=1e-2)


def test_it_decodes_by_every_path_as_by_itself(small_models, tmp_path):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model)
    texts = []
    for options in ({"method": "autoregressive"}, {"draft": path}):
        with SpeculativeDecoder(target=str(path), **options) as decoder:
            texts.append(decoder.generate([[3, 4, 5]], max_new_tokens=20).new_tokens)
    assert texts[0] == texts[1]


def test_other_types_of_weights_are_made_on_request(small_models, tmp_path):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model, quantised=True)
    assert load_language_model(path, dtype="bfloat16").model.dtype == torch.bfloat16
    assert load_language_model(path, dtype="auto").model.dtype == torch.float32


def test_the_size_is_known_before_the_weights_are_read(small_models, tmp_path):
    model = made(small_models).model
    path = write_gguf(tmp_path / "m.gguf", model, quantised=True)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert GgufFile(path).bytes_as_float32 == 4 * count
    assert "dequantised to 0 MB of float32" in dequantised_size(path)


def test_weights_larger_than_the_memory_are_refused_unread(small_models, tmp_path, monkeypatch):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model)
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1}[name])
    with pytest.raises(AhasdError, match=r"dequantised to .* and the machine has 0\.0 GB"):
        load_language_model(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"without": ("blk.1.ffn_up.weight",)}, r"lacks the weights model\.layers\.1\.mlp\.up_proj\.weight"),
        (
            {"tensors": {"blk.0.ssm_a": [[1.0]]}},
            r"no place in a 'llama' model of 2 layers, such as blk\.0\.ssm_a",
        ),
        ({"tensors": {"blk.2.ffn_up.weight": [[1.0]]}}, "no place"),
        ({"tensors": {"output_norm.weight": [float("nan")] * 32}}, "infinite or not numbers"),
        ({"metadata": {"llama.rope.scaling.type": "yarn"}}, "scaled by 'yarn'"),
        ({"metadata": {"llama.embedding_length": None}}, "metadata lack llama.embedding_length"),
        ({"metadata": {"llama.embedding_length": 64}}, "no model can be made of it"),
        ({"metadata": {"llama.attention.head_count": 0}}, "no model can be made of it"),
        ({"pre": "poro-chat"}, "splits text in the way 'poro-chat'"),
        ({"metadata": {"tokenizer.ggml.model": "rwkv"}}, "its tokenizer is 'rwkv'"),
    ],
)
def test_what_cannot_be_run_is_named(small_models, tmp_path, changes, message):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model, **changes)
    with pytest.raises(AhasdError, match=message) as caught:
        load_language_model(path)
    assert str(path) in str(caught.value)


def test_an_unknown_architecture_is_named_with_those_that_are_known(small_models, tmp_path):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"llama", b"mamba"))
    with pytest.raises(
        AhasdError, match=r"its architecture is 'mamba'; of \.gguf files these are read: llama, qwen2"
    ):
        load_language_model(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.3, 0.6, 0.95, 0.999])
def test_a_truncated_file_is_an_error_that_names_it(small_models, tmp_path, share):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(AhasdError, match=r"m\.gguf: not a whole \.gguf file"):
        load_language_model(path)


def test_without_the_package_it_is_said_what_to_install(small_models, tmp_path, monkeypatch):
    path = write_gguf(tmp_path / "m.gguf", made(small_models).model)
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(AhasdError, match=r"needs the package gguf .*pip install 'gguf"):
        load_language_model(path)


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_a_path_that_is_no_file_is_an_error(tmp_path, kind):
    path = tmp_path / "m.gguf"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(AhasdError, match=r"m\.gguf"):
        load_language_model(path)
