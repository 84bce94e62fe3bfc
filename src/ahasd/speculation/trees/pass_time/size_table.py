"""A pass's time by size, with nothing supposed of how it grows: on many machines it is no line."""

from bisect import bisect_left
from collections.abc import Mapping

from ahasd.speculation.trees.pass_time.pass_time import PassTime

#: Share of a new time in a size's average, and passes after which one is stale (ours).
SHARE, STALE_PASSES = 0.1, 256


class SizeTable(PassTime):
    """Each size has its own moving average; between sizes that were seen the time is interpolated.

    Parameters
    ----------
    share
        Of a new time in an average, above 0 and at most 1.
    known
        Seconds by size that were measured beforehand, such as by a probe when the model was loaded.
    """

    def __init__(self, share: float = SHARE, known: Mapping[int, float] | None = None) -> None:
        self._share = share
        self._average = dict(known or {})
        self._seen = dict.fromkeys(self._average, 0)
        self._passes = 0

    def observe(self, nodes: int, seconds: float) -> None:
        """Move the size's average; a stale one begins anew."""
        known = seconds if self.stale(nodes) else self._average.get(nodes, seconds)
        self._passes += 1
        self._average[nodes] = (1.0 - self._share) * known + self._share * seconds
        self._seen[nodes] = self._passes

    def seconds(self, nodes: int) -> float:
        """Return the average of a size that was seen, else a value on the line between its neighbours."""
        found = self._average.get(nodes)
        if found is not None:
            return found
        sizes = sorted(self._average)
        if not sizes:
            raise ValueError("no pass was observed")
        place = bisect_left(sizes, nodes)
        if place == 0:
            return self._average[sizes[0]]
        if len(sizes) == 1:
            return self._average[sizes[0]] * (nodes + 1) / (sizes[0] + 1)
        # Beyond the largest the line through the two largest goes on.
        low, high = (sizes[place - 1], sizes[place]) if place < len(sizes) else (sizes[-2], sizes[-1])
        before, after = self._average[low], self._average[high]
        return max(before, before + (after - before) * (nodes - low) / (high - low))

    def wants(self, offered: tuple[int, ...]) -> int | None:
        """Return the smallest size that was never seen."""
        return next((nodes for nodes in offered if nodes not in self._average), None)

    def stale(self, nodes: int) -> bool:
        """Whether a size was not seen for so long that its time may have changed."""
        return self._passes - self._seen.get(nodes, 0) > STALE_PASSES
