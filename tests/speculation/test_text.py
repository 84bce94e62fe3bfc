"""The text of an asynchronous run emits what was drafted, once, and in order."""

import pytest

from ahasd.hardware.cost import StepCost
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.traces.rollout.walk import TraceWalk


@pytest.fixture
def text(trace_of) -> Text:
    """Three tokens drafted behind nothing."""
    text = Text(TraceWalk(trace_of([[1] * 8] * 8), 0, "recorded"), TokenLedger(wanted=20))
    for _ in range(3):
        text.drafted(text.chain, step())
    return text


def step() -> ModelStep:
    return ModelStep("pim", "draft", 0, 10, StepCost(), width=1, context=8)


def test_tokens_are_emitted_up_to_those_drafted(text) -> None:
    with pytest.raises(AssertionError, match="emit up to 4: 0 are out, 3 drafted"):
        text.accept(4, now=10)
    assert text.accept(2, now=10) == 2
    assert text.accept(2, now=11) == 0
    with pytest.raises(AssertionError, match="emit up to 1: 2 are out"):
        text.accept(1, now=12)
    assert text.accept(3, now=13) == 1
    assert [task.fate for task in text.drafts] == [Fate.ACCEPTED] * 3
    assert (text.ledger.drafted, text.ledger.accepted) == (3, 3)


def test_the_target_s_own_token_comes_where_no_drafted_one_stands(text) -> None:
    text.accept(2, now=10)
    with pytest.raises(AssertionError, match="a bonus token where a drafted token stands"):
        text.bonus(now=11)
    text.accept(3, now=12)
    before = text.chain
    text.bonus(now=13)
    assert text.chain is not before
    assert (text.base, text.verified, text.drafts) == (4, 0, [])


def test_what_was_drafted_behind_a_rejected_token_is_flushed(text) -> None:
    tasks, before = text.drafts, text.chain
    text.accept(1, now=10)
    text.reject(now=11)
    assert [task.fate for task in tasks] == [Fate.ACCEPTED, Fate.REJECTED, Fate.FLUSHED]
    late = step()
    text.drafted(before, late)
    assert late.fate is Fate.FLUSHED
    ledger = text.ledger
    assert (ledger.drafted, ledger.accepted, ledger.rejected, ledger.flushed) == (4, 1, 1, 2)
    assert (text.base, text.verified, text.drafts) == (2, 0, [])
