"""Cost model of an NPU that times every product tile by tile."""

from dataclasses import replace
from math import ceil

from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.npu.systolic import MemoryPort, NpuConfig, TileRounding, gemm
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

#: Bytes of a sum in the scratchpad: INT32 or FP32.
ACCUMULATOR_BYTES = 4


class SystolicNpu(Npu):
    """Products cost what their tiles take: preload, fill, double-buffered traffic, drain.

    Weights lie in the order in which the chips take their tiles, so that the stream of several chips is
    sequential (ours; streams that break each other's rows would be up to 30 % slower, as ONNXim's are on LPDDR5).
    Inputs and outputs of a product pass through memory, inputs once for every column of output tiles, as in ONNXim;
    that matters for prefill, but for the scores of a prompt, which stay in the scratchpad (``npu.fused_attention``).
    Those of a convolution pass once.
    The chips share the outputs of a product with weights; attention heads are dealt to them whole. A product's time
    beyond the larger of array and memory time shows as launch. Vector work and look-ups cost as in the first-order
    model.

    Parameters
    ----------
    hardware, channels, channel_bytes_per_second
        As for :class:`~ahasd.hardware.npu.npu.Npu`.
    first_access_s
        From a request to a closed row to its data.
    precision
        Widths of weights, KV entries and activations.
    """

    def __init__(
        self,
        hardware: Hardware,
        channels: int,
        channel_bytes_per_second: float,
        first_access_s: float,
        precision: Precision,
    ) -> None:
        super().__init__(hardware, channels, channel_bytes_per_second)
        npu = hardware.require_npu()
        self._clock_hz = npu.clock_ghz * 1e9
        self._precision = precision
        self._core = NpuConfig(
            npu.array_rows,
            npu.array_columns,
            int(npu.scratchpad_mb * 1e6),
            int(npu.accumulator_mb * 1e6),
            self._clock_hz,
            cores=npu.chips,
            tile_rounding=TileRounding.UP,
        )
        rate = self.bytes_per_second / self._clock_hz
        self._port = MemoryPort(rate, first_access_s * self._clock_hz)
        self._known: dict[Operator, OperatorCost] = {}

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class. Most operators of a pass do not depend on the context."""
        known = self._known.get(operator)
        if known is None:
            product = operator.kind.is_product
            known = self._product(operator) if product else super().operator_cost(operator)
            self._known[operator] = known
        return known

    def _product(self, operator: Operator) -> OperatorCost:
        attention = operator.kind.is_attention
        bits = self._operand_bits(operator)
        # Elements narrower than a byte cross the port faster and take the array as bytes do.
        element_bytes, packed = max(1, bits // 8), max(1, 8 // bits)
        core, at_a_time = replace(self._core, element_bytes=element_bytes), 1
        port = replace(self._port, bytes_per_cycle=self._port.bytes_per_cycle * packed)
        if attention:
            core, port, at_a_time = replace(core, cores=1), port.shared_by(core.cores), core.cores
        cost = gemm(core, port, operator.rows, operator.outputs, operator.inputs)
        if attention and self._npu.fused_attention and operator.rows > self._npu.array_rows:
            return self._fused(operator, cost.compute_cycles)
        if operator.kind is OperatorKind.CONVOLUTION:
            return self._convolution(operator, cost.compute_cycles)
        # Heads of one layer run side by side, layers never.
        turns = ceil(operator.instances // operator.launches / at_a_time) * operator.launches
        rounds = turns / self._clock_hz
        requests = (cost.dram_reads + cost.dram_writes) * operator.instances
        bus_bytes = requests * port.request_bytes / packed
        compute = cost.compute_cycles * rounds
        busy = max(compute, bus_bytes / self.bytes_per_second)
        return self._assemble(operator, compute, bus_bytes, max(0.0, cost.cycles * rounds - busy))

    def _operand_bits(self, operator: Operator) -> int:
        """Width of what is multiplied by: weights, cached keys or values, or those that are activations."""
        if operator.kind.has_weights:
            return self._precision.weight_bits
        return self._precision.kv_bits if operator.on_cache else self._precision.activation_bits

    def _convolution(self, operator: Operator, compute_cycles: int) -> OperatorCost:
        """A product of windows and kernels, group by group; the scratchpad holds what neighbouring windows share."""
        compute = compute_cycles * operator.instances / self._clock_hz
        bus_bytes = operator.weight_bytes + operator.input_bytes + operator.output_bytes
        return self._assemble(operator, compute, bus_bytes, operator.launches * self._npu.launch_us * 1e-6)

    def _fused(self, operator: Operator, compute_cycles: int) -> OperatorCost:
        """A product of attention over many rows, block by block of queries (FlashAttention, arXiv 2205.14135).

        Blocks beyond the causal mask are left out. A block of queries and its sums fill the scratchpad at most; keys
        and values stream by once for each block.
        """
        score = operator.kind is OperatorKind.SCORE
        width = operator.inputs if score else operator.outputs
        block_bytes = operator.rows * width * (1 + ACCUMULATOR_BYTES)
        blocks = ceil(block_bytes / (self._npu.scratchpad_mb * 1e6))
        heads = operator.instances // operator.launches
        turns = ceil(heads / self._npu.chips) * operator.launches
        whole = operator.rows * operator.inputs * operator.outputs * operator.instances
        compute = compute_cycles * turns / self._clock_hz * operator.macs / whole
        streamed, queries = operator.kv_read_bytes, operator.input_bytes
        if not operator.on_cache:
            elements = operator.inputs * operator.outputs * operator.instances
            streamed = self._precision.activation_bytes(elements)
            queries -= streamed
        bus_bytes = blocks * streamed + (queries if score else operator.output_bytes)
        launch = operator.launches * self._npu.launch_us * 1e-6
        return self._assemble(operator, compute, bus_bytes, launch)
