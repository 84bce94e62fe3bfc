"""SmolLM2-135M reads a part of its context: with room for all of it the dense model's tokens, with less nearly so."""

from pathlib import Path

import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.attention_quality import needle_found
from ahasd.decoding.sparse_attention.comparison import compare_with_dense
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import passkey_prompt
from ahasd.decoding.sparse_attention.settings import SparseSettings, sparse_weights
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import TopPages
from ahasd.sparse_attention.pages.window import Window

pytestmark = pytest.mark.models

PROMPT, STEPS = 400, 12


@pytest.fixture(scope="module")
def model():
    return load_language_model("smollm2-135m")


@pytest.fixture(scope="module")
def text(model):
    page = (Path(__file__).parents[3] / "docs" / "structure.md").read_text()
    return list(model.tokenizer(page, verbose=False)["input_ids"])[:PROMPT]


def settings(weights, kind, budget, window):
    split = HeadSplit.alike(len(weights.layers), weights.key_value_heads, kind)
    return SparseSettings(split, TopPages(Paging(16, budget, window)))


def test_a_budget_of_the_whole_context_is_dense_attention(model, text):
    weights = sparse_weights(model)
    dense = LeanRunner(weights)
    sparse = SparseRunner(weights, settings(weights, HeadClass.PAGED, PROMPT + STEPS + 16, Window(16, 32)))
    expected, found = dense.forward(text, rows=1), sparse.forward(text, rows=1)
    for _ in range(STEPS):
        assert torch.allclose(found, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))
        token = int(expected.argmax())
        assert int(found.argmax()) == token
        expected, found = dense.forward([token]), sparse.forward([token])


def test_less_than_half_of_the_bytes_give_most_of_the_dense_text(model, text):
    weights = sparse_weights(model)
    run = compare_with_dense(weights, text, settings(weights, HeadClass.PAGED, 64, Window(16, 32)), STEPS)
    assert run.trace is not None
    assert (run.trace.layers, run.trace.heads) == (30, 3)
    assert run.bytes_read < 0.5 * run.dense_bytes
    assert run.same_choice >= 0.75


def test_pages_find_a_pass_key_that_the_window_alone_loses(model):
    weights = sparse_weights(model)
    paged, streaming = (
        settings(weights, kind, 128, Window(32, 96)) for kind in (HeadClass.PAGED, HeadClass.STREAMING)
    )
    prompt = passkey_prompt(model.tokenizer, 1024, 0.3, 0)
    assert needle_found(MaskedRunner(weights), prompt, [None, paged, streaming]) == [True, True, False]
