"""What a request changes about logits before a token is chosen from them: penalties and tokens that may not come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Changes of logits by the text before them, with the names and in the order of transformers.

    Draft and target are adjusted alike, each row by the text that it stands behind, drafted tokens included. So a
    greedy text is that of ``generate`` of transformers with the same settings.

    Parameters
    ----------
    sequence_bias
        Token sequences, each with what is added to the logit of its last token behind the others.
    repetition_penalty
        Divides the positive logits of tokens that the text holds, and multiplies negative ones; above 0 (Keskar et
        al. 1909.05858).
    no_repeat_ngram_size
        No n-gram of this size comes twice; 0 for any.
    bad_words_ids
        Token sequences that may not come.
    min_length, min_new_tokens
        No end token before the text has so many tokens, with the prompt and without.
    suppress_tokens, begin_suppress_tokens
        Tokens that may not come, and that may not come first.

    Raises
    ------
    AhasdError
        If a value is outside the above.
    """

    sequence_bias: tuple[tuple[tuple[int, ...], float], ...] = ()
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    bad_words_ids: tuple[tuple[int, ...], ...] = ()
    min_length: int = 0
    min_new_tokens: int = 0
    suppress_tokens: tuple[int, ...] = ()
    begin_suppress_tokens: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        penalty = self.repetition_penalty
        if not isinstance(penalty, Real) or isinstance(penalty, bool) or not 0 < penalty < float("inf"):
            raise AhasdError(f"repetition_penalty is {penalty!r}; must be a number above 0, 1 for none")
        for name in ("no_repeat_ngram_size", "min_length", "min_new_tokens"):
            value = getattr(self, name)
            if not _is_token(value):
                raise AhasdError(f"{name} is {value!r}; must be a whole number of at least 0")
        for name in ("suppress_tokens", "begin_suppress_tokens"):
            _check_tokens(name, getattr(self, name))
        for words in self.bad_words_ids:
            _check_sequence("bad_words_ids", words)
        for words, bias in self.sequence_bias:
            _check_sequence("sequence_bias", words)
            if not isinstance(bias, Real) or isinstance(bias, bool) or not isfinite(bias):
                raise AhasdError(f"sequence_bias adds {bias!r} to {list(words)}; must be a finite number")

    def __bool__(self) -> bool:
        return self != NO_ADJUSTMENTS

    def apply(
        self,
        logits: Any,
        text: Sequence[int],
        drafted: Sequence[int],
        prompt: int,
        end_tokens: frozenset[int],
    ) -> Any:
        """Give adjusted logits (rows, vocabulary): one row behind the text, one more behind each drafted token.

        Parameters
        ----------
        text
            All tokens before the first row, the prompt included.
        drafted
            Tokens between the rows, as many as there are rows less one, or more.
        prompt
            Tokens of the prompt.
        end_tokens
            That end the text.
        """
        logits = logits.clone()
        known = list(text)
        for row, token in zip(logits, [*drafted, None], strict=False):
            self._adjust(row, known, len(known) - prompt, end_tokens)
            if token is not None:
                known.append(token)
        return logits

    def _adjust(self, row: Any, text: list[int], new: int, end_tokens: frozenset[int]) -> None:
        for words, bias in self.sequence_bias:
            if _follows(text, words) and words[-1] < len(row):
                row[words[-1]] += bias
        if self.repetition_penalty != 1.0 and (seen := _places(text, row)):
            scores = row[seen]
            row[seen] = torch.where(
                scores < 0, scores * self.repetition_penalty, scores / self.repetition_penalty
            )
        banned = {*self.suppress_tokens, *self._repeating(text), *self._bad(text, end_tokens)}
        if new < self.min_new_tokens or len(text) < self.min_length:
            banned |= end_tokens
        if new == 0:
            banned |= {*self.begin_suppress_tokens}
        if places := _places(banned, row):
            row[places] = NEVER

    def _repeating(self, text: list[int]) -> list[int]:
        """Tokens that would complete an n-gram which the text holds."""
        size = self.no_repeat_ngram_size
        if not size or len(text) + 1 < size:
            return []
        begun = text[len(text) - size + 1 :]
        starts = range(len(text) - size + 1)
        return [text[start + size - 1] for start in starts if text[start : start + size - 1] == begun]

    def _bad(self, text: list[int], end_tokens: frozenset[int]) -> list[int]:
        """Tokens that would complete a sequence that may not come; an end token alone may always (transformers)."""
        return [
            words[-1]
            for words in self.bad_words_ids
            if (len(words) > 1 or words[0] not in end_tokens) and _follows(text, words)
        ]


def _follows(text: list[int], words: tuple[int, ...]) -> bool:
    """Whether the text ends with all of a sequence but its last token."""
    return len(words) == 1 or tuple(text[-len(words) + 1 :]) == words[:-1]


def _places(tokens: Iterable[int], row: Any) -> list[int]:
    """Those that a row has a logit for; a draft may have fewer."""
    return sorted({token for token in tokens if token < len(row)})


def _check_sequence(name: str, tokens: Sequence[Any]) -> None:
    if not tokens:
        raise AhasdError(f"{name} holds a sequence without tokens")
    _check_tokens(name, tokens)


def _check_tokens(name: str, tokens: Sequence[Any]) -> None:
    for token in tokens:
        if not _is_token(token):
            raise AhasdError(f"{name} holds {token!r}; must be token ids, of at least 0")


def _is_token(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


NO_ADJUSTMENTS = Adjustments()
