"""The chips that share a product, and the memory behind them."""

from dataclasses import dataclass

from ahasd.errors import AhasdError

#: Bytes of a sum in the accumulators (FP32 or INT32), as ONNXim and Gemmini hold them.
ACCUMULATOR_BYTES = 4


@dataclass(frozen=True, slots=True)
class Chips:
    """Equal chips on one memory; each has an array, a scratchpad for operands and accumulators for sums.

    Parameters
    ----------
    count
        How many.
    array_rows, array_columns
        Height (weights along the inner product) and width (weights along the outputs) of the array.
    scratchpad_bytes, accumulator_bytes
        Of one chip; half of each is worked with while the other half is filled or drained.
    clock_hz
        A row of inputs enters the array in every cycle.
    bytes_per_second
        What a long stream gets from the memory, for all chips together.
    first_access_s
        From a request to its first data.
    """

    count: int
    array_rows: int
    array_columns: int
    scratchpad_bytes: float
    accumulator_bytes: float
    clock_hz: float
    bytes_per_second: float
    first_access_s: float

    @property
    def operand_room(self) -> float:
        """Bytes of operands that a chip works with."""
        return self.scratchpad_bytes / 2

    @property
    def sum_room(self) -> float:
        """Sums that a chip works with."""
        return self.accumulator_bytes / (2 * ACCUMULATOR_BYTES)

    def require_room(self, operand_bytes: float) -> None:
        """Check that the least block fits: a row of inputs, an array of weights, and a row of sums.

        Parameters
        ----------
        operand_bytes
            Of the row of inputs and the array of weights.

        Raises
        ------
        AhasdError
            It does not; the message says what would.
        """
        if operand_bytes > self.operand_room or self.array_columns > self.sum_room:
            raise AhasdError(
                f"{self.scratchpad_bytes:.0f} bytes of scratchpad and {self.accumulator_bytes:.0f} of accumulators "
                f"hold no double-buffered block of an array of {self.array_rows}x{self.array_columns}: give at least "
                f"{2 * operand_bytes:.0f} and {2 * ACCUMULATOR_BYTES * self.array_columns} bytes "
                "(npu.scratchpad_mb, npu.accumulator_mb)."
            )
