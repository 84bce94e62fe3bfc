"""SmolLM2-135M reads a part of its context: with room for all of it the dense model's tokens, with less nearly so."""

from pathlib import Path

import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.comparison import compare_with_dense
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


def test_pages_keep_more_of_the_dense_text_than_the_window_alone(model, text):
    weights, shares = sparse_weights(model), []
    for kind in (HeadClass.PAGED, HeadClass.STREAMING):
        run = compare_with_dense(weights, text, settings(weights, kind, 64, Window(16, 32)), STEPS)
        assert run.trace is not None
        assert (run.trace.layers, run.trace.heads) == (30, 3)
        assert run.bytes_read < 0.5 * run.dense_bytes
        shares.append(run.same_choice)
    assert shares[0] >= 0.75
    assert shares[0] > shares[1]
