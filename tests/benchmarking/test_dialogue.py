"""Conversations: every turn stands behind what was said and answered before it."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.benchmarking.dialogue import Dialogue, dialogues
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.errors import AhasdError

PROMPT = Prompt("q", "", ("x = 1\n", "y = 2\n", "z = 3\n"))


@pytest.fixture(scope="module")
def model() -> Any:
    return load_tiny_pair()[0]


def test_without_a_template_turns_and_answers_follow_one_another(model: Any) -> None:
    dialogue = Dialogue(PROMPT, model)
    answer = model.tokenizer("pass")["input_ids"]
    end = min(model.end_tokens)
    text = model.tokenizer.decode(dialogue.tokens([[*answer, end], answer]))
    assert text == "x = 1\npass\ny = 2\npass\nz = 3\n"
    assert model.tokenizer.decode(dialogue.tokens([])) == "x = 1\n"


def test_with_a_template_each_side_has_its_role(model: Any) -> None:
    class Templated:
        chat_template = "there is one"

        def __init__(self, plain: Any) -> None:
            self.plain, self.seen = plain, []

        def decode(self, tokens: Any, skip_special_tokens: bool) -> str:
            return str(self.plain.decode(tokens, skip_special_tokens=skip_special_tokens))

        def apply_chat_template(self, messages: Any, **options: Any) -> list[int]:
            assert options["add_generation_prompt"]
            self.seen = [(message["role"], message["content"]) for message in messages]
            return [1, 2]

    tokenizer = Templated(model.tokenizer)
    dialogue = Dialogue(PROMPT, replace(model, tokenizer=tokenizer))
    answer = [*model.tokenizer("pass")["input_ids"], min(model.end_tokens)]
    assert dialogue.tokens([answer]) == [1, 2]
    assert tokenizer.seen == [("user", "x = 1\n"), ("assistant", "pass"), ("user", "y = 2\n")]


def test_a_conversation_that_may_not_fit_is_named_with_its_turn(model: Any) -> None:
    with pytest.raises(AhasdError, match=r"prompt 1 \(question q\), turn 3, may need a context of \d+"):
        dialogues([PROMPT], [model], 90, None)
    (short,) = dialogues([PROMPT], [model], 90, 2)
    assert short.turns == 2
    with pytest.raises(AhasdError, match="has no tokens"):
        dialogues([Prompt("e", "", ("",))], [model], 2, None)
