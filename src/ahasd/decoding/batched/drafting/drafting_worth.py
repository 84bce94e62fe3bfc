"""Whether drafting pays in a batch: measured while it runs, since the passes of a batch cost otherwise."""

from collections.abc import Sequence

from ahasd.decoding.batched.drafting.round_costs import (
    RoundCosts,
    seconds_drafting_first,
    seconds_to_finish,
)

#: Share of the time that may go into trying the slower way again. Ours.
SHARE_TRIED = 0.01

#: Rounds of a way before it is judged, at about this size of batch: two, and more of few rows, as what they gain
#: varies more. Ours.
LEAST_ROUNDS, LEAST_TEXT_ROUNDS = 2, 4

#: What drafting has to save of the time that is left, as estimates err. Ours.
LEAST_SAVED = 0.05

#: Rounds from one estimate to the next; it takes time too. Ours.
JUDGED_EVERY = 8

#: Rounds that what is known of all rows counts for in the estimate of one row's gain. Ours.
PRIOR_ROUNDS = 4.0


class DraftingWorth:
    """Says before each round whether to draft: if the batch is expected to be done earlier so.

    Costs of rounds with drafts and without are measured by the number of rows, and what every row gains in a round
    with drafts. Both ways are tried at first; then the better one is taken, and the other tried again only as far as
    that takes no more than `SHARE_TRIED` of all time. It is told all times, so the same calls give the same answers.
    Costs and the mean gain are kept from batch to batch.

    Life cycle: ``start`` a batch; ``drafts`` before each round, ``took`` behind it, and ``select`` when rows leave.
    """

    def __init__(self) -> None:
        self._drafting, self._plain = RoundCosts(), RoundCosts()
        self._gained, self._row_rounds = 0.0, 0
        self._rows: list[tuple[float, int]] = []
        self._seconds = self._tried = 0.0
        self._better, self._goes_on_trying = True, False
        self._rounds_judged = 0

    def start(self, rows: int) -> None:
        """Begin a batch, of whose rows nothing is known."""
        self._rows = [(0.0, 0)] * rows
        self._rounds_judged = 0

    def drafts(self, remaining: Sequence[int]) -> bool:
        """Whether the next round should draft.

        Parameters
        ----------
        remaining
            Tokens that each row may still become longer by.
        """
        rows = len(remaining)
        if self._rounds_judged % JUDGED_EVERY == 0:
            self._better = self._drafting_is_better(remaining)
        if self._drafting.rounds(rows) < max(LEAST_ROUNDS, LEAST_TEXT_ROUNDS // rows):
            return True
        if self._plain.rounds(rows) < LEAST_ROUNDS:
            return False
        price = 2 * (self._plain if self._better else self._drafting).seconds(rows)
        tries = self._goes_on_trying or self._tried + price <= SHARE_TRIED * self._seconds
        return self._better != tries

    def took(self, drafted: bool, gained: Sequence[int], seconds: float, caught_up: bool = True) -> None:
        """Learn of a round.

        Parameters
        ----------
        drafted
            Whether it was one with drafts.
        gained
            Tokens of every row.
        seconds
            That it took, drafting included.
        caught_up
            Whether the draft knew the texts before; a round in which it had to read what plain rounds wrote does not
            stand for others.
        """
        rows = len(gained)
        self._seconds += seconds
        self._rounds_judged += 1
        known = min(self._drafting.rounds(rows), self._plain.rounds(rows)) >= LEAST_ROUNDS
        # The first rounds with drafts are a trial too, whatever comes of them.
        trial = drafted != self._better if known else drafted
        if trial:
            self._tried += seconds
        # A trial needs a round that stands for others.
        self._goes_on_trying = trial and drafted and not caught_up
        if drafted:
            self._gained += sum(gained)
            self._row_rounds += rows
            self._rows = [
                (total + new, rounds + 1) for (total, rounds), new in zip(self._rows, gained, strict=True)
            ]
        if caught_up or not drafted:
            (self._drafting if drafted else self._plain).add(rows, seconds)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._rows = [self._rows[row] for row in rows]

    def _drafting_is_better(self, remaining: Sequence[int]) -> bool:
        if not (self._drafting.seen and self._plain.seen):
            return True
        mean = self._gained / self._row_rounds
        speeds = [(PRIOR_ROUNDS * mean + total) / (PRIOR_ROUNDS + rounds) for total, rounds in self._rows]
        drafting, plain = self._drafting.table(len(remaining)), self._plain.table(len(remaining))
        expected = seconds_drafting_first(remaining, speeds, drafting, plain)
        return expected < (1 - LEAST_SAVED) * seconds_to_finish(remaining, plain)
