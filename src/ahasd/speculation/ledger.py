"""Counts of tokens: every drafted token has one fate, every emitted token one origin."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ahasd.speculation.rates import TokenRates


@dataclass(slots=True)
class TokenLedger(TokenRates):
    """Tokens of a run.

    Attributes
    ----------
    wanted
        Tokens asked for.
    emitted
        Tokens of the text so far, the target's own included; may pass ``wanted`` in the last round.
    drafted, accepted, rejected, flushed
        Drafted tokens and their fates; the others are in flight.
    verifications
        Passes of the target that verified or decoded.
    accepted_histogram
        Accepted tokens of a pass: number of such passes.
    first_emission, last_emission
        Picoseconds.
    watch
        Told the number of emitted tokens whenever it grows, for a progress bar.
    """

    wanted: int
    emitted: int = 0
    drafted: int = 0
    accepted: int = 0
    rejected: int = 0
    flushed: int = 0
    verifications: int = 0
    accepted_histogram: Counter[int] = field(default_factory=Counter)
    first_emission: int | None = None
    last_emission: int = 0
    watch: Callable[[int], None] | None = None

    @property
    def complete(self) -> bool:
        """Whether as many tokens as asked for were emitted."""
        return self.emitted >= self.wanted

    @property
    def cut(self) -> int:
        """Tokens of the last round beyond those asked for."""
        return max(0, self.emitted - self.wanted)

    def emit(self, accepted: int, own: int, now: int) -> None:
        """Count tokens that join the text: accepted drafts and the target's own."""
        self.accepted += accepted
        self.emitted += accepted + own
        if self.first_emission is None and accepted + own > 0:
            self.first_emission = now
        self.last_emission = now
        if self.watch is not None:
            self.watch(self.emitted)

    def verified(self, accepted: int) -> None:
        """Count a pass of the target and how many drafted tokens it accepted."""
        self.verifications += 1
        self.accepted_histogram[accepted] += 1

    def check(self) -> None:
        """Assert conservation.

        Raises
        ------
        AssertionError
            A token has no fate or two.
        """
        if self.in_flight < 0:
            raise AssertionError(f"more fates than drafted tokens: {self}")
        if sum(self.accepted_histogram.values()) != self.verifications:
            raise AssertionError(f"the histogram does not sum to the passes: {self}")
