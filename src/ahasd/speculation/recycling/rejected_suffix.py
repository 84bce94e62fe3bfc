"""The rejected suffix of a draft, and where a new draft is in step with it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.speculation.recycling.drafted_token import DraftedToken


@dataclass(frozen=True, slots=True)
class RejectedSuffix:
    """What a draft went on with from the token that the target rejected.

    Parameters
    ----------
    before
        The tokens of the draft before the rejected one, which the target accepted: places are found by what comes
        before them.
    tokens
        The rejected token first, then what was drafted behind it.
    """

    before: Sequence[int]
    tokens: Sequence[DraftedToken]

    def place(self, written: Sequence[int], window: int, match: int) -> int | None:
        """Say where the suffix goes on behind a new text.

        The expected place is where the correction replaces the rejected token one for one. There the last token of
        the new text need only agree, or be the correction itself; elsewhere at most `window` tokens away the last
        `match` tokens must. The longest agreement wins, then the nearest place.

        Parameters
        ----------
        written
            The new text behind `before`: the correction, and what was drafted since; at least one token.

        Returns
        -------
        int or None
            Index in `tokens` of the next token; None where nothing is left there or nothing is in step.
        """
        old = [*self.before, *(drafted.token for drafted in self.tokens)]
        new = [*self.before, *written]
        offset, expected = len(self.before), len(new)
        best: tuple[int, int] | None = None  # (agreement, −distance)
        found = None
        for next_place in range(max(offset, expected - window), min(len(old) - 1, expected + window) + 1):
            agreement = _agreement(old[:next_place], new)
            at_expected = next_place == expected
            substituted = at_expected and len(written) == 1
            if agreement >= match or (at_expected and agreement >= 1) or substituted:
                score = (max(agreement, 1 if substituted else 0), -abs(next_place - expected))
                if best is None or score > best:
                    best, found = score, next_place - offset
        return found


def _agreement(old: Sequence[int], new: Sequence[int]) -> int:
    """Give the number of last tokens that two texts have in common."""
    count = 0
    while count < min(len(old), len(new)) and old[-1 - count] == new[-1 - count]:
        count += 1
    return count
