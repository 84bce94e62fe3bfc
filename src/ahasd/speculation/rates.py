"""What counts of tokens say of speculation: the same in results of the simulator and in metrics of the runtime."""

from typing import Protocol


class TokenCounts(Protocol):
    """Tokens and passes that were counted."""

    @property
    def emitted(self) -> int:
        """Tokens of the text, surplus ones of the last round included."""

    @property
    def drafted(self) -> int:
        """Drafted tokens."""

    @property
    def accepted(self) -> int:
        """Those that became text."""

    @property
    def rejected(self) -> int:
        """Those that the target replaced."""

    @property
    def flushed(self) -> int:
        """Those dropped without a verdict, because the text went on otherwise before them."""

    @property
    def verifications(self) -> int:
        """Passes of the target."""


class TokenRates:
    """Figures that follow from `TokenCounts`, for a class that holds them; a rate is None where nothing counts."""

    __slots__ = ()

    @property
    def judged(self: TokenCounts) -> int:
        """Drafted tokens with a verdict: those up to and including a first rejection."""
        return self.accepted + self.rejected

    @property
    def in_flight(self: TokenCounts) -> int:
        """Drafted tokens that have no fate yet."""
        return self.drafted - self.accepted - self.rejected - self.flushed

    @property
    def wasted(self: TokenCounts) -> int:
        """Drafted tokens that did not become text."""
        return self.drafted - self.accepted

    @property
    def draft_acceptance_rate(self: TokenCounts) -> float | None:
        """Accepted / judged."""
        judged = self.accepted + self.rejected
        return self.accepted / judged if judged else None

    @property
    def draft_efficiency(self: TokenCounts) -> float | None:
        """Accepted / drafted, which also counts those that were flushed."""
        return self.accepted / self.drafted if self.drafted else None

    @property
    def mean_acceptance_length(self: TokenCounts) -> float | None:
        """Tokens that a pass of the target yields on average."""
        return self.emitted / self.verifications if self.verifications else None
