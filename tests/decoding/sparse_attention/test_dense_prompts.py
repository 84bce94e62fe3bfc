"""A prompt is read densely once, and serves every way of reading what comes behind it."""

import pytest
import torch

from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.attention_quality import greedy_agreement, losses
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.decoding.sparse_attention.step_time import step_times

from .small import grouped_weights, mixed, settings, some_tokens


class CountingRunner(MaskedRunner):
    """Counts the tokens that it reads."""

    read = 0

    def forward(self, tokens, rows=None):
        self.read += len(tokens)
        return super().forward(tokens, rows)


@pytest.fixture(scope="module")
def weights():
    return grouped_weights()


def test_what_was_read_densely_is_not_read_again_and_what_was_not_is(weights):
    runner, text = CountingRunner(weights), some_tokens(120)
    runner.read_densely(text[:80])
    runner.settings = settings(mixed(weights), budget=8)
    runner.forward(text[80:100])  # sparse, so that their keys are others than a dense model's
    for until, read in ((100, 20), (60, 0), (90, 30)):
        before = runner.read
        runner.read_densely(text[:until])
        assert runner.read - before == read
    other = [*text[:50], (text[50] + 1) % 61, *text[51:70]]
    before = runner.read
    runner.read_densely(other)
    assert runner.read - before == 20
    assert runner.settings is not None, "the way that was set is kept"
    runner.settings = None
    fresh = LeanRunner(weights)
    fresh.forward(other)
    assert torch.allclose(runner.forward([7]), fresh.forward([7]), atol=1e-5)


def test_figures_of_a_text_do_not_depend_on_what_the_runner_has_read_before(weights):
    text, ways = some_tokens(120), [settings(mixed(weights), budget=8), None]
    used = MaskedRunner(weights)
    agreement = greedy_agreement(used, text[:110], 10, ways)
    found = losses(used, text, 60, ways)
    assert found == pytest.approx(losses(MaskedRunner(weights), text, 60, ways), rel=1e-5)
    assert greedy_agreement(used, text[:110], 10, ways) == agreement


def test_a_prompt_that_a_dense_runner_has_read_is_as_good_as_an_own_one(weights):
    asked, text = settings(mixed(weights)), some_tokens(100)
    dense = MaskedRunner(weights)
    dense.read_densely(text[:90])
    taken, own = SparseRunner(weights, asked), SparseRunner(weights, asked)
    taken.take_over(dense)
    own.forward(text[:90], rows=0)
    assert taken.length == 90
    for token in text[90:]:
        assert torch.allclose(taken.forward([token]), own.forward([token]), atol=1e-5)
        assert taken.bytes_read == own.bytes_read


def test_steps_are_timed_beside_the_dense_one_with_what_they_read(weights):
    asked, text = settings(mixed(weights)), some_tokens(100)
    dense, sparse = step_times(weights, MaskedRunner(weights), text, 5, [asked])
    own = SparseRunner(weights, asked)
    own.forward(text[:95])
    own.forward(text[95:])
    assert (dense.read, sparse.read) == (1.0, own.bytes_read / own.dense_bytes)
    assert 0 < sparse.read < 1
    assert min(dense.processor_s, sparse.processor_s) > 0
