"""What a round costs by the number of its rows, from rounds that were timed."""

from collections import deque
from collections.abc import Collection, Sequence
from math import inf
from statistics import quantiles

#: Rounds of each size that are remembered. Ours.
MEMORY = 32

#: Share of a round that does not grow with its rows, as long as rounds of one size alone were seen. Ours.
FIXED_SHARE = 0.5


class RoundCosts:
    """Seconds of a round by its rows: the lower quartile of those seen, and a line through them for other sizes.

    Quartiles, since rounds last longer now and then for other programs' sake, which says nothing of their cost.
    """

    def __init__(self) -> None:
        self._seen: dict[int, deque[float]] = {}

    @property
    def seen(self) -> bool:
        """Whether there was any round."""
        return bool(self._seen)

    def rounds(self, rows: int) -> int:
        """Rounds of about so many rows, half to twice as many, that are remembered."""
        return sum(len(seen) for each, seen in self._seen.items() if rows <= 2 * each and each <= 2 * rows)

    def add(self, rows: int, seconds: float) -> None:
        """Take note of a round."""
        self._seen.setdefault(rows, deque(maxlen=MEMORY)).append(seconds)

    def table(self, rows: int) -> list[float]:
        """Estimate rounds of 0 (which cost nothing) to so many rows."""
        return [0.0, *(self.seconds(each) for each in range(1, rows + 1))]

    def seconds(self, rows: int) -> float:
        """Estimate a round of so many rows; at least one round was seen."""
        if rows in self._seen:
            return _lower_quartile(self._seen[rows])
        points = [(each, _lower_quartile(seen)) for each, seen in self._seen.items()]
        mean_rows = sum(each for each, _ in points) / len(points)
        mean = sum(seconds for _, seconds in points) / len(points)
        if len(points) == 1:
            return mean * (FIXED_SHARE + (1 - FIXED_SHARE) * rows / mean_rows)
        spread = sum((each - mean_rows) ** 2 for each, _ in points)
        slope = sum((each - mean_rows) * (seconds - mean) for each, seconds in points) / spread
        return max(min(seconds for _, seconds in points) * FIXED_SHARE, mean + slope * (rows - mean_rows))


def _lower_quartile(values: Collection[float]) -> float:
    return min(values) if len(values) < 3 else quantiles(values, n=4)[0]


def seconds_to_finish(remaining: Sequence[float], cost: Sequence[float]) -> float:
    """Estimate how long plain rounds take until all rows have ended.

    A row that ends makes the rounds behind it cheaper, no more: the longest row says when the batch is done.

    Parameters
    ----------
    remaining
        Tokens that each row still wants.
    cost
        Seconds of a round by its rows, from 0 rows on.
    """
    seconds, done = 0.0, 0.0
    for rows, tokens in zip(range(len(remaining), 0, -1), sorted(remaining), strict=True):
        seconds += (tokens - done) * cost[rows]
        done = tokens
    return seconds


def seconds_drafting_first(
    remaining: Sequence[float], speeds: Sequence[float], drafting: Sequence[float], plain: Sequence[float]
) -> float:
    """Estimate the rest of a batch that drafts until some number of rows is left, the best one, and then no more.

    Parameters
    ----------
    remaining
        Tokens that each row still wants.
    speeds
        Tokens that each gains in a round with drafts, at least 1.
    drafting, plain
        Seconds of a round with drafts and without by its rows, from 0 rows on.
    """
    rows = sorted(zip(remaining, speeds, strict=True), key=lambda row: row[0] / row[1])
    seconds, rounds, least = 0.0, 0.0, inf
    for ended, (tokens, speed) in enumerate(rows):
        seconds += (tokens / speed - rounds) * drafting[len(rows) - ended]
        rounds = tokens / speed
        behind = [max(0.0, tokens - rounds * speed) for tokens, speed in rows[ended + 1 :]]
        least = min(least, seconds + seconds_to_finish(behind, plain))
    return least
