"""A draft that writes the target's tokens."""

from collections.abc import Sequence

import numpy as np

from ahasd.decoding.speech.drafts.draft import WindowDraft
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner
from ahasd.decoding.speech.runner.layout import sibling_layout
from ahasd.decoding.speech.runner.token_rule import Likeliest, TokenRule
from ahasd.speculation.recycling.draft_source import DraftSource
from ahasd.speculation.recycling.drafted_token import NONE, DraftedToken


class SameTokensDraft(WindowDraft):
    """Of one window.

    Parameters
    ----------
    runner
        Of the draft's decoder, empty.
    rule
        Over the columns of its logits.
    prompt
        That its transcripts begin with.
    end
        The token that ends a text.
    """

    def __init__(self, runner: DecoderRunner, rule: TokenRule, prompt: Sequence[int], end: int) -> None:
        self._runner, self._rule, self._prompt, self._end = runner, rule, list(prompt), end
        self._cached: list[int] = []
        self._passes = 0

    @property
    def passes(self) -> int:
        """Passes of the draft's decoder so far."""
        return self._passes

    def behind(self, text: Sequence[int]) -> DraftSource:
        """Give the source of a round; see `WindowDraft.behind`."""
        return _Source(self, text, self._end)

    def has_room(self, text: Sequence[int], further: int = 0) -> bool:
        """Say whether the draft's decoder holds so many tokens behind a text."""
        return len(self._prompt) + len(text) + further <= self._runner.longest

    def written(self, text: Sequence[int], further: Sequence[int] = ()) -> list[Likeliest]:
        """Read a text and tokens as if they followed; give what is likeliest behind the text and each of them."""
        whole = [*self._prompt, *text, *further]
        kept = min(_common(self._cached, whole), len(whole) - len(further) - 1)
        self._runner.roll_back(kept)
        logits = self._runner.forward(whole[kept:], rows=1 + len(further))
        self._cached = whole
        self._passes += 1
        before = list(text)
        texts = [before + list(further[:count]) for count in range(1 + len(further))]
        found: list[Likeliest] = self._rule.likeliest(logits, texts)
        return found

    def siblings(self, text: Sequence[int], places: Sequence[int], tokens: Sequence[int]) -> list[int]:
        """Give what is likeliest behind tokens that each follow so many tokens of a text."""
        whole = [*self._prompt, *text[: max(places)]]
        kept = _common(self._cached, whole)
        if kept < len(whole):
            self._runner.roll_back(kept)
            self._runner.forward(whole[kept:], rows=1)
            self._cached = whole
            self._passes += 1
        cached = len(self._cached)
        layout = sibling_layout(cached, [len(self._prompt) + place for place in places])
        logits = self._runner.forward(tokens, layout)
        self._runner.roll_back(cached)
        self._passes += 1
        texts = [[*text[:place], token] for place, token in zip(places, tokens, strict=True)]
        chosen: list[int] = self._rule.choose(logits, texts)
        return chosen


class _Source(DraftSource):
    def __init__(self, draft: SameTokensDraft, text: Sequence[int], end: int) -> None:
        self._draft, self._before, self._end = draft, list(text), end
        self._told: list[DraftedToken] = []

    def step(self) -> Sequence[DraftedToken]:
        return self.check(())

    def check(self, branch: Sequence[int]) -> Sequence[DraftedToken]:
        if not self._draft.has_room(self._text(), len(branch)):
            return ()
        found = self._draft.written(self._text(), branch)
        told = [_drafted(found[0])]
        for token, following in zip(branch, found[1:], strict=True):
            if told[-1].token != token or token == self._end:
                break
            told.append(_drafted(following))
        self._told += told
        return told

    def branch(self, places: Sequence[int]) -> Sequence[int]:
        text, start = self._text(), len(self._before)
        if not self._draft.has_room(text, len(places)):
            return [NONE] * len(places)
        tokens = [self._told[place].runner_up for place in places]
        return self._draft.siblings(text, [start + place for place in places], tokens)

    def _text(self) -> list[int]:
        return [*self._before, *(drafted.token for drafted in self._told)]


def _drafted(likeliest: Likeliest) -> DraftedToken:
    return DraftedToken(likeliest.token, float(np.float16(likeliest.probability)), likeliest.runner_up)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
