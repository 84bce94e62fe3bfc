"""When the weight blocks of a product start and finish on one weight-stationary array with hidden preload."""

from dataclasses import dataclass

#: Fewest cycles between two products on the array (ONNXim's instruction interval).
_LEAST_INTERVAL = 4


@dataclass(slots=True)
class ArrayPipeline:
    """The array as ONNXim's core schedules it.

    The weights of the next block are shifted in behind the current one, which takes as long as the array is
    high: rows streamed below that are free. An array that has drained pays reading and shifting in full,
    2·height − 1 cycles, before it starts.

    Parameters
    ----------
    size
        Height and width of the array.
    start
        Cycle at which the last block started streaming.
    interval
        Cycles that the last block keeps the array for itself.
    drained
        Cycle at which its last result left the array.
    """

    size: int
    start: float = 0.0
    interval: int = 0
    drained: float = 0.0

    def run(self, ready: float, blocks: int, rows: int) -> float:
        """Stream ``rows`` rows through each of ``blocks`` weight blocks; return when the last result is there.

        Parameters
        ----------
        ready
            Cycle at which weights and inputs of all of them lie in the scratchpad.
        """
        refill = 2 * self.size - 1
        first = ready + refill if ready >= self.drained else max(ready, self.start + self.interval)
        streamed = max(rows, _LEAST_INTERVAL)
        self.interval = max(streamed, self.size)
        self.start = first + (blocks - 1) * self.interval
        self.drained = self.start + 2 * self.size - 2 + streamed
        return self.drained
