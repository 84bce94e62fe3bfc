"""Prompt lookup as a guesser: what followed the same words before (Saxena 2023), no training and no model."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.speculative.ngram_drafter import place_behind
from ahasd.decoding.trees.guessing.guesser import GoesOn, RowGuess, TreeGuesser

#: Tokens copied at once at most, as in prompt lookup of transformers.
DEPTH = 10

#: How often the first copied token is right before anything is known, and a further one behind right ones (ours);
#: what is right is counted along.
PRIOR, PRIOR_BEHIND = 0.3, 0.7


class LookupGuesser(TreeGuesser):
    """One candidate for each depth: the text that followed the latest place where the same words stood."""

    name, depth, top = "lookup", DEPTH, 1
    reads_states, along_path, is_free, says_chances = False, True, True, False
    prior = ((PRIOR,), *[(PRIOR_BEHIND,)] * (DEPTH - 1))

    def start(self, rows: int) -> None:
        """Nothing is kept."""

    def read(self, row: int, tokens: Sequence[int], states: Any) -> None:
        """Nothing is read before it is copied."""

    def guess(
        self, texts: Sequence[Sequence[int]], depth: int, goes_on: GoesOn | None = None
    ) -> list[RowGuess]:
        """Copy; where nothing stands twice, nothing is guessed."""
        return [_copied(text, depth) for text in texts]

    def select(self, rows: Sequence[int]) -> None:
        """Nothing is kept."""


def _copied(text: Sequence[int], depth: int) -> RowGuess:
    place = place_behind(text)
    if place is None:
        return RowGuess()
    copied: list[int] = []
    for step in range(place, place + depth):
        # A text that repeats itself goes on with what was just copied.
        copied.append(text[step] if step < len(text) else copied[step - len(text)])
    return RowGuess([[token] for token in copied], [[1.0]] * len(copied))
