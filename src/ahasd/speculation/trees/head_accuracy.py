"""How often a head's k-th candidate is what the text goes on with, counted as the text grows."""

from collections.abc import Sequence

from ahasd.speculation.trees.guesses import Probabilities

#: Guesses that what was known beforehand counts for (ours).
PRIOR_GUESSES = 64.0


class HeadAccuracy:
    """ProPD's cached P of head i and its k-th candidate: the share of guesses whose truth was among the first k.

    Parameters
    ----------
    prior
        H×m: how likely each candidate was on other text, such as that on which the heads were tested.
    weight
        Guesses that it counts for.
    along_path
        Whether a head's guesses suppose that the first candidates of those before it were right; then paths branch
        off that of the first candidates only.
    """

    def __init__(self, prior: Probabilities, weight: float = PRIOR_GUESSES, along_path: bool = False) -> None:
        self.along_path = along_path
        self._right = [[weight * share for share in row] for row in prior]
        self._guesses = [weight] * len(prior)

    def judge(self, head: int, rank: int | None) -> None:
        """Count a guess: the rank of the truth among the candidates of a head (from 0), None if it was not there."""
        self._guesses[head] += 1.0
        if rank is not None and rank < len(self._right[head]):
            self._right[head][rank] += 1.0

    @property
    def each(self) -> list[list[float]]:
        """H×m: how likely each candidate is, p of the paper."""
        return [
            [right / guesses for right in row]
            for row, guesses in zip(self._right, self._guesses, strict=True)
        ]

    @property
    def within(self) -> list[list[float]]:
        """H×m: how likely one of the first k candidates is, P of the paper; it never falls with k."""
        return [_running(row) for row in self.each]


def differences(within: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return how likely each candidate is, from how likely one of the first k is."""
    return [[here - before for before, here in zip([0.0, *row], row, strict=False)] for row in within]


def _running(row: Sequence[float]) -> list[float]:
    found, total = [], 0.0
    for share in row:
        total += share
        found.append(total)
    return found
