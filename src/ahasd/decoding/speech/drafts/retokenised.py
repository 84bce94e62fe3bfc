"""A draft with a tokenizer of its own, whose text is written in the target's tokens, word by word."""

from collections.abc import Sequence

import numpy as np

from ahasd.decoding.speech.drafts.draft import WindowDraft
from ahasd.decoding.speech.drafts.same_tokens import SameTokensDraft
from ahasd.decoding.speech.models.vocabulary import SpeechVocabulary
from ahasd.errors import AhasdError
from ahasd.speculation.recycling.draft_source import DraftSource
from ahasd.speculation.recycling.drafted_token import DraftedToken

#: Tokens of the draft's that make a word at most; a longer one is told in parts. Ours.
LONGEST_WORD = 12

_REFUSED = "needs a draft that writes the target's tokens; take reuse, truncation or no option"


class RetokenisedDraft(WindowDraft):
    """Of one window.

    A word ends where the next token begins one, so its last token is known one step later than it is written; then it
    is encoded by the target's tokenizer, as it would be within a text.

    Parameters
    ----------
    draft
        In the draft's own tokens.
    own, target
        The vocabularies.
    """

    def __init__(self, draft: SameTokensDraft, own: SpeechVocabulary, target: SpeechVocabulary) -> None:
        self._draft, self._own, self._target = draft, own, target

    @property
    def passes(self) -> int:
        """Passes of the draft's decoder so far."""
        return self._draft.passes

    def behind(self, text: Sequence[int]) -> DraftSource:
        """Give the source of a round; see `WindowDraft.behind`."""
        return _Source(self._draft, self._own, self._target, text)


class _Source(DraftSource):
    def __init__(
        self, draft: SameTokensDraft, own: SpeechVocabulary, target: SpeechVocabulary, text: Sequence[int]
    ) -> None:
        self._draft, self._own, self._target = draft, own, target
        self._text = carried_over(text, target, own)
        #: Tokens of the word that is not told yet, with their probabilities.
        self._word: list[tuple[int, float]] = []
        self._over = False

    def step(self) -> Sequence[DraftedToken]:
        while not self._over and self._draft.has_room(self._text):
            likeliest = self._draft.written(self._text)[0]
            token = likeliest.token
            self._over = token == self._own.end
            ended = self._word if self._over or self._begins(token) else []
            if not ended and not self._over:
                self._take(token, likeliest.probability)
                continue
            told = self._told(ended)
            self._word = []
            self._take(token, likeliest.probability)
            if self._over:
                told += self._told(self._word)
            return told
        return ()

    def check(self, branch: Sequence[int]) -> Sequence[DraftedToken]:
        raise AhasdError(f"masked recycling {_REFUSED}")

    def branch(self, places: Sequence[int]) -> Sequence[int]:
        raise AhasdError(f"branching {_REFUSED}")

    def _take(self, token: int, probability: float) -> None:
        self._text.append(token)
        self._word.append((token, probability))

    def _begins(self, token: int) -> bool:
        """Whether a token begins a word, or is a time, which stands alone."""
        if not self._word:
            return False
        if len(self._word) >= LONGEST_WORD:
            return True
        alone = token >= self._own.timestamp_begin or self._word[-1][0] >= self._own.timestamp_begin
        return alone or str(self._own.tokenizer.id_to_token(token)).startswith("Ġ")

    def _told(self, word: Sequence[tuple[int, float]]) -> list[DraftedToken]:
        least = float(np.float16(min((probability for _, probability in word), default=1.0)))
        tokens = carried_over([token for token, _ in word], self._own, self._target)
        return [DraftedToken(token, least) for token in tokens]


def carried_over(tokens: Sequence[int], source: SpeechVocabulary, to: SpeechVocabulary) -> list[int]:
    """Write tokens of one vocabulary in those of another: text as text, times and the end as what they are."""
    found: list[int] = []
    text: list[int] = []
    for token in [*tokens, None]:
        if token is not None and token < source.end:
            text.append(token)
            continue
        if text:
            found += to.tokenizer.encode(source.text(text), add_special_tokens=False).ids
            text = []
        if token == source.end:
            found.append(to.end)
        elif token is not None:
            found.append(token - source.timestamp_begin + to.timestamp_begin)
    return found
