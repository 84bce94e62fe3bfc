"""Detailed cost model of an NPU whose compiler keeps blocks of operands in the scratchpad."""

from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.npu.blocked import Chips, Product, array_seconds, blocked_cost
from ahasd.hardware.npu.detailed_npu import DetailedNpu
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator
from ahasd.workload.precision import Precision


class BlockedNpu(DetailedNpu):
    """Every product runs under the best of the schedules that fit its scratchpad and accumulators.

    What a schedule costs is :func:`~ahasd.hardware.npu.blocked.cost.blocked_cost`'s. Weights, cached keys and values,
    and activations each move at their own width, scales included, and lie in the scratchpad as they came. All chips
    share a product with weights; attention heads are dealt to them whole, and those of a layer follow each other
    without a break.

    Parameters
    ----------
    hardware, channels, precision, channel_bytes_per_second
        As for :class:`~ahasd.hardware.npu.detailed_npu.DetailedNpu`.
    first_access_s
        From a request to a closed row to its data.
    """

    def __init__(
        self,
        hardware: Hardware,
        channels: int,
        precision: Precision,
        channel_bytes_per_second: float,
        first_access_s: float,
    ) -> None:
        super().__init__(hardware, channels, precision, channel_bytes_per_second)
        npu = hardware.require_npu()
        self._chips = Chips(
            npu.chips,
            npu.array_rows,
            npu.array_columns,
            npu.scratchpad_mb * 1e6,
            npu.accumulator_mb * 1e6,
            npu.clock_ghz * 1e9,
            self.bytes_per_second,
            first_access_s,
        )

    def _tiled(self, operator: Operator) -> OperatorCost:
        launches = operator.launches
        cost = blocked_cost(self._chips, self._one_launch(operator))
        compute, bus_bytes = cost.compute_seconds * launches, cost.bus_bytes * launches
        hidden = max(compute, bus_bytes / self.bytes_per_second)
        return self._assemble(operator, compute, bus_bytes, max(0.0, cost.seconds * launches - hidden))

    def _array_seconds(self, operator: Operator) -> float:
        return array_seconds(self._chips, self._one_launch(operator)) * operator.launches

    def _one_launch(self, operator: Operator) -> Product:
        inputs, operand = self._input_and_operand_bytes(operator)
        return Product(
            operator.rows,
            operator.inputs,
            operator.outputs,
            self.precision.activation_bits,
            self._stored_bits(operator),
            inputs / operator.instances,
            operand / operator.instances,
            operator.output_bytes / operator.instances,
            operator.instances // operator.launches,
            operator.kind.is_attention,
            self.rate(operator),
        )
