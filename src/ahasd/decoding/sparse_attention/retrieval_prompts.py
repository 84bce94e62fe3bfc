"""Texts that can only be gone on with by who looks far back: a pass key in a haystack, and a passage to be copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ahasd.errors import AhasdError

#: The haystack: sentences in an order by the seed (ours; the task is that of arXiv 2305.16300, section 4.2).
SENTENCES = (
    "The river was low that summer, and the children walked across it.",
    "A baker down the road opened his shop before sunrise.",
    "Most of the houses had blue doors and white walls.",
    "In the evening the wind came from the hills and cooled the rooms.",
    "The train to the coast left twice a day, at nine and at four.",
    "Old men played cards under the trees of the square.",
    "Someone had painted the bridge green a few years ago.",
    "The library closed early on Fridays, and nobody minded.",
    "Rain was expected for the weekend, but it did not come.",
    "A dog slept in front of the post office for most of the day.",
    "The market sold apples, bread, honey and cut flowers.",
    "From the tower one could see as far as the next valley.",
)

#: Digits of a pass key, and tokens of a passage that are copied (ours).
KEY_DIGITS, COPIED = 5, 24

#: Characters for each token of a prompt that passages are taken from, so that a long text is not read whole (ours).
MOST_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class RetrievalPrompt:
    """A text in three parts, as token ids.

    Parameters
    ----------
    haystack
        What is looked back at; it holds the answer.
    question
        Leads to the answer; at least one token.
    answer
        What follows.
    """

    haystack: tuple[int, ...]
    question: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def length(self) -> int:
        """Tokens of all parts."""
        return len(self.haystack) + len(self.question) + len(self.answer)


def retrieval_prompts(
    tokenizer: Any, tasks: Sequence[str], text: str, length: int, count: int, seed: int
) -> list[RetrievalPrompt]:
    """Make so many prompts of each task, at depths that are even over the text.

    Parameters
    ----------
    tasks
        Of ``"passkey"`` and ``"copy"``.
    text
        That passages are taken from.

    Raises
    ------
    AhasdError
        Text or length are too short.
    """
    passages = _ids(tokenizer, text[: MOST_CHARACTERS * length]) if "copy" in tasks else []
    made = []
    for number in range(count):
        depth, own = (number + 0.5) / count, seed + number
        if "passkey" in tasks:
            made.append(passkey_prompt(tokenizer, length, depth, own))
        if "copy" in tasks:
            made.append(copy_prompt(passages, length, depth, own))
    return made


def passkey_prompt(tokenizer: Any, length: int, depth: float, seed: int) -> RetrievalPrompt:
    """Hide a pass key at a depth, 0 at the beginning and 1 at the end, of a text of about so many tokens.

    Raises
    ------
    AhasdError
        The text is too short to hold it.
    """
    draws = np.random.default_rng(seed)
    key = "".join(map(str, draws.integers(0, 10, KEY_DIGITS)))
    needle = _ids(tokenizer, f" The pass key is {key}. Remember it: {key} is the pass key.")
    question = _ids(tokenizer, " What is the pass key? The pass key is")
    whole = _ids(tokenizer, f" What is the pass key? The pass key is {key}")
    shared = next(
        (at for at, (one, other) in enumerate(zip(question, whole, strict=False)) if one != other),
        min(len(question), len(whole) - 1),
    )
    room = length - len(needle) - len(whole)
    if room < 1:
        raise AhasdError(
            f"a text of {length} tokens cannot hold a pass key and the question for it; give at least "
            f"{length - room + 1}"
        )
    before = _haystack(tokenizer, draws, round(room * depth))
    behind = _haystack(tokenizer, draws, room - round(room * depth))
    return RetrievalPrompt((*before, *needle, *behind), tuple(whole[:shared]), tuple(whole[shared:]))


def copy_prompt(text: Sequence[int], length: int, depth: float, seed: int) -> RetrievalPrompt:
    """Let a passage of a text come again at its end.

    Parameters
    ----------
    text
        Token ids to take passage and haystack from, more than `length` of them.
    depth
        Where the passage lies in the haystack, 0 at the beginning and 1 at the end.

    Raises
    ------
    AhasdError
        There is too little text, or the prompt is too short to hold the passage twice.
    """
    passage, lead = COPIED + COPIED // 3, COPIED // 3
    room = length - 2 * passage
    if room < 1 or len(text) <= length:
        raise AhasdError(
            f"a passage of {passage} tokens to be copied needs a prompt of {2 * passage + 1} at least, and a text "
            f"that is longer than the prompt; they have {length} and {len(text)}"
        )
    start = int(np.random.default_rng(seed).integers(0, len(text) - length))
    taken = list(text[start : start + room + passage])
    at = round(room * depth)
    copied = taken[at : at + passage]
    return RetrievalPrompt(tuple(taken), tuple(copied[:lead]), tuple(copied[lead:]))


def _haystack(tokenizer: Any, draws: np.random.Generator, length: int) -> list[int]:
    found: list[int] = []
    while len(found) < length:
        order = draws.permutation(len(SENTENCES))
        found += _ids(tokenizer, "".join(f" {SENTENCES[number]}" for number in order))
    return found[:length]


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
