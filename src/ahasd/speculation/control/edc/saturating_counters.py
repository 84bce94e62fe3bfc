"""A table of saturating counters, the pattern table of a two-level branch predictor."""

from collections.abc import Iterator


class SaturatingCounters:
    """Counters of so many bits; the most significant bit of one is its prediction.

    Parameters
    ----------
    count
        Counters in the table.
    bits
        Bits of a counter.
    initial
        Where every counter starts.
    ageing
        After so many verdicts on the table every counter moves one step toward `initial`; 0 for never.
    """

    def __init__(self, count: int, bits: int, initial: int, ageing: int = 0) -> None:
        self._values = [initial] * count
        self._largest = (1 << bits) - 1
        self._threshold = 1 << (bits - 1)
        self._initial = initial
        self._ageing = ageing
        self._trained = 0

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[int]:
        return iter(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    def predicts(self, index: int) -> bool:
        """Whether the most significant bit of a counter is set."""
        return self._values[index] >= self._threshold

    def train(self, index: int, upwards: bool) -> None:
        """Move a counter one step, as far as its bits go; then age the table if it is time."""
        if upwards:
            self._values[index] = min(self._values[index] + 1, self._largest)
        else:
            self._values[index] = max(self._values[index] - 1, 0)
        self._trained += 1
        if self._ageing and self._trained % self._ageing == 0:
            self._age()

    def _age(self) -> None:
        initial = self._initial
        self._values = [value + (value < initial) - (value > initial) for value in self._values]
