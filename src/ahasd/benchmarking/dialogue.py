"""Conversations as prompts: each turn's tokens hold what was said and answered before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.prompts.chat import chat_tokens, has_chat_template
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What a user says turn by turn, for a model; or a prompt that is tokens already.

    In the model's chat template where it has one. Otherwise turns and answers follow one another as they are, with a
    new line before each turn but the first.

    Parameters
    ----------
    prompt
        Its turns, one at least.
    model
        Whose tokenizer and template it goes through; None where `given` says the tokens.
    given
        Tokens of the only turn; None to take those of the text.
    """

    prompt: Prompt
    model: LanguageModel | None = None
    given: tuple[int, ...] | None = None

    @classmethod
    def of_tokens(cls, tokens: Sequence[int], name: str) -> Self:
        """Make one of a single turn."""
        return cls(Prompt(name, "", ("",)), None, tuple(tokens))

    @property
    def turns(self) -> int:
        """How many there are."""
        return len(self.prompt.turns)

    def tokens(self, answers: Sequence[Sequence[int]]) -> list[int]:
        """Give the tokens of the next turn, behind the answers (new tokens) to those before it."""
        if self.given is not None:
            return list(self.given)
        assert self.model is not None
        tokenizer, said = self.model.tokenizer, self.prompt.turns
        if has_chat_template(self.model):
            further: list[str] = []
            for answer, turn in zip(answers, said[1:], strict=False):
                further += [tokenizer.decode(answer, skip_special_tokens=True), turn]
            return chat_tokens(self.model, said[0], *further)
        tokens = list(tokenizer(said[0], verbose=False)["input_ids"])
        for answer, turn in zip(answers, said[1:], strict=False):
            tokens += [token for token in answer if token not in self.model.end_tokens]
            tokens += tokenizer(f"\n{turn}", add_special_tokens=False, verbose=False)["input_ids"]
        return tokens


def dialogues(
    prompts: Sequence[Prompt], models: Sequence[LanguageModel], max_new_tokens: int, turns: int | None
) -> list[Dialogue]:
    """Make conversations of prompts, in the tokens of the first model, that fit into the context of all.

    Parameters
    ----------
    turns
        Of each at most; None for all.

    Raises
    ------
    AhasdError
        If one may not fit, every answer taken as long as it may be; the message says which, and at which turn.
    """
    made = []
    for number, prompt in enumerate(prompts, start=1):
        dialogue = Dialogue(replace(prompt, turns=prompt.turns[:turns]), models[0])
        first = dialogue.tokens([])
        name = f"prompt {number} (question {prompt.question_id})"
        if not first:
            raise AhasdError(f"{name} has no tokens")
        for turn in range(dialogue.turns):
            # What an answer says is not known yet; how long it may be is.
            needed = len(dialogue.tokens([[first[-1]] * max_new_tokens] * turn)) + max_new_tokens
            for model in models:
                if model.context_limit is not None and needed > model.context_limit:
                    raise AhasdError(
                        f"{name}, turn {turn + 1}, may need a context of {needed} with {max_new_tokens} new tokens a "
                        f"turn; '{model.name}' has {model.context_limit}. Lower --max-new-tokens or --turns."
                    )
        made.append(dialogue)
    return made
