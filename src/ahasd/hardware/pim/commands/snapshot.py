"""State of a channel between bodies, in a form that recurs."""

from dataclasses import dataclass, field

#: Below it lie rows that are not data and do not shift.
CONTROL = -1_000_000

#: Open row of a bank that has none.
CLOSED = -1_000_005

#: Open row that the next command to its bank does not want; which one it is no longer matters.
STALE = -1_000_006


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state relative to the clock and to a row: what the future depends on, and nothing else.

    Attributes
    ----------
    rows
        Open row of each bank; data rows relative to the body that comes next.
    times
        Earliest cycle of each kind of command, counted from the last command; what has passed is 1, the next cycle.
    recent_activates
        Activates within the window of four, counted likewise (so 0 or less).
    all_bank
        Whether the rank obeys broadcasts.
    entering, leaving
        Switching banks that have had their part of a mode switch.
    precharge_pointer
        Bank at which the search for one to close starts.
    waiting_ranks
        Set of ranks whose refresh is due and waits; -1 for none. Set 0 computes.
    hash
        Of the rest, computed once.
    """

    rows: tuple[int, ...]
    times: tuple[int, ...]
    recent_activates: tuple[int, ...]
    all_bank: bool
    entering: frozenset[int]
    leaving: frozenset[int]
    precharge_pointer: int
    waiting_ranks: int
    hash: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self,
            "hash",
            hash((self.rows, self.times, self.recent_activates, self.all_bank, self.waiting_ranks)),
        )

    def __hash__(self) -> int:
        return self.hash
