"""One core plays its tiles: loads ahead into the other half of the buffers, computes, writes back."""

from collections import deque
from collections.abc import Sequence

from ahasd.hardware.npu.systolic.array_pipeline import ArrayPipeline
from ahasd.hardware.npu.systolic.dataflow import ceil_divide
from ahasd.hardware.npu.systolic.memory_port import MemoryPort
from ahasd.hardware.npu.systolic.memory_queue import MemoryQueue
from ahasd.hardware.npu.systolic.tile_shape import TileShape

#: Two times this close, in cycles, are the same; far above rounding, far below a request.
_SAME = 1e-6
#: Tiles that the loads look ahead: the two halves of the buffers.
_AHEAD = 2


class CorePlayback:
    """A core with two halves of each buffer.

    Two tiles are on the core at a time. The loads of a tile are asked for when the tile two before it has
    finished: first the weights of its first array width and all inputs, then the weights of the other widths.
    A block is an array width of columns by an array height of rows over the depth of the tile; it starts when
    its weights and inputs have arrived. Results are written when the last depth has been added.

    Parameters
    ----------
    size
        Rows and columns of the array.
    port
        The core's share of the memory.
    per_request
        Elements of a memory request.
    """

    def __init__(self, size: int, port: MemoryPort, per_request: int) -> None:
        self._size = size
        self._per_request = per_request
        self._array = ArrayPipeline(size)
        self._memory = MemoryQueue(port)
        self._arrivals: deque[tuple[list[float], list[float]]] = deque()
        self._written = 0.0

    def play(self, tiles: Sequence[TileShape], period: int, extrapolate: bool = True) -> float:
        """Play tiles in order; return the cycle at which the last result has been written.

        Parameters
        ----------
        tiles
            In the order of the core's queue; equal ones are one object.
        period
            Tiles of one output tile, after which the sequence may repeat.
        extrapolate
            Whether to skip ahead in a run of equal output tiles once it has settled: when the state relative to
            the clock is that of one output tile before, every further one adds the same cycles.
        """
        for tile in tiles[:_AHEAD]:
            self._load(0.0, tile)
        index = 0
        before: tuple[tuple[float, ...], float] = ((), 0.0)
        while index < len(tiles):
            done = self._compute(tiles[index])
            index += 1
            if index + 1 < len(tiles):
                self._load(done, tiles[index + 1])
            if extrapolate and index % period == 0:
                state = self._state(done)
                if _same(state, before[0]):
                    periods = _repeats(tiles, index, period)
                    self._shift(periods * (done - before[1]))
                    done += periods * (done - before[1])
                    index += periods * period
                before = (state, done)
        return self._written

    def _load(self, asked: float, tile: TileShape) -> None:
        """Ask for a tile's operands; note when the weights of each width and the inputs of each height arrive."""
        weights: list[float] = []
        inputs: list[float] = []
        for first in range(0, tile.columns, self._size):
            width = min(self._size, tile.columns - first)
            weights.append(self._memory.transfer(asked, width * tile.requests_per_row))
            if first == 0:
                for row in range(0, tile.rows, self._size):
                    height = min(self._size, tile.rows - row)
                    inputs.append(self._memory.transfer(asked, height * tile.requests_per_row))
        self._arrivals.append((weights, inputs))

    def _compute(self, tile: TileShape) -> float:
        """Compute a tile and write its result if it is complete; return when the tile leaves the core."""
        weights, inputs = self._arrivals.popleft()
        blocks = ceil_divide(tile.depth, self._size)
        results: list[tuple[int, float]] = []
        for column, weight in enumerate(weights):
            width = min(self._size, tile.columns - column * self._size)
            for row, given in enumerate(inputs):
                rows = min(self._size, tile.rows - row * self._size)
                ready = self._array.run(max(weight, given), blocks, rows)
                results.append((rows * ceil_divide(width, self._per_request), ready))
        if tile.last:
            # Results leave in order, and not before the last product has been handed to the array, whose
            # pipeline takes as many as it is high.
            handed = self._array.start - self._size * self._array.interval
            for requests, ready in results:
                self._written = self._memory.transfer(max(ready, handed), requests)
        return results[-1][1]

    def _state(self, done: float) -> tuple[float, ...]:
        """Everything the future depends on, relative to a cycle."""
        times = [self._array.start, self._array.drained, self._memory.free]
        for weights, inputs in self._arrivals:
            times += weights + inputs
        return (self._array.interval, *(time - done for time in times))

    def _shift(self, cycles: float) -> None:
        self._array.start += cycles
        self._array.drained += cycles
        self._memory.free += cycles
        self._written += cycles
        self._arrivals = deque(
            ([time + cycles for time in weights], [time + cycles for time in inputs])
            for weights, inputs in self._arrivals
        )


def _same(state: tuple[float, ...], before: tuple[float, ...]) -> bool:
    return len(state) == len(before) and all(
        abs(now - then) < _SAME for now, then in zip(state, before, strict=True)
    )


def _repeats(tiles: Sequence[TileShape], index: int, period: int) -> int:
    """Return how many whole periods can be skipped so that the tiles already loaded stay the same."""
    end = index
    while end < len(tiles) and tiles[end] is tiles[end - period]:
        end += 1
    return max(0, (end - index - _AHEAD) // period)
