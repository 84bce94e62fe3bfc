"""Detailed cost model of an NPU that cuts every product into ONNXim's tiles."""

from dataclasses import replace
from math import ceil

from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.npu.detailed_npu import DetailedNpu
from ahasd.hardware.npu.systolic import GemmCost, MemoryPort, NpuConfig, TileRounding, gemm
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator
from ahasd.workload.precision import Precision


class OnnximNpu(DetailedNpu):
    """Products cost what their tiles take: preload, fill, double-buffered traffic, drain.

    As in ONNXim (doi 10.1109/LCA.2024.3484648), nothing stays on a chip from one tile to the next, all operands of a
    product have one width (that of its weights, keys or values), and every chip asks for its tiles itself.
    Weights lie in the order in which the chips take their tiles, so that the stream of several chips is
    sequential (ours; streams that break each other's rows would be up to 30 % slower, as ONNXim's are on LPDDR5).
    The chips share the outputs of a product with weights; attention heads are dealt to them whole.

    Parameters
    ----------
    hardware, channels, precision, channel_bytes_per_second
        As for :class:`~ahasd.hardware.npu.detailed_npu.DetailedNpu`.
    first_access_s
        From a request to a closed row to its data.

    Raises
    ------
    AhasdError
        The array is not square, or its buffers hold no tile.
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
        self._first_access_s = first_access_s
        self._core = NpuConfig(
            npu.array_rows,
            npu.array_columns,
            int(npu.scratchpad_mb * 1e6),
            int(npu.accumulator_mb * 1e6),
            npu.clock_ghz * 1e9,
            cores=npu.chips,
            tile_rounding=TileRounding.UP,
        )

    def _tiled(self, operator: Operator) -> OperatorCost:
        cost, request_bytes = self._one_product(operator)
        rounds = self._turns(operator) / self._clock_hz(operator)
        bus_bytes = (cost.dram_reads + cost.dram_writes) * operator.instances * request_bytes
        compute = cost.compute_cycles * rounds
        busy = max(compute, bus_bytes / self.bytes_per_second)
        return self._assemble(operator, compute, bus_bytes, max(0.0, cost.cycles * rounds - busy))

    def _array_seconds(self, operator: Operator) -> float:
        cost, _ = self._one_product(operator)
        return cost.compute_cycles * self._turns(operator) / self._clock_hz(operator)

    def _one_product(self, operator: Operator) -> tuple[GemmCost, float]:
        """Cost of one instance, and the bytes of a request."""
        # Elements narrower than a byte cross the port faster and take the array as bytes do; scales cross it too.
        element_bytes = max(1, self._operand_bits(operator) // 8)
        packed = 8 * element_bytes / self._stored_bits(operator)
        clock_hz = self._clock_hz(operator)
        core = replace(self._core, element_bytes=element_bytes, clock_hz=clock_hz)
        port = MemoryPort(self.bytes_per_second * packed / clock_hz, self._first_access_s * clock_hz)
        if operator.kind.is_attention:
            core, port = replace(core, cores=1), port.shared_by(core.cores)
        cost = gemm(core, port, operator.rows, operator.outputs, operator.inputs)
        return cost, port.request_bytes / packed

    def _turns(self, operator: Operator) -> int:
        """Products that follow each other: heads of one layer run side by side, layers never."""
        at_a_time = self._core.cores if operator.kind.is_attention else 1
        return ceil(operator.instances // operator.launches / at_a_time) * operator.launches

    def _clock_hz(self, operator: Operator) -> float:
        """Rows that enter an array in a second."""
        return self._core.clock_hz * self.rate(operator)
