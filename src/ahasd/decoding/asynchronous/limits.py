"""Where a text ends."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextLimits:
    """Where a text ends, as far as both sides can tell.

    Parameters
    ----------
    max_new_tokens
        Tokens after the prompt at most, at least 1.
    end_tokens
        Tokens that end it.
    draftable
        Tokens after the prompt for which the draft's context has room; behind them the target goes on alone. None for
        all.
    """

    max_new_tokens: int
    end_tokens: frozenset[int] = frozenset()
    draftable: int | None = None

    def ended(self, length: int, last: int) -> bool:
        """Whether a text of so many new tokens with this last one is complete."""
        return length >= self.max_new_tokens or last in self.end_tokens

    def has_draft_room(self, length: int) -> bool:
        """Whether the draft can propose a token behind so many new ones."""
        return self.draftable is None or length < self.draftable
