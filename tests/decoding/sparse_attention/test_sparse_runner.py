"""A model whose heads read a part of the context, against dense attention, masks and brute force."""

import numpy as np
import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.head_store import StreamingHeads
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.paged_heads import PagedHeads
from ahasd.decoding.sparse_attention.settings import check_room, sparse_weights
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.decoding.tiny_pair import target_path
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.metadata import page_bounds
from ahasd.sparse_attention.pages.window import Window

from ..small_models import random_model
from .small import grouped_weights, mixed, settings, some_tokens

PROMPT, STEPS = 70, 40


@pytest.fixture(scope="module")
def tiny():
    return sparse_weights(load_language_model(target_path(), "tiny-target"))


@pytest.fixture(scope="module")
def grouped():
    return grouped_weights()


def stepped(runner, tokens):
    """Logits behind the prompt and behind every further token."""
    first = runner.forward(tokens[:PROMPT], rows=1)
    return torch.cat([first, *(runner.forward([token]) for token in tokens[PROMPT:])])


@pytest.mark.parametrize("model", ["tiny", "grouped"])
@pytest.mark.parametrize("sharing", ["shared", "separate"])
def test_a_budget_of_the_whole_context_is_the_dense_model(model, sharing, request):
    weights = request.getfixturevalue(model)
    split = HeadSplit.alike(len(weights.layers), weights.key_value_heads, HeadClass.PAGED)
    tokens = some_tokens(PROMPT + STEPS)
    sparse = SparseRunner(weights, settings(split, budget=PROMPT + STEPS + 8, sharing=sharing))
    found, expected = stepped(sparse, tokens), stepped(LeanRunner(weights), tokens)
    assert torch.allclose(found, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))
    assert found.argmax(-1).tolist() == expected.argmax(-1).tolist()


@pytest.mark.parametrize("model", ["tiny", "grouped"])
@pytest.mark.parametrize("sharing", ["shared", "separate"])
def test_steps_are_what_masks_over_the_whole_cache_give(model, sharing, request):
    weights = request.getfixturevalue(model)
    asked = settings(mixed(weights), sharing=sharing)
    tokens = some_tokens(PROMPT + STEPS)
    found = stepped(SparseRunner(weights, asked), tokens)
    masked = MaskedRunner(weights, asked)
    expected = torch.cat([masked.forward(tokens[:PROMPT], rows=1), masked.forward(tokens[PROMPT:])])
    assert torch.allclose(found, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))
    dense = stepped(LeanRunner(weights), tokens)
    assert not torch.allclose(found, dense, rtol=0, atol=1e-3), "the budget leaves something out"


def test_a_ring_holds_what_the_windows_mask_lets_through():
    draws = torch.Generator().manual_seed(0)
    keys, values, queries = (torch.randn(3, 90, 8, generator=draws) for _ in range(3))
    for prompt in (1, 3, 10, 60):
        window = Window(4, 9)
        ring = StreamingHeads([0, 1, 2], window)
        ring.fill(keys[:, :prompt], values[:, :prompt])
        for place in range(prompt, 90):
            ring.append(keys[:, place], values[:, place])
            query = queries[:, place : place + 1]
            scores = query @ keys[:, : place + 1].transpose(1, 2) / 8**0.5
            scores = scores.masked_fill(~torch.from_numpy(window.mask(place + 1)), -torch.inf)
            expected = scores.softmax(-1) @ values[:, : place + 1]
            assert torch.allclose(ring.attend(query), expected, atol=1e-5)
            assert ring.token_reads == 3 * window.mask(place + 1).sum()


def test_a_pages_bound_is_never_below_its_greatest_product_on_real_keys(tiny):
    split = HeadSplit.alike(len(tiny.layers), tiny.key_value_heads, HeadClass.PAGED)
    runner = SparseRunner(tiny, settings(split))
    stepped(runner, some_tokens(PROMPT + STEPS, vocabulary=1024))
    draws = np.random.default_rng(0)
    for (store,) in runner.stores:
        assert isinstance(store, PagedHeads)
        keys = store._keys[:, : store.context].numpy().astype(np.float64)
        least, greatest = (
            bounds.reshape(len(bounds), len(keys), -1)
            for bounds in (store.metadata.least, store.metadata.greatest)
        )
        for head, own in enumerate(keys):
            # Keys of the model itself are queries that point where its keys lie.
            queries = np.concatenate([own[:8], draws.normal(size=(8, own.shape[1]))])
            bounds = page_bounds(queries, least[:, head], greatest[:, head])
            for page in range(bounds.shape[1]):
                truth = (queries @ own[8 * page : 8 * page + 8].T).max(axis=1)
                assert (bounds[:, page] >= truth - 1e-9).all()


def test_bytes_are_those_of_the_tokens_that_are_read(grouped):
    asked = settings(HeadSplit(np.array([[HeadClass.PAGED, HeadClass.STREAMING], [HeadClass.DENSE] * 2])))
    runner = SparseRunner(grouped, asked)
    runner.forward(some_tokens(99))
    runner.forward([1])
    # 100 tokens, pages of 8: 1 page is touched by the first 4 tokens, 2 by the last 12 (88 to 99), and 10 are chosen
    # between, of which 3 are read; the window has 16 tokens, and the dense layer reads all 100 twice.
    paged = (8 + 12) + 3 * 8 + 10
    assert runner.bytes_read == (paged + 16 + 200) * 2 * 8 * 4
    assert runner.dense_bytes == 400 * 2 * 8 * 4


def test_a_text_can_begin_anew_and_not_be_cut(grouped):
    runner, tokens = SparseRunner(grouped, settings(mixed(grouped))), some_tokens(PROMPT + STEPS)
    first = stepped(runner, tokens)
    with pytest.raises(AhasdError, match=r"cannot go back to 5 of 110 tokens"):
        runner.roll_back(5)
    runner.roll_back(110)
    runner.roll_back(0)
    assert torch.equal(stepped(runner, tokens), first)


def test_what_does_not_go_together_is_refused(tiny, grouped):
    with pytest.raises(AhasdError, match=r"2 layers of 2 key-value heads.*another model's"):
        SparseRunner(tiny, settings(mixed(grouped)))
    with pytest.raises(AhasdError, match=r"4 layers of 4 key-value heads.*another model's"):
        MaskedRunner(grouped, settings(mixed(tiny)))
    with pytest.raises(AhasdError, match="need a context of 260; 'tiny-target' was made for 256"):
        check_room(tiny, 200, 60)
    gpt = random_model(model_type="gpt2", n_embd=32, n_layer=2, n_head=4, n_positions=64)
    with pytest.raises(AhasdError, match=r"\(gpt2\) is not Llama-shaped"):
        sparse_weights(gpt)
