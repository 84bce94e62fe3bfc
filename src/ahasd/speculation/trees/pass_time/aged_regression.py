"""ProPD's estimate of a pass's time: a line through moving averages, old ones counting less."""

from math import exp

from ahasd.speculation.trees.pass_time.pass_time import PassTime

#: Share of a new time in a size's average, and how fast an average loses its weight, per pass. The paper names
#: neither (both ours).
SHARE, DECAY = 0.1, 0.01


class AgedRegression(PassTime):
    """Seconds as b0 + b1 · nodes, refitted from every size that was seen (arXiv 2402.13485).

    Each size i keeps an average, T_i ← (1 − a)·T_i + a·t, and the passes since it was last seen, o_i. The line
    minimises Σ exp(−λ·o_i)·(T_i − b0 − b1·i)².

    Parameters
    ----------
    share
        a, above 0 and at most 1.
    decay
        λ, at least 0.
    """

    def __init__(self, share: float = SHARE, decay: float = DECAY) -> None:
        self._share, self._decay = share, decay
        self._average: dict[int, float] = {}
        self._seen: dict[int, int] = {}
        self._passes = 0
        self._line: tuple[float, float] | None = None

    def observe(self, nodes: int, seconds: float) -> None:
        """Move the size's average."""
        self._passes += 1
        known = self._average.get(nodes, seconds)
        self._average[nodes] = (1.0 - self._share) * known + self._share * seconds
        self._seen[nodes] = self._passes
        self._line = None

    def seconds(self, nodes: int) -> float:
        """Read the line; never below the least average, since a line through noise may reach 0."""
        if self._line is None:
            self._line = self._fit()
        constant, slope = self._line
        return max(constant + slope * nodes, min(self._average.values()) / 2)

    def wants(self, offered: tuple[int, ...]) -> int | None:
        """Return the smallest size, then the largest: a line needs two."""
        if len(self._average) > 1 or len(offered) < 2:
            return None if self._average else offered[0]
        ends = (min(offered), max(offered))
        return next((nodes for nodes in ends if nodes not in self._average), None)

    def _fit(self) -> tuple[float, float]:
        """Return b0 and b1 of the weighted least squares."""
        if not self._average:
            raise ValueError("no pass was observed")
        weight = {nodes: exp(-self._decay * (self._passes - seen)) for nodes, seen in self._seen.items()}
        total = sum(weight.values())
        middle = sum(weight[n] * n for n in weight) / total
        level = sum(weight[n] * self._average[n] for n in weight) / total
        spread = sum(weight[n] * (n - middle) ** 2 for n in weight)
        if spread == 0.0:
            return level, 0.0
        slope = sum(weight[n] * (n - middle) * (self._average[n] - level) for n in weight) / spread
        return level - slope * middle, slope
