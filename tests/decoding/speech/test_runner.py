"""The lean decoder gives what transformers' Whisper gives, whatever the pass."""

import pytest
import torch
from transformers.modeling_outputs import BaseModelOutput

from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner, hear
from ahasd.decoding.speech.runner.decoder_weights import decoder_weights
from ahasd.decoding.speech.runner.layout import ROOT, sibling_layout, tree_layout
from ahasd.decoding.speech.runner.row_products import WAYS, RowProducts

CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.fixture(scope="module")
def states(target, noise):
    return encode(target, Window(0.0, noise[0]))


@pytest.fixture
def runner(target, states):
    weights = decoder_weights(target.whisper)
    products = RowProducts([layer.inner.weight for layer in weights.layers])
    return DecoderRunner(weights, hear(weights, states), products)


@torch.no_grad()
def expected(target, states, tokens):
    out = target.whisper(
        encoder_outputs=BaseModelOutput(states[None].clone()), decoder_input_ids=torch.tensor([tokens])
    )
    return out.logits[0]


def test_a_chain_in_any_parts(target, states, runner):
    tokens = [256, 3, 9, 27, 11, 8, 8, 100]
    logits = torch.cat([runner.forward(tokens[:3]), runner.forward(tokens[3:4]), runner.forward(tokens[4:])])
    torch.testing.assert_close(logits, expected(target, states, tokens), **CLOSE)
    runner.roll_back(2)
    again = runner.forward([5, 6], rows=1)
    torch.testing.assert_close(again, expected(target, states, [*tokens[:2], 5, 6])[-1:], **CLOSE)
    with pytest.raises(ValueError, match="do not fit"):
        runner.forward([1] * 61)
    with pytest.raises(ValueError, match="cannot roll back"):
        runner.roll_back(5)


def test_every_path_of_a_tree_sees_itself_alone(target, states, runner):
    before, tokens, parents = [256, 3], [9, 10, 11, 12, 13], [ROOT, 0, 0, 2, ROOT]
    runner.forward(before)
    logits = runner.forward(tokens, tree_layout(2, parents))
    paths = [[9], [9, 10], [9, 11], [9, 11, 12], [13]]
    for row, path in zip(logits, paths, strict=True):
        torch.testing.assert_close(row, expected(target, states, before + path)[-1], **CLOSE)
    runner.keep(2, [2, 4, 5])  # 9, 11, 12
    assert runner.length == 5
    after = runner.forward([20], rows=1)
    torch.testing.assert_close(after, expected(target, states, [*before, 9, 11, 12, 20])[-1:], **CLOSE)


def test_siblings_follow_prefixes_of_the_text(target, states, runner):
    text = [256, 3, 9, 27]
    runner.forward(text)
    logits = runner.forward([50, 60], sibling_layout(4, [2, 3]))
    torch.testing.assert_close(logits[0], expected(target, states, [256, 3, 50])[-1], **CLOSE)
    torch.testing.assert_close(logits[1], expected(target, states, [256, 3, 9, 60])[-1], **CLOSE)


@pytest.mark.parametrize("rows", [1, 2, 5, 15])
def test_every_way_gives_the_product(rows):
    torch.manual_seed(0)
    x, weight, bias = torch.randn(rows, 8), torch.randn(20, 8), torch.randn(20)
    for way in WAYS.values():
        torch.testing.assert_close(way(x, weight), x @ weight.t())
    products = RowProducts([weight])
    torch.testing.assert_close(products.linear(x, weight, bias), x @ weight.t() + bias)
    assert products.way(rows) in WAYS
    assert products.way(16) == "plain"


def test_the_encoder_on_a_clip_alone_is_the_same_network(target, noise):
    window = Window(0.0, noise[0])
    whole, clip = encode(target, window), encode(target, window, clip_only=True)
    assert whole.shape[0] == 1500
    assert clip.shape[0] == round(1500 / 30) + 128
    full = Window(0.0, torch.randn(480000).numpy())
    torch.testing.assert_close(encode(target, full), encode(target, full, clip_only=True), **CLOSE)
