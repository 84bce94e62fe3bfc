"""First-order cost model of compute units in the ranks of a memory module."""

from dataclasses import replace
from math import ceil

from ahasd.errors import AhasdError
from ahasd.hardware.arithmetic import energy_factor, rate_share
from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.energy import bits_j, energy_vector, operations_j
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.kv_layout import append_by_output, append_by_token
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import INT8, Precision

_MICRO = 1e-6


class Pim(Device):
    """Products run in the ranks that hold the weights; vectors cross the bus between them.

    An operator takes the larger of its compute time and its array-read time (stretched where the power cap
    binds), plus the bus time of its vectors, plus a launch. Inputs are broadcast to the ranks of each channel.
    A weight read serves ``weight_reuse`` tokens, so a pass of k tokens reads the weights k / ``weight_reuse`` times.
    With the attention algorithm unit (AAU) vector work stays in the ranks, but a vector that is sharded over
    ranks still has to be gathered for the next broadcast. Without it partial sums cross to the NPU's vector unit.
    What measured machines reach of their units' peak is less: ``pim.compute_efficiency``.

    Parameters
    ----------
    hardware
        The machine; must have a ``pim`` section, and an ``aau`` section for ``aau``.
    ranks
        The ranks that hold the model: they set its bandwidth and its compute rate.
    aau
        Whether vector work is done in the ranks.
    precision
        Widths of weights, KV entries and activations, which say how wide the words are that are multiplied.
    name
        The track that the work shows on.
    channel_bytes_per_second
        What a long stream gets from one channel; the preset's derated peak by default.

    Raises
    ------
    AhasdError
        The memory of this preset does not compute, ``aau`` is asked for and its ranks have none, or keys and values
        are of a format whose elements are no words.
    """

    def __init__(
        self,
        hardware: Hardware,
        ranks: RankSet,
        aau: bool,
        precision: Precision = INT8,
        name: str = "pim",
        channel_bytes_per_second: float | None = None,
    ) -> None:
        kept = precision.kv_format
        if kept is not None and kept.in_words != kept:
            raise AhasdError(
                f"{name} cannot hold keys and values as {kept.name}: its units multiply words of 4, 8 or 16 bits, "
                f"and an element of {kept.name} is none; keep the cache as f16, q8_0 or q4_0"
            )
        self.precision = precision
        self._pim, memory = hardware.require_pim(), hardware.require_memory()
        self.name = name
        self.aau = aau
        self._energy = hardware.require_energy()
        self._activation_ranks = ranks.count
        self._blocks = self._pim.banks * ranks.per_channel
        share = ranks.count / memory.ranks
        self.macs_per_second = self._pim.gmac_per_second * 1e9 * share * self._pim.compute_efficiency
        self.array_peak_bytes_per_second = self._pim.gb_per_second * 1e9 * share * self._pim.array_efficiency
        self.array_bytes_per_second = self._pim.gb_per_second * 1e9 * self._pim.bandwidth_efficiency * share
        self.power_cap_w = self._pim.power_cap_w * share
        self.channels = ranks.channels
        rate = channel_bytes_per_second or memory.channel_bytes_per_second
        self.bus_bytes_per_second = ranks.channels * rate
        self._aau = hardware.require_aau() if aau else None
        helps = hardware.npu is not None and not aau
        self._npu = Npu(hardware, ranks.channels, precision, rate) if helps else None

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class.

        Raises
        ------
        AhasdError
            A convolution, attention to keys and values that are not in a cache, or a recurrence: none is a product
            with what lies in the banks. Or attention to a latent cache, whose values lie as its keys do, by token.
        """
        why_not = self._refusal(operator)
        if why_not:
            raise AhasdError(f"{self.name} {why_not}")
        if operator.kind is OperatorKind.VECTOR:
            return self._vector(operator)
        if operator.kind is OperatorKind.GATHER:
            return self._assemble(operator, 0.0, 0.0, operator.weight_bytes + operator.output_bytes)
        if operator.kind is OperatorKind.APPEND:
            return self._append(operator)
        return self._product(operator)

    def runs(self, operator: Operator) -> bool:
        """Whether it is a product with what lies in the banks, or goes with one."""
        return not self._refusal(operator)

    def _refusal(self, operator: Operator) -> str:
        """Why an operator cannot run here; empty if it can."""
        kind = operator.kind
        elsewhere = kind in (OperatorKind.CONVOLUTION, OperatorKind.RECURRENCE)
        if elsewhere or (kind.is_attention and not operator.on_cache):
            return f"multiplies by matrices and caches that lie in its banks; it cannot run {operator.name} ({kind})"
        if operator.reads_again and self._pim.value_layout != "by_token":
            return (
                f"cannot run {operator.name}: the values of a latent cache are a part of its keys, which lie by "
                f"token, and pim.value_layout is {self._pim.value_layout}; set pim.value_layout=by_token"
            )
        return ""

    def _product(self, operator: Operator) -> OperatorCost:
        """Cost of a product; where experts take different numbers of tokens, between two whole numbers of rows.

        Experts at work are a mean and their instances whole: rows times instances are what is computed, so the
        matrices are those of the instances.
        """
        if operator.kind.is_attention:
            return self._even_product(operator)
        mean, weights = operator.mean_rows, operator.inputs * operator.outputs * operator.instances
        weights = self.precision.matrix_bytes(weights)
        # Cutting an operator in two rounds its bytes.
        if mean == operator.rows and operator.weight_bytes + operator.instances >= weights:
            return self._even_product(operator)
        few, more = (
            self._even_product(replace(operator, rows=rows, weight_bytes=weights))
            for rows in (int(mean), int(mean) + 1)
        )
        return replace(few.toward(more, mean - int(mean)), operator=operator)

    def _even_product(self, operator: Operator) -> OperatorCost:
        reads = ceil(operator.rows / self._pim.weight_reuse)
        array_bytes = reads * (operator.weight_bytes + operator.kv_read_bytes)
        bus_bytes = self._input_bytes(operator) + self._crossing_bytes(operator)
        rate = self.macs_per_second * rate_share(self._pim, operator, self.precision)
        return self._assemble(operator, operator.macs / rate, array_bytes, bus_bytes)

    def _input_bytes(self, operator: Operator) -> int:
        """Bytes of broadcasting a product's input.

        A weight matrix is spread over every channel, so each needs the whole input (one write reaches all ranks of
        a channel); an attention head lies on one channel.
        """
        return operator.input_bytes * (self.channels if operator.kind is OperatorKind.MATMUL else 1)

    def _crossing_bytes(self, operator: Operator) -> int:
        """Bytes that leave the ranks around a product, and KV entries that are appended."""
        if self.aau:
            # The input is gathered from the ranks that hold its shards.
            return operator.input_bytes
        # Partial sums go to the NPU's vector unit at accumulator width.
        sums = operator.rows * operator.outputs * operator.instances
        return sums * self._pim.accumulator_bytes

    def _append(self, operator: Operator) -> OperatorCost:
        """New entries cross the bus, with the columns that they only touch where values lie by output."""
        pim, heads = self._pim, operator.instances
        head_bytes = operator.kv_write_bytes // (2 * operator.rows * heads)
        traffic = values = append_by_token(operator.rows, head_bytes, pim.column_bytes)
        if pim.value_layout == "by_output":
            lanes = pim.column_bytes * operator.outputs // head_bytes
            values = append_by_output(operator.rows, operator.outputs, lanes, self._blocks)
        traffic = (traffic + values).times(heads)
        gathered = operator.input_bytes if self.aau else 0
        bus_bytes = traffic.bursts * pim.column_bytes + gathered
        opening = operations_j(traffic.activations, self._energy.row_activation_pj)
        return self._assemble(operator, 0.0, 0.0, bus_bytes, launches=0, opening_j=opening)

    def _assemble(
        self,
        operator: Operator,
        compute: float,
        array_bytes: float,
        bus_bytes: float,
        launches: int | None = None,
        opening_j: float = 0.0,
    ) -> OperatorCost:
        memory = array_bytes / self.array_bytes_per_second
        array_j = bits_j(array_bytes, self._energy.pim_array_pj_per_bit)
        compute_j = operations_j(operator.macs, self._mac_pj(operator))
        throttled = (array_j + compute_j) / self.power_cap_w
        bus = bus_bytes / self.bus_bytes_per_second
        launch = (operator.launches if launches is None else launches) * self._pim.launch_us * _MICRO
        working = max(compute, memory, throttled)
        bound = max(
            (compute, Bound.COMPUTE),
            (memory, Bound.MEMORY),
            (bus, Bound.BUS),
            (launch, Bound.LAUNCH),
            (throttled if throttled > max(compute, memory) else 0.0, Bound.POWER),
        )[1]
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=working + bus + launch,
                bus_bytes=bus_bytes,
                array_bytes=array_bytes,
                macs=operator.macs,
                data_seconds=bus,
                data_runs=operator.launches,
                operators=operator.launches,
                energy_j=energy_vector(
                    pim_array=array_j,
                    pim_compute=compute_j,
                    dram_offchip=bits_j(bus_bytes, self._energy.offchip_pj_per_bit) + opening_j,
                    dram_active=(working + bus) * self._activation_ranks * self._energy.rank_active_mw * 1e-3,
                ),
            ),
            compute_seconds=compute,
            memory_seconds=memory,
            bus_seconds=bus,
            launch_seconds=launch,
            bound=bound,
            duty=max(compute, memory) / working if working else 1.0,
        )

    def _vector(self, operator: Operator) -> OperatorCost:
        if self._npu is not None:
            # The products around it have paid for the crossing; here the NPU's vector unit works.
            found = self._npu.operator_cost(operator)
            return replace(found, cost=replace(found.cost, host_seconds=found.cost.seconds))
        if self._aau is None:
            raise AhasdError("a PIM without AAU does no vector work, and there is no NPU that would; set aau")
        compute = self._aau_seconds(operator.vector_operations)
        launch = operator.launches * self._aau.latency_cycles / (self._pim.clock_ghz * 1e9)
        seconds = compute + launch
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=seconds,
                energy_j=energy_vector(
                    aau=operations_j(operator.vector_operations, self._energy.vector_operation_pj),
                    dram_active=seconds * self._activation_ranks * self._energy.rank_active_mw * 1e-3,
                ),
            ),
            compute_seconds=compute,
            launch_seconds=launch,
            bound=Bound.COMPUTE if compute >= launch else Bound.LAUNCH,
        )

    def _mac_pj(self, operator: Operator) -> float:
        """Energy of a multiply-accumulate of an operator."""
        return self._energy.pim_mac_pj * energy_factor(self._pim, operator, self.precision)

    def _aau_seconds(self, operations: float) -> float:
        """Time of element operations in the AAUs of the ranks, without their latency."""
        assert self._aau is not None, "asked where vector work stays in the ranks"
        rate = self._aau.lanes * self._pim.clock_ghz * 1e9 * self._activation_ranks
        return operations / (rate * self._pim.compute_efficiency)
