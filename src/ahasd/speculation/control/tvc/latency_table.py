"""Tables of the last few task durations, and what they predict for another length."""

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from math import floor, inf
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """A finished task: its cycles and its length."""

    cycles: float
    length: int


class LatencyTable(ABC):
    """The last few samples of a kind of task, the oldest of which goes first.

    Parameters
    ----------
    samples
        How many are kept, at least 1.
    """

    def __init__(self, samples: int) -> None:
        self._samples: deque[Sample] = deque(maxlen=samples)

    def __len__(self) -> int:
        return len(self._samples)

    def add(self, cycles: float, length: int) -> None:
        """Record a task of `cycles` and `length`; both must be positive (ValueError)."""
        if cycles <= 0 or length < 1:
            raise ValueError(f"a task of {length} tokens in {cycles} cycles is impossible")
        self._samples.append(Sample(cycles, length))

    @abstractmethod
    def predict(self, length: int) -> float:
        """Cycles of a task of that length; the table must not be empty."""

    @abstractmethod
    def longest(self, cycles: float) -> int:
        """Length of the longest task that is predicted to take no more than `cycles`; 0 if none does."""


class ProportionalTable(LatencyTable):
    """A line through zero: the mean of the samples' ratios of cycles to length (AHASD, arXiv 2604.25326)."""

    @property
    def mean(self) -> float:
        """Mean ratio, cycles per unit of length."""
        return sum(sample.cycles / sample.length for sample in self._samples) / len(self._samples)

    def predict(self, length: int) -> float:
        """Cycles of a task of that length."""
        return self.mean * length

    def longest(self, cycles: float) -> int:
        """Length of the longest task that is predicted to take no more than `cycles`."""
        return max(floor(cycles / self.mean), 0)


class AffineTable(LatencyTable):
    """A fixed part and a part per unit of length, neither negative: the line of least squares (ours).

    Where the unconstrained line would slope down it is flat, at the mean; where it would start below zero it
    goes through zero: in both cases the least squares under the constraint. So no prediction is negative, and
    a longer task is never predicted to be shorter.

    Parameters
    ----------
    single_length
        What samples of one length only are taken for, since they do not tell the two parts apart. ``fixed``:
        every task takes their mean (a verification, which mostly streams the weights). ``per_token``: a line
        through zero (drafts and pre-verifications, a pass or a share of the compute for every token).
    """

    def __init__(self, samples: int, single_length: Literal["fixed", "per_token"]) -> None:
        super().__init__(samples)
        self._single_length = single_length

    @property
    def line(self) -> tuple[float, float]:
        """Fixed cycles, and cycles per unit of length."""
        samples = self._samples
        mean_cycles = sum(sample.cycles for sample in samples) / len(samples)
        mean_length = sum(sample.length for sample in samples) / len(samples)
        spread = sum((sample.length - mean_length) ** 2 for sample in samples)
        if spread == 0:
            return (mean_cycles, 0.0) if self._single_length == "fixed" else (0.0, mean_cycles / mean_length)
        slope = (
            sum((sample.length - mean_length) * (sample.cycles - mean_cycles) for sample in samples) / spread
        )
        if slope <= 0:
            return mean_cycles, 0.0
        fixed = mean_cycles - slope * mean_length
        if fixed < 0:
            squares = sum(sample.length**2 for sample in samples)
            return 0.0, sum(sample.length * sample.cycles for sample in samples) / squares
        return fixed, slope

    def predict(self, length: int) -> float:
        """Cycles of a task of that length."""
        fixed, slope = self.line
        return fixed + slope * length

    def longest(self, cycles: float) -> int:
        """Length of the longest task that is predicted to take no more than `cycles`.

        A flat line says nothing of tasks longer than the samples, so none is promised.
        """
        fixed, slope = self.line
        if cycles < fixed:
            return 0
        length = (cycles - fixed) / slope if slope else inf
        return floor(length) if length < inf else max(sample.length for sample in self._samples)
