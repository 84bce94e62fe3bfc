"""Whether guessing is worth its time at all, by what it brought; tried again at doubling intervals."""

#: Share of its weight that a round keeps with each further one, and rounds that the expectation counts for (ours).
KEPT, PRIOR_ROUNDS = 0.99, 32.0

#: Rounds without guesses before some with them are tried again: at first, and at most; and how many are tried (ours).
FIRST_REST, LONGEST_REST, TRIED = 32, 1024, 4

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

    def of(self, expected: float) -> float:
        """Return the gain; `expected` is what is thought of it beforehand."""
        return (PRIOR_ROUNDS * expected + self._plain) / (PRIOR_ROUNDS + self._taken)

    def guesses(self, expected: float, rows: int) -> bool:
        """Whether to guess for so many texts in the next round: where that gains, else now and then."""
        if self.of(expected) > (1.0 if rows == 1 else LEAST_OF_SEVERAL):
            self._rest, self._resting, self._tried = FIRST_REST, FIRST_REST, 0
            return True
        if self._resting:
            self._resting -= 1
            self._plain *= KEPT
            self._taken *= KEPT
            return False
        self._tried += 1
        if self._tried == TRIED:
            self._tried = 0
            self._rest = self._resting = min(2 * self._rest, LONGEST_REST)
        return True

    def took(self, plain: float, seconds: float) -> None:
        """Learn of a round with guesses.

        Parameters
        ----------
        plain
            Seconds that plain rounds would have taken for its tokens.
        seconds
            That it took.
        """
        # In rounds, so that none counts for more than another.
        self._plain = KEPT * self._plain + plain / seconds
        self._taken = KEPT * self._taken + 1.0
