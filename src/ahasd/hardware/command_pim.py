"""Cost model of a PIM that plays the commands of every product."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.energy import bits_j, energy_vector, operations_j
from ahasd.hardware.pim import Pim
from ahasd.hardware.pim_commands import CycleBreakdown, PimGeometry, PimOptions, pim_command_model
from ahasd.hardware.placement import RankSet
from ahasd.hardware.preset import Hardware
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class _Mapping:
    """How a product is laid over the channels.

    Attributes
    ----------
    channels
        Channels that compute different outputs.
    input_parts
        Groups of so many channels, each with a part of the inputs; their sums are added outside.
    rounds
        How often the products of this mapping follow each other.
    """

    channels: int
    input_parts: int
    rounds: int


@lru_cache(maxsize=65536)
def _gemv(
    timing: DramTiming, geometry: PimGeometry, options: PimOptions, outputs: int, inputs: int, tokens: int
) -> CycleBreakdown:
    """Cycles of a product; its shape repeats over layers, contexts and operators."""
    return pim_command_model(timing, geometry, options).gemv_breakdown(outputs, inputs, tokens)


class CommandPim(Pim):
    """Products cost what their command streams take: mode switches, rows, registers, column reads, refresh.

    All banks of the model's ranks work in lockstep. A column command follows the last no sooner than the rates
    of the preset allow (compute, and the arrays' peak), nor than the power cap. A weight matrix is spread over all
    channels, by outputs or by outputs and inputs, whichever pads less; an attention head lies on one, so as many
    heads as there are channels work at a time. Vectors that
    other parts of the machine need cross the bus as in the first-order model; inputs are written to the
    registers by the command stream itself.

    Parameters
    ----------
    hardware, ranks, aau, name
        As for :class:`~ahasd.hardware.pim.Pim`.
    timing
        Of the ranks, in cycles of their command clock.
    precision
        Widths of weights and KV entries, which say how many elements a column holds.
    """

    def __init__(
        self,
        hardware: Hardware,
        ranks: RankSet,
        aau: bool,
        timing: DramTiming,
        precision: Precision,
        name: str = "pim",
    ) -> None:
        super().__init__(hardware, ranks, aau, name)
        self._timing, self._precision, self._ranks = timing, precision, ranks
        self._cycle_s = timing.tCK_ns * 1e-9

    def _product(self, operator: Operator) -> OperatorCost:
        """Cost under the mapping that reads the fewest columns, padding included; then the one with fewest parts."""
        best = min(self._mappings(operator), key=lambda m: (self._tiles(operator, m), m.input_parts))
        return self._mapped(operator, best)

    def _tiles(self, operator: Operator, mapping: _Mapping) -> int:
        """Tiles that every block reads one after the other."""
        inputs = self._inputs(operator, mapping)
        geometry = self._geometry(mapping.channels, inputs)
        passes = ceil(operator.outputs / geometry.pass_outputs)
        return passes * ceil(inputs / geometry.tile_inputs)

    def _inputs(self, operator: Operator, mapping: _Mapping) -> int:
        """Inputs of a part, in elements of one byte: narrower ones make a row of inputs shorter."""
        return max(1, ceil(operator.inputs * self._bits(operator) / 8 / mapping.input_parts))

    def _bits(self, operator: Operator) -> int:
        attention = operator.kind is OperatorKind.ATTENTION
        return self._precision.kv_bits if attention else self._precision.weight_bits

    def _mappings(self, operator: Operator) -> list[_Mapping]:
        """A head lies on one channel; a weight matrix on all, its inputs in one part or in several."""
        channels = self._ranks.channels
        if operator.kind is OperatorKind.ATTENTION:
            return [_Mapping(1, 1, ceil(operator.instances / channels))]
        parts = [count for count in range(1, channels + 1) if channels % count == 0]
        return [_Mapping(channels // count, count, operator.instances) for count in parts]

    def _mapped(self, operator: Operator, mapping: _Mapping) -> OperatorCost:
        inputs = self._inputs(operator, mapping)
        geometry = self._geometry(mapping.channels, inputs)
        interval_s = self._column_seconds(geometry, geometry.column_bytes * 8 // self._bits(operator))
        options = PimOptions(
            weight_reuse=self._pim.weight_reuse,
            mac_cycles=interval_s / self._cycle_s,
            activation_window=self._pim.activation_window,
        )
        parts = _gemv(self._timing, geometry, options, operator.outputs, inputs, operator.rows)
        return self._cost(operator, parts, mapping)

    def _geometry(self, channels: int, inputs: int) -> PimGeometry:
        """The ranks at work; a product with few inputs fills fewer registers, and its tiles are shorter (ours)."""
        pim = self._pim
        registers = min(pim.input_registers, ceil(inputs / pim.column_bytes))
        return PimGeometry(
            channels=channels,
            ranks=self._ranks.per_channel,
            banks=pim.banks,
            bank_groups=pim.bank_groups,
            blocks=pim.banks,
            column_bytes=pim.column_bytes,
            columns_per_row=pim.row_bytes // pim.column_bytes,
            element_bytes=1,
            input_registers=registers,
            output_registers=pim.output_registers,
            lockstep_ranks=self._ranks.per_channel,
        )

    def _column_seconds(self, geometry: PimGeometry, elements: int) -> float:
        """Least time between column commands: compute rate, array peak and power cap, of the channels at work."""
        share = geometry.channels / self._ranks.channels
        columns = geometry.blocks * geometry.lockstep_ranks * geometry.channels
        array_bytes, macs = columns * geometry.column_bytes, columns * elements
        energy = bits_j(array_bytes, self._energy.pim_array_pj_per_bit) + operations_j(
            macs, self._energy.pim_mac_pj
        )
        return max(
            macs / (self.macs_per_second * share),
            array_bytes / (self.array_peak_bytes_per_second * share),
            energy / (self.power_cap_w * share),
        )

    def _cost(self, operator: Operator, parts: CycleBreakdown, mapping: _Mapping) -> OperatorCost:
        seconds_of = mapping.rounds * self._cycle_s
        compute = parts.compute * seconds_of
        memory = (parts.row_switches + parts.turnarounds + parts.refresh) * seconds_of
        launch = (parts.prologue + parts.mode_switches + parts.epilogue) * seconds_of
        # Sums of further parts of the inputs are read out to be added.
        sums = operator.rows * operator.outputs * operator.instances * self._pim.accumulator_bytes
        bus_bytes = self._crossing_bytes(operator) + (mapping.input_parts - 1) * sums
        registers = (parts.register_writes + parts.write_back) * seconds_of
        bus = registers + bus_bytes / self.bus_bytes_per_second
        reads = ceil(operator.rows / self._pim.weight_reuse)
        array_bytes = reads * (operator.weight_bytes + operator.kv_read_bytes)
        seconds = compute + memory + launch + bus
        named = ((compute, Bound.COMPUTE), (memory, Bound.MEMORY), (bus, Bound.BUS), (launch, Bound.LAUNCH))
        return OperatorCost(
            operator,
            StepCost(
                seconds,
                # The bus is taken while registers are written, too.
                bus_bytes + registers * self.bus_bytes_per_second,
                array_bytes,
                0.0,
                operator.macs,
                energy_vector(
                    pim_array=bits_j(array_bytes, self._energy.pim_array_pj_per_bit),
                    pim_compute=operations_j(operator.macs, self._energy.pim_mac_pj),
                    dram_offchip=bits_j(
                        bus_bytes + self._input_bytes(operator), self._energy.offchip_pj_per_bit
                    ),
                    dram_active=seconds * self._ranks.count * self._energy.rank_active_mw * 1e-3,
                ),
            ),
            compute,
            memory,
            bus,
            launch,
            max(named)[1],
        )
