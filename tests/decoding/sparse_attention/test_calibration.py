"""Calibration, retrieval prompts and quality, where what must come out is known."""

import math

import numpy as np
import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.attention_quality import greedy_agreement, losses, needle_found
from ahasd.decoding.sparse_attention.calibration import calibrate
from ahasd.decoding.sparse_attention.comparison import compare_with_dense
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import (
    RetrievalPrompt,
    copy_prompt,
    passkey_prompt,
    retrieval_prompts,
)
from ahasd.decoding.sparse_attention.settings import sparse_weights
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.decoding.tiny_pair import target_path
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.pattern import pattern_text, read_pattern
from ahasd.sparse_attention.pages.window import Window

from ..small_models import random_model
from .small import grouped_weights, mixed, settings, some_tokens

PROMPT = RetrievalPrompt(tuple(some_tokens(80)), (3, 4), (5, 6, 7))


@pytest.fixture(scope="module")
def tiny():
    return load_language_model(target_path(), "tiny-target")


def test_a_head_whose_output_is_dropped_needs_nothing_and_the_others_are_measured_one_by_one():
    model = random_model(num_key_value_heads=2)
    with torch.no_grad():  # the queries of the second key-value head of layer 1 lead nowhere
        model.model.model.layers[1].self_attn.o_proj.weight[:, 16:] = 0
    weights, window = sparse_weights(model), Window(4, 12)
    found = calibrate(weights, [PROMPT], window)
    assert found.deviation[1, 1] < 1e-12 < found.deviation[0].min()
    runner, dense = MaskedRunner(weights), LeanRunner(weights)
    states = []
    for one in (dense, runner):
        one.keep_states = True
        one.forward(PROMPT.haystack, rows=0)
        if one is runner:
            classes = np.zeros((2, 2), np.int8)
            classes[0, 1] = 2
            from ahasd.sparse_attention.heads.split import HeadSplit

            one.settings = settings(HeadSplit(classes), window=window)
        one.forward([3, 4, 5, 6], rows=3)
        states.append(one.states.double())
    moved = (states[1] - states[0]).square().sum() / states[0].square().sum()
    assert found.deviation[0, 1] == pytest.approx(float(moved), rel=1e-3)


def test_a_pattern_is_read_back_as_it_was_measured(tmp_path):
    weights = grouped_weights()
    pattern = calibrate(weights, [PROMPT], Window(4, 12)).pattern("random")
    assert pattern.need.max() == 1
    (tmp_path / "needs.tsv").write_text(pattern_text(pattern))
    assert read_pattern(tmp_path / "needs.tsv").need == pytest.approx(pattern.need, rel=1e-5)


def test_prompts_within_the_window_say_nothing_and_are_refused():
    weights = grouped_weights()
    with pytest.raises(AhasdError, match="more than the context of 85"):
        calibrate(weights, [PROMPT], Window(40, 60))
    found = calibrate(weights, [PROMPT], Window(0, 85))
    with pytest.raises(AhasdError, match="no head of 'random' changes the answers"):
        found.pattern("random")
    with pytest.raises(AhasdError, match="no prompts"):
        calibrate(weights, [], Window(4, 12))


def test_prompts_hold_their_answer_at_the_depth_that_was_asked_for(tiny):
    for depth in (0.0, 0.5, 1.0):
        prompt = passkey_prompt(tiny.tokenizer, 200, depth, 7)
        assert abs(prompt.length - 200) <= 2
        haystack = tiny.tokenizer.decode(prompt.haystack)
        key = tiny.tokenizer.decode(prompt.answer).strip()
        assert haystack.count(key) == 2
        assert tiny.tokenizer.decode((*prompt.question, *prompt.answer)).endswith(f"The pass key is {key}")
        assert haystack.index("The pass key is") <= len(haystack) * max(0.2, depth)
    text = some_tokens(400, vocabulary=1024)
    copied = copy_prompt(text, 150, 0.5, 3)
    assert copied.length == 150
    passage = [*copied.question, *copied.answer]
    assert any(list(copied.haystack[at : at + len(passage)]) == passage for at in range(150))
    assert len(retrieval_prompts(tiny.tokenizer, ("passkey", "copy"), "def f(x):\n" * 500, 150, 3, 0)) == 6
    with pytest.raises(AhasdError, match="cannot hold a pass key"):
        passkey_prompt(tiny.tokenizer, 20, 0.5, 0)
    with pytest.raises(AhasdError, match="a text that is longer"):
        copy_prompt(text, 400, 0.5, 0)


def test_losses_are_those_of_steps(tiny):
    weights = sparse_weights(tiny)
    asked, text = settings(mixed(weights)), some_tokens(120, vocabulary=1024)
    dense_loss, loss = losses(MaskedRunner(weights), text, 60, [None, asked])
    for runner, found in ((LeanRunner(weights), dense_loss), (SparseRunner(weights, asked), loss)):
        runner.forward(text[:60], rows=0)
        expected = [
            -float(runner.forward([text[at]])[0].double().log_softmax(-1)[text[at + 1]])
            for at in range(60, 119)
        ]
        assert found == pytest.approx(math.fsum(expected) / 59, rel=1e-5)


def test_agreement_with_the_dense_text_is_that_of_a_run():
    weights = grouped_weights(num_hidden_layers=3)
    asked, prompt = settings(mixed(weights), budget=8), some_tokens(90)
    run = compare_with_dense(weights, prompt, asked, 30)
    (whole, same), (until, share) = greedy_agreement(MaskedRunner(weights), prompt, 30, [None, asked])
    assert (whole, same) == (30, 1.0)
    assert 0 < run.same_until < 30
    assert until == run.same_until or run.same_until == 1
    forced = SparseRunner(weights, asked)
    forced.forward(prompt[:-1])
    chosen = [int(forced.forward([token]).argmax()) for token in (prompt[-1], *run.dense_tokens[:-1])]
    alike = [one == other for one, other in zip(chosen, run.dense_tokens, strict=True)]
    assert share == sum(alike) / 30
    assert until == alike.index(False)


def test_a_needle_is_found_when_steps_write_it():
    weights = grouped_weights()
    dense = LeanRunner(weights)
    answer = [int(dense.forward([*PROMPT.haystack, *PROMPT.question], rows=1).argmax())]
    answer.append(int(dense.forward(answer).argmax()))
    right = RetrievalPrompt(PROMPT.haystack, PROMPT.question, tuple(answer))
    wrong = RetrievalPrompt(PROMPT.haystack, PROMPT.question, (answer[0], (answer[1] + 1) % 61))
    everything = settings(mixed(weights), budget=200, window=Window(90, 90))
    runner = MaskedRunner(weights)
    assert needle_found(runner, right, [None, everything]) == [True, True]
    assert needle_found(runner, wrong, [None, everything]) == [False, False]
