"""The drafter feeds its model what it has not seen of a text, and predicts acceptance where it has room."""

import pytest
import torch

from ahasd.decoding.models.acceptance_head import AcceptanceHead
from ahasd.decoding.rules.context import RuleContext
from ahasd.decoding.rules.greedy_rule import GreedyRule
from ahasd.decoding.speculative.drafter import Drafter


@pytest.fixture
def table(small_models):
    """Each token is followed by the next one, of five."""
    return small_models.TableRunner(torch.eye(5).roll(1, dims=1) * 9, context_limit=4)


def test_it_proposes_behind_whatever_text_it_is_given(table):
    drafter = Drafter(table, GreedyRule(RuleContext(5)))
    drafter.prefill([0, 1])
    assert table.cached == [0, 1]
    assert drafter.propose([0, 1, 2])[0].token == 3
    assert table.cached == [0, 1, 2]
    assert drafter.propose([0, 1, 2, 3])[0].token == 4
    drafter.roll_back(2)
    assert drafter.propose([0, 1, 4])[0].token == 0


def test_a_text_that_ends_where_it_was_cut_is_proposed_for_again(table):
    """The token was consumed, but its logits went with those behind it."""
    drafter = Drafter(table, GreedyRule(RuleContext(5)))
    drafter.propose([0, 1, 2, 3])
    drafter.roll_back(2)
    assert drafter.propose([0, 1])[0].token == 2
    assert table.cached == [0, 1]


def test_tokens_that_only_the_target_has_are_fed_as_another(table):
    drafter = Drafter(table, GreedyRule(RuleContext(5)))
    assert drafter.propose([0, 5, 4])[0].token == 0
    assert table.cached == [0, 0, 4]


def test_a_prompt_that_is_too_long_is_not_read(table):
    drafter = Drafter(table, GreedyRule(RuleContext(5)))
    assert [drafter.has_room(length) for length in (3, 4, 5)] == [True, True, False]
    drafter.prefill([0, 1, 2, 3, 4])
    assert table.cached == []
    drafter.prefill([0, 1, 2, 3])
    assert table.cached == [0, 1, 2, 3]


def test_a_token_that_there_is_no_room_to_consume_is_predicted_to_be_rejected(table):
    table.states = torch.zeros(1, 3)
    drafter = Drafter(table, GreedyRule(RuleContext(5)), AcceptanceHead(3))
    _, signals = drafter.propose([0, 1, 2])
    assert 0 < signals.predicted_acceptance < 1
    assert table.cached == [0, 1, 2, 3]
    _, signals = drafter.propose([0, 1, 2, 3])
    assert signals.predicted_acceptance == 0
    assert table.cached == [0, 1, 2, 3]
