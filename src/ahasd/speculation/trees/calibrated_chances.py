"""How likely a guess is right, by what the guesser said of it: counted as the text grows."""

from bisect import bisect_right
from collections.abc import Sequence

#: Between what is said and counted together, and guesses that what is said counts for in each part (both ours).
BOUNDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
PRIOR_GUESSES = 16.0

_MIDDLES = [(low + high) / 2 for low, high in zip((0.0, *BOUNDS), (*BOUNDS, 1.0), strict=True)]


class CalibratedChances:
    """Shares of right guesses among those of which the guesser said about as much, whatever their level and rank.

    A draft that was trained on drawn texts is surer than it says where the target takes its best token, and the other
    way round; what it says still tells easy places from hard ones, which a mean over all places does not.
    """

    def __init__(self) -> None:
        self._right = [PRIOR_GUESSES * middle for middle in _MIDDLES]
        self._guesses = [PRIOR_GUESSES] * len(_MIDDLES)

    def judge(self, rank: int | None, said: Sequence[float]) -> None:
        """Count what was said of all candidates of a level, of which the one of a rank was right (None: none was)."""
        for place, share in enumerate(said):
            part = bisect_right(BOUNDS, share)
            self._guesses[part] += 1.0
            self._right[part] += place == rank

    def of(self, said: Sequence[float]) -> list[float]:
        """Give how likely each candidate of a level is."""
        parts = [bisect_right(BOUNDS, share) for share in said]
        return [self._right[part] / self._guesses[part] for part in parts]
