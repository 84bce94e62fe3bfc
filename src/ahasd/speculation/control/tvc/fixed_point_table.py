"""The proportional latency table in the integers of the hardware."""

from ahasd.speculation.control.fixed_point import CycleFormat
from ahasd.speculation.control.tvc.latency_table import LatencyTable


class FixedPointTable(LatencyTable):
    """A line through zero (``ProportionalTable``) whose ratios are words of ``CycleFormat``.

    A ratio is divided when its sample arrives, the mean of the ratios after that; both quotients are rounded down.
    Cycles that are returned are multiples of a power of two below 2^53, so they are exact as floats.

    Parameters
    ----------
    samples
        How many are kept, at least 1.
    words
        Their format.
    """

    def __init__(self, samples: int, words: CycleFormat) -> None:
        super().__init__(samples)
        self._words = words

    @property
    def mean(self) -> float:
        """Mean ratio, cycles per unit of length."""
        return self.mean_units / (1 << self._words.fraction_bits)

    @property
    def mean_units(self) -> int:
        """Mean ratio as a word."""
        return sum(self.ratio_units(s.cycles, s.length) for s in self._samples) // len(self._samples)

    def ratio_units(self, cycles: float, length: int) -> int:
        """One sample's ratio as a word."""
        words = self._words
        whole = min(int(cycles), words.cycles_maximum)
        return (whole << words.fraction_bits) // min(length, (1 << words.length_bits) - 1)

    def predict(self, length: int) -> float:
        """Cycles of a task of that length, at most what a word holds."""
        words = self._words
        product = self.mean_units * min(length, (1 << words.length_bits) - 1)
        return min(product, (1 << words.ratio_bits) - 1) / (1 << words.fraction_bits)

    def longest(self, cycles: float) -> int:
        """Length of the longest task that is predicted to take no more than `cycles`, at most what a word holds."""
        most = (1 << self._words.token_bits) - 1
        if cycles < 0:
            return 0
        mean = self.mean_units
        return min(int(cycles * (1 << self._words.fraction_bits)) // mean, most) if mean else most
