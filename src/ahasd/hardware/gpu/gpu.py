"""Roofline cost model of a GPU: memory, tensor cores, launches, and layers that come over PCIe."""

from ahasd.hardware.arithmetic import operand_bits
from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.energy import energy_vector
from ahasd.hardware.gpu.width.backends import width_cost
from ahasd.hardware.preset.sections import GpuSection
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

_MICRO = 1e-6


class Gpu(Device):
    """An operator takes the larger of its compute and its memory time, both at achieved rates, and its launches.

    Compute: products with weights, convolutions of any number of groups among them, at the INT8 rate for 8-bit
    weights, else at the FP16 rate (4-bit weights are unpacked to FP16; formats with scales count by their bits per
    weight, up to 6.9 as of 4 bits, up to 12 as of 8); attention at the FP16 rate; everything else on the ordinary
    cores, two operations a multiply-add, but for the products of a recurrence, which kernels that take tokens in
    chunks do as attention's. Memory: weights, KV entries and states once; activations stay in the L2 cache unless
    those of one launch exceed it, and fused attention keeps its scores and reads a latent cache once.

    Width: a product with weights takes, from the second row on, the arithmetic that the backend's kernels do not hide
    behind the stream of weights (:class:`~ahasd.hardware.gpu.width.width_cost.WidthCost`); it counts as compute and
    comes on top of the memory time. Attention and convolutions have kernels of their own, which this leaves alone.

    Launches: in a graph each kernel starts ``graph_launch_us`` after the one before it. Without graphs the CPU
    launches a kernel while the one before it runs (ours), so a kernel takes at least ``launch_us``.

    Offload: a share of the layers' matrices lies in the CPU's memory and is copied in over PCIe in every pass, beside
    the kernels (``offload_overlap``) or before them, and read from the GPU's memory like the rest.

    Power: the board draws its limit while kernels work and its idle power otherwise; the difference is the work's,
    and nothing where they are not known, which is for the caller to see.

    Parameters
    ----------
    gpu
        The constants.
    precision
        Widths of weights and cache.
    name
        The track that the work shows on.
    offloaded_share
        Of the layers, those in the CPU's memory.
    """

    def __init__(
        self, gpu: GpuSection, precision: Precision, name: str = "gpu", offloaded_share: float = 0.0
    ) -> None:
        self.name = name
        self._gpu, self._offloaded = gpu, offloaded_share
        self.bytes_per_second = gpu.gb_per_second * 1e9 * gpu.bandwidth_efficiency
        self.pcie_bytes_per_second = gpu.pcie_gb_per_second * 1e9 * gpu.pcie_efficiency
        self._attention_macs = gpu.fp16_tflops * 1e12 / 2 * gpu.gemm_efficiency
        self._precision = precision
        self._vector_operations = gpu.vector_tflops * 1e12 / 2

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class."""
        gpu = self._gpu
        moved, exposed = self._memory_bytes(operator), self._exposed_seconds(operator)
        memory = moved / self.bytes_per_second
        hidden = self._compute_seconds(operator)
        compute = max(hidden, exposed)
        copied = self._copied_bytes(operator)
        copying = copied / self.pcie_bytes_per_second if copied else 0.0
        work, launches = max(hidden, memory + exposed), self._launches(operator)
        if gpu.graphs:
            launch = launches * gpu.graph_launch_us * _MICRO
            running = work + launch
        else:
            launch = launches * gpu.launch_us * _MICRO
            running = max(work, launch)
        seconds = max(running, copying) if gpu.offload_overlap else running + copying
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=seconds,
                bus_bytes=moved + copied,
                macs=operator.macs,
                operators=operator.launches,
                energy_j=energy_vector(gpu=work * gpu.work_w),
            ),
            compute_seconds=compute,
            memory_seconds=memory,
            bus_seconds=copying,
            launch_seconds=launch,
            bound=max(
                (compute, Bound.COMPUTE),
                (memory, Bound.MEMORY),
                (copying, Bound.BUS),
                (launch, Bound.LAUNCH),
            )[1],
        )

    def _compute_seconds(self, operator: Operator) -> float:
        if operator.kind.has_weights:
            peak = self._gpu.int8_tops if self._bits(operator) == 8 else self._gpu.fp16_tflops
            return operator.macs / (peak * 1e12 / 2 * self._gpu.gemm_efficiency)
        if operator.kind.is_attention:
            return operator.macs / self._attention_macs
        vectors = operator.vector_operations / self._vector_operations
        if operator.kind is OperatorKind.RECURRENCE:
            return vectors + operator.macs / self._attention_macs
        return vectors

    def _exposed_seconds(self, operator: Operator) -> float:
        """Arithmetic of the rows beyond the first that the stream of weights does not hide."""
        if operator.kind is not OperatorKind.MATMUL:
            return 0.0
        return operator.weight_bytes / self.bytes_per_second * (self._relative(operator) - 1.0)

    def _bits(self, operator: Operator) -> int:
        """Class of the kernel that takes a product's weights."""
        return operand_bits(operator, self._precision)

    def _relative(self, operator: Operator) -> float:
        """Time of a product over that of one row; where experts take different numbers of rows, in the mean."""
        width, mean = width_cost(self._gpu.backend, self._bits(operator)), operator.mean_rows
        if mean == operator.rows:
            return width.relative(operator.rows)
        few = max(1, int(mean))
        share = max(0.0, mean - few)
        return (1 - share) * width.relative(few) + share * width.relative(few + 1)

    def _memory_bytes(self, operator: Operator) -> float:
        moved = operator.weight_bytes + operator.kv_read_bytes + operator.kv_write_bytes
        activations = operator.input_bytes + operator.output_bytes
        stay = operator.within_attention and self._gpu.fused_attention
        if stay and operator.reads_again:
            moved -= operator.kv_read_bytes
        if activations / max(1, operator.launches) > self._gpu.l2_mb * 1e6 and not stay:
            moved += activations
        return moved

    def _copied_bytes(self, operator: Operator) -> float:
        if operator.kind.has_weights and operator.within_layer:
            return operator.weight_bytes * self._offloaded
        return 0.0

    def _launches(self, operator: Operator) -> int:
        """Scores, softmax and context of fused attention are one kernel, launched with the scores."""
        fused = operator.within_attention and self._gpu.fused_attention
        return 0 if fused and operator.kind is not OperatorKind.SCORE else operator.launches
