"""Whether guessing is worth its time at all, by what it brought; tried again at doubling intervals."""

#: Share of its weight that a round keeps with each further one; rounds of a text that the expectation counts for, and
#: rounds of several texts at least (ours).
KEPT, PRIOR_ROUNDS, LEAST_PRIOR = 0.99, 32.0, 4.0

#: Rounds without guesses before some with them are tried again: at first, and at most. Ours.
FIRST_REST, LONGEST_REST = 32, 1024

#: Guesses of texts that are tried then, plain rounds that it takes the guesser to read what came without it, and the
#: share of the rounds that all that may cost (ours).
TRIED, CATCHING_UP, SHARE_TRIED = 4, 1.0, 0.01

#: What several texts have to gain: those that get on faster leave the batch, and its passes do less for the others.
#: Ours.
LEAST_OF_SEVERAL = 1.05


class GuessingGain:
    """The seconds that plain rounds would have taken for the same tokens, over those that were taken.

    Life cycle, round by round: ``guesses`` says whether to guess; ``took`` what came of it if it did.
    """

    def __init__(self) -> None:
        self._plain = self._taken = 0.0
        self._rest, self._resting, self._tried = FIRST_REST, 0, 0
        self._trying = False
        #: Plain rounds whose time trials may take by now.
        self._saved = 0.0

    def of(self, expected: float, rows: int) -> float:
        """Return the gain for so many texts; `expected` is what is thought of it beforehand."""
        prior = max(LEAST_PRIOR, PRIOR_ROUNDS / rows)
        return (prior * expected + self._plain) / (prior + self._taken)

    def guesses(self, expected: float, loss: float, rows: int) -> bool:
        """Whether to guess for so many texts in the next round: where that gains, else now and then.

        Parameters
        ----------
        expected
            See `of`.
        loss
            Of a round with guesses beside plain ones for the same tokens, in plain rounds; 0 or below for none.
        """
        self._trying = self.of(expected, rows) <= (1.0 if rows == 1 else LEAST_OF_SEVERAL)
        if not self._trying:
            self._rest, self._resting, self._tried = FIRST_REST, FIRST_REST, 0
            return True
        tried = max(1, TRIED // rows)
        if self._tried == 0 and (self._resting or self._saved < CATCHING_UP + tried * loss):
            self._resting = max(0, self._resting - 1)
            self._saved += SHARE_TRIED
            self._plain *= KEPT
            self._taken *= KEPT
            return False
        self._saved -= 0.0 if self._tried else CATCHING_UP
        self._tried += 1
        if self._tried >= tried:
            self._tried = 0
            self._rest = self._resting = min(2 * self._rest, LONGEST_REST)
        return True

    def took(self, plain: float, seconds: float, round_seconds: float) -> None:
        """Learn of a round with guesses.

        Parameters
        ----------
        plain
            Seconds that plain rounds would have taken for its tokens.
        seconds
            That it took.
        round_seconds
            Of a plain round.
        """
        # In rounds, so that none counts for more than another.
        self._plain = KEPT * self._plain + plain / seconds
        self._taken = KEPT * self._taken + 1.0
        if self._trying:
            self._saved -= max(0.0, seconds - plain) / round_seconds
