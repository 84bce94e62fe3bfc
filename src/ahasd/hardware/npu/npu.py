"""First-order cost model of an NPU: systolic matrix unit, vector unit, scratchpad, one bus to memory."""

from math import ceil

from ahasd.hardware.arithmetic import energy_factor, rate_share
from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.energy import bits_j, energy_vector, operations_j
from ahasd.hardware.preset.preset import Hardware
from ahasd.hardware.preset.sections import EnergySection
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import INT8, Precision

_MICRO = 1e-6

#: What work counts as where nothing is known of it; results then give no energy.
NO_ENERGY = EnergySection(**dict.fromkeys(EnergySection.model_fields, 0.0))


class Npu(Device):
    """An operator takes the larger of its compute and its memory time, plus a launch.

    Compute: a weight tile of array height by array width is preloaded in as many cycles as the array is high,
    so an input narrower than that is free and a wider one takes a cycle a row (as ONNXim's weight-stationary
    core behaves); 16-bit words take the array longer (``npu.rate_at_16_bit``). Memory: weights and KV entries
    are streamed once; activations stay in the scratchpad unless they exceed it, attention scores always
    (``npu.fused_attention``), and so does a latent cache from keys to values. States are read and written once, and
    rewritten token by token by the vector unit. Of bandwidth and peak a machine reaches ``npu.bandwidth_efficiency``
    and ``npu.compute_efficiency``; a stream that is slower for it takes no more of the bus, but leaves gaps.

    Parameters
    ----------
    hardware
        The machine.
    channels
        Channels over which the streamed model is spread; they bound the bandwidth.
    precision
        Widths of weights, KV entries and activations, which say how wide the words are that meet in the array.
    channel_bytes_per_second
        What a long stream gets from one of them; the preset's derated peak by default.
    """

    name = "npu"

    def __init__(
        self,
        hardware: Hardware,
        channels: int,
        precision: Precision = INT8,
        channel_bytes_per_second: float | None = None,
    ) -> None:
        self.precision = precision
        self._npu = hardware.require_npu()
        self._energy = hardware.energy or NO_ENERGY
        self.channels = channels
        rate = channel_bytes_per_second or hardware.require_memory().channel_bytes_per_second
        self.bytes_per_second = channels * rate * self._npu.bandwidth_efficiency

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class."""
        npu = self._npu
        activations = operator.input_bytes + operator.output_bytes
        bus_bytes = operator.weight_bytes + operator.kv_read_bytes + operator.kv_write_bytes
        per_launch = activations / max(1, operator.launches)
        stay = operator.within_attention and npu.fused_attention
        if stay and operator.reads_again:
            bus_bytes -= operator.kv_read_bytes
        if per_launch > npu.scratchpad_mb * 1e6 * npu.chips and not stay:
            bus_bytes += activations
        # Keys and values leave the scratchpad on their own, behind the products that made them.
        launches = 0 if operator.kind is OperatorKind.APPEND else operator.launches
        launch = launches * npu.launch_us * _MICRO
        return self._assemble(operator, self.compute_seconds(operator), bus_bytes, launch)

    def _assemble(self, operator: Operator, compute: float, bus_bytes: float, launch: float) -> OperatorCost:
        energy, memory = self._energy, bus_bytes / self.bytes_per_second
        moved = bus_bytes + operator.input_bytes + operator.output_bytes
        wider = energy_factor(self._npu, operator, self.precision)
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=max(compute, memory) + launch,
                bus_bytes=bus_bytes,
                macs=operator.macs,
                operators=operator.launches,
                energy_j=energy_vector(
                    npu_compute=operations_j(operator.macs, energy.npu_mac_pj) * wider,
                    npu_vector=operations_j(operator.vector_operations, energy.vector_operation_pj),
                    scratchpad=operations_j(moved, energy.scratchpad_pj_per_byte),
                    dram_offchip=bits_j(bus_bytes, energy.offchip_pj_per_bit),
                    # A stream keeps one rank of each channel open.
                    dram_active=memory * self.channels * energy.rank_active_mw * 1e-3,
                ),
                data_seconds=memory * self._npu.bandwidth_efficiency,
            ),
            compute_seconds=compute,
            memory_seconds=memory,
            launch_seconds=launch,
            bound=max((compute, Bound.COMPUTE), (memory, Bound.MEMORY), (launch, Bound.LAUNCH))[1],
        )

    def compute_seconds(self, operator: Operator) -> float:
        """Time of the matrix unit (products) or of the vector unit (everything else)."""
        npu = self._npu
        if operator.kind.is_product:
            tiles = ceil(operator.inputs / npu.array_rows) * ceil(operator.outputs / npu.array_columns)
            cycles = operator.instances * tiles * max(operator.rows, npu.array_rows)
            return cycles / (npu.clock_ghz * 1e9 * npu.chips * self.rate(operator))
        operations = operator.vector_operations
        if operator.kind is OperatorKind.RECURRENCE:
            operations += operator.macs
        return operations / (npu.vector_tops * 1e12 * npu.chips * npu.compute_efficiency)

    def rate(self, operator: Operator) -> float:
        """Rows of a product that enter an array in a cycle: 1, or a share, as of words of 16 bits."""
        return rate_share(self._npu, operator, self.precision) * self._npu.compute_efficiency
