"""Configuration of a weight-stationary NPU: arrays, clock, buffers."""

from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.npu.systolic.dataflow import check_sizes

#: Bytes of a partial sum in the accumulators (FP32 or INT32), as ONNXim and Gemmini hold them.
ACCUMULATOR_BYTES = 4


class TileRounding(StrEnum):
    """How an even share of a dimension becomes a whole number of array widths.

    ``DOWN`` is ONNXim's rule; it can cut more tiles than the buffers ask for. ``UP`` (ours) cuts as few as fit.
    """

    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class NpuConfig:
    """One or several equal cores that share a memory.

    Parameters
    ----------
    array_rows, array_columns
        Processing elements of one array; the tile rule needs a square one.
    scratchpad_bytes, accumulator_bytes
        Buffers of one core; both are halved for double buffering.
    clock_hz
        Clock of the cores.
    element_bytes
        Bytes of an operand element: 2 for FP16, 1 for INT8.
    cores
        Arrays that share the outputs of a product: output tiles are dealt to them in turn.
    tile_rounding
        See :class:`TileRounding`.
    """

    array_rows: int
    array_columns: int
    scratchpad_bytes: int
    accumulator_bytes: int
    clock_hz: float = 1e9
    element_bytes: int = 2
    cores: int = 1
    tile_rounding: TileRounding = TileRounding.DOWN

    def __post_init__(self) -> None:
        check_sizes(
            array_rows=self.array_rows,
            array_columns=self.array_columns,
            element_bytes=self.element_bytes,
            cores=self.cores,
        )
        if self.array_rows != self.array_columns:
            raise AhasdError(
                f"array of {self.array_rows}×{self.array_columns}: the tile rule is defined for square arrays only. "
                "Make rows and columns equal, or let products be cut for reuse (--set npu.tiling=blocked)."
            )
        if not self.clock_hz > 0:
            raise AhasdError(f"clock_hz is {self.clock_hz}; it must be above 0.")
        try:
            object.__setattr__(self, "tile_rounding", TileRounding(self.tile_rounding))
        except ValueError:
            names = [rounding.value for rounding in TileRounding]
            raise UnknownNameError("tile rounding", str(self.tile_rounding), names) from None
        if self.output_blocks_per_side < 1 or self.depth_blocks < 1:
            block = self.array_rows * self.array_columns
            raise AhasdError(
                f"{self.accumulator_bytes} bytes of accumulators and {self.scratchpad_bytes} of scratchpad hold no "
                f"double-buffered tile of {self.array_rows}×{self.array_columns}: give at least "
                f"{2 * ACCUMULATOR_BYTES * block} and {4 * self.element_bytes * block} bytes."
            )

    @property
    def output_blocks_per_side(self) -> int:
        """Side of the largest square output tile in array widths: half the accumulators."""
        block = self.array_rows * self.array_columns * ACCUMULATOR_BYTES
        return isqrt(self.accumulator_bytes // (2 * block))

    @property
    def depth_blocks(self) -> int:
        """Length of the inner product in a tile, in array heights: a quarter of the scratchpad for each operand.

        Half of it for double buffering, and half of that for the inputs and for the weights each.
        """
        block = self.array_rows * self.array_columns * self.element_bytes
        side = self.output_blocks_per_side
        return self.scratchpad_bytes // (4 * block) // side if side else 0

    @property
    def peak_macs_per_cycle(self) -> int:
        """Multiply-accumulates of all cores per cycle."""
        return self.array_rows * self.array_columns * self.cores
