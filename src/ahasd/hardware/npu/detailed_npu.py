"""What the detailed models of an NPU have in common: attention over many rows, and convolutions."""

from abc import abstractmethod
from math import ceil

from ahasd.hardware.arithmetic import operand_bits, stored_bits
from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

#: Bytes of a sum in the scratchpad: INT32 or FP32.
ACCUMULATOR_BYTES = 4


class DetailedNpu(Npu):
    """Products cost what their tiles take; vector work and look-ups cost as in the first-order model.

    Inputs and outputs of a product pass through memory, but for the scores of a prompt, which stay in the scratchpad
    (``npu.fused_attention``). Those of a convolution pass once. A product's time beyond the larger of array and
    memory time shows as launch.

    Parameters
    ----------
    hardware, channels, precision, channel_bytes_per_second
        As for :class:`~ahasd.hardware.npu.npu.Npu`.
    """

    def __init__(
        self, hardware: Hardware, channels: int, precision: Precision, channel_bytes_per_second: float
    ) -> None:
        super().__init__(hardware, channels, precision, channel_bytes_per_second)
        self._known: dict[Operator, OperatorCost] = {}

    @abstractmethod
    def _tiled(self, operator: Operator) -> OperatorCost:
        """Cost of a product whose operands all come from memory."""

    @abstractmethod
    def _array_seconds(self, operator: Operator) -> float:
        """Time that a whole product takes the arrays, heads of a layer side by side."""

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class. Most operators of a pass do not depend on the context."""
        known = self._known.get(operator)
        if known is None:
            product = operator.kind.is_product
            known = self._product(operator) if product else super().operator_cost(operator)
            self._known[operator] = known
        return known

    def _product(self, operator: Operator) -> OperatorCost:
        if operator.kind is OperatorKind.CONVOLUTION:
            return self._convolution(operator)
        fused = operator.kind.is_attention and self._npu.fused_attention
        if fused and operator.rows > self._npu.array_rows:
            return self._fused(operator)
        return self._tiled(operator)

    def _convolution(self, operator: Operator) -> OperatorCost:
        """A product of windows and kernels, group by group; the scratchpad holds what neighbouring windows share."""
        bus_bytes = operator.weight_bytes + operator.input_bytes + operator.output_bytes
        launch = operator.launches * self._npu.launch_us * 1e-6
        return self._assemble(operator, self._array_seconds(operator), bus_bytes, launch)

    def _fused(self, operator: Operator) -> OperatorCost:
        """A product of attention over many rows, block by block of queries (FlashAttention, arXiv 2205.14135).

        Blocks beyond the causal mask are left out. A block of queries and its sums fill the scratchpad at most; keys
        and values stream by once for each block.
        """
        score = operator.kind is OperatorKind.SCORE
        width = operator.inputs if score else operator.outputs
        block_bytes = operator.rows * width * (self.precision.activation_bits / 8 + ACCUMULATOR_BYTES)
        blocks = ceil(block_bytes / (self._npu.scratchpad_mb * 1e6))
        whole = operator.rows * operator.inputs * operator.outputs * operator.instances
        compute = self._array_seconds(operator) * operator.macs / whole
        queries, streamed = self._input_and_operand_bytes(operator)
        if operator.reads_again:  # each block of keys is at hand when its values are asked for
            blocks = 0
        bus_bytes = blocks * streamed + (queries if score else operator.output_bytes)
        launch = operator.launches * self._npu.launch_us * 1e-6
        return self._assemble(operator, compute, bus_bytes, launch)

    def _input_and_operand_bytes(self, operator: Operator) -> tuple[int, int]:
        """Bytes of a product's inputs, and of what they are multiplied by."""
        if operator.kind.has_weights:
            return operator.input_bytes, operator.weight_bytes
        if operator.on_cache:
            return operator.input_bytes, operator.kv_read_bytes
        elements = operator.inputs * operator.outputs * operator.instances
        held = self.precision.activation_bytes(elements)
        return operator.input_bytes - held, held

    def _operand_bits(self, operator: Operator) -> int:
        return operand_bits(operator, self.precision)

    def _stored_bits(self, operator: Operator) -> float:
        return stored_bits(operator, self.precision)
