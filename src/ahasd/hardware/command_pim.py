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
        Channels that compute different outputs of one instance.
    input_parts
        Groups of so many channels, each with a part of the inputs; their sums are added outside.
    rounds
        How often instances follow each other; those of one layer may run side by side, layers never.
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
    of the preset allow (compute, and the arrays' peak), nor than the power cap. A product is spread over all
    channels by outputs, by inputs, or (attention) by heads, whichever pads least. A unit sums the lanes of a column
    apart, so an output leaves it as a column of partial sums: the AAU adds them in the ranks, without it they
    cross to the NPU. Compute rates and energies per MAC are those of INT8 at every width (ours).

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
        """Cost under the mapping that reads the fewest columns, padding included; of those the fewest parts."""
        best = min(
            self._mappings(operator), key=lambda m: (self._columns(operator, m) * m.rounds, m.input_parts)
        )
        inputs = self._inputs(operator, best)
        geometry = self._geometry(operator, best.channels, inputs)
        options = self._options(geometry, geometry.column_bytes * 8 // self._bits(operator))
        parts = _gemv(self._timing, geometry, options, operator.outputs, inputs, operator.rows)
        return self._cost(operator, best, geometry, options, parts)

    def _mappings(self, operator: Operator) -> list[_Mapping]:
        """All ways to share the channels between heads of a layer, outputs and inputs."""
        in_layer = operator.instances // operator.launches
        found = []
        for heads in _divisors(self._ranks.channels):
            if heads > 1 and in_layer == 1:
                continue
            per_head = self._ranks.channels // heads
            rounds = operator.launches * ceil(in_layer / heads)
            found += [_Mapping(per_head // parts, parts, rounds) for parts in _divisors(per_head)]
        return found

    def _columns(self, operator: Operator, mapping: _Mapping) -> int:
        """Columns that every block reads one after the other, for one token of one instance."""
        inputs = self._inputs(operator, mapping)
        geometry = self._geometry(operator, mapping.channels, inputs)
        return _passes(operator, geometry) * ceil(inputs / geometry.tile_inputs) * geometry.tile_columns

    def _inputs(self, operator: Operator, mapping: _Mapping) -> int:
        """Inputs of a part, in elements of one byte: narrower ones make a row of inputs shorter."""
        return max(1, ceil(operator.inputs * self._bits(operator) / 8 / mapping.input_parts))

    def _bits(self, operator: Operator) -> int:
        attention = operator.kind is OperatorKind.ATTENTION
        return self._precision.kv_bits if attention else self._precision.weight_bits

    def _geometry(self, operator: Operator, channels: int, inputs: int) -> PimGeometry:
        """The ranks at work; a product that does not fill the registers uses fewer: shorter tiles (ours)."""
        pim = self._pim
        input_registers = min(pim.input_registers, ceil(inputs / pim.column_bytes))
        sums_per_block = ceil(operator.outputs / (pim.banks * self._ranks.per_channel * channels))
        output_registers = ceil(sums_per_block / ceil(sums_per_block / pim.output_registers))
        return PimGeometry(
            channels=channels,
            ranks=self._ranks.per_channel,
            banks=pim.banks,
            bank_groups=pim.bank_groups,
            blocks=pim.banks,
            column_bytes=pim.column_bytes,
            columns_per_row=pim.row_bytes // pim.column_bytes,
            element_bytes=1,
            input_registers=input_registers,
            output_registers=output_registers,
            lockstep_ranks=self._ranks.per_channel,
        )

    def _options(self, geometry: PimGeometry, elements: int) -> PimOptions:
        """Pace of the column commands, from the rates of the channels at work."""
        share = geometry.channels / self._ranks.channels
        columns = geometry.blocks * geometry.lockstep_ranks * geometry.channels
        array_bytes, macs = columns * geometry.column_bytes, columns * elements
        cap_j_per_cycle = self.power_cap_w * share * self._cycle_s
        return PimOptions(
            weight_reuse=self._pim.weight_reuse,
            mac_cycles=macs / (self.macs_per_second * share * self._cycle_s),
            read_cycles=array_bytes / (self.array_peak_bytes_per_second * share * self._cycle_s),
            power_cycles=(
                bits_j(array_bytes, self._energy.pim_array_pj_per_bit) / cap_j_per_cycle,
                operations_j(macs, self._energy.pim_mac_pj) / cap_j_per_cycle,
            ),
            activation_window=self._pim.activation_window,
        )

    def _cost(
        self,
        operator: Operator,
        mapping: _Mapping,
        geometry: PimGeometry,
        options: PimOptions,
        parts: CycleBreakdown,
    ) -> OperatorCost:
        pim, energy = self._pim, self._energy
        seconds_of = mapping.rounds * self._cycle_s
        reads = ceil(operator.rows / pim.weight_reuse)
        inputs = self._inputs(operator, mapping)
        tiles = _passes(operator, geometry) * ceil(inputs / geometry.tile_inputs) * mapping.rounds
        columns = tiles * reads * geometry.tile_columns * geometry.blocks * self._ranks.count
        array_bytes = columns * geometry.column_bytes
        register_bytes = (
            tiles * operator.rows * geometry.input_registers * pim.column_bytes * self._ranks.channels
        )
        sums = operator.rows * operator.outputs * operator.instances * mapping.input_parts
        # Every lane of a column adds up apart; someone has to add the lanes.
        additions = sums * pim.column_bytes if self.aau else 0
        adding = additions / self.aau_operations_per_second
        bus_bytes = register_bytes + operator.kv_write_bytes
        bus_bytes += operator.input_bytes if self.aau else sums * pim.column_bytes
        if self.aau and mapping.input_parts > 1:
            bus_bytes += sums * pim.accumulator_bytes
        reading = parts.compute * seconds_of
        other = (parts.row_switches + parts.turnarounds + parts.refresh + parts.write_back) * seconds_of
        launch = (parts.prologue + parts.mode_switches + parts.epilogue) * seconds_of
        crossing = (bus_bytes - register_bytes) / self.bus_bytes_per_second
        bus = parts.register_writes * seconds_of + crossing
        limit = _limit(options, min(operator.rows, pim.weight_reuse))
        compute = adding + (reading if limit is not Bound.MEMORY else 0.0)
        memory = other + (reading if limit is Bound.MEMORY else 0.0)
        seconds = compute + memory + bus + launch
        named = ((compute, limit), (memory, Bound.MEMORY), (bus, Bound.BUS), (launch, Bound.LAUNCH))
        return OperatorCost(
            operator,
            StepCost(
                seconds,
                bus_bytes,
                array_bytes,
                0.0,
                operator.macs,
                energy_vector(
                    pim_array=bits_j(array_bytes, energy.pim_array_pj_per_bit),
                    pim_compute=operations_j(operator.macs, energy.pim_mac_pj),
                    aau=operations_j(additions, energy.vector_operation_pj),
                    dram_offchip=bits_j(bus_bytes, energy.offchip_pj_per_bit),
                    dram_active=seconds * self._ranks.count * energy.rank_active_mw * 1e-3,
                ),
            ),
            compute,
            memory,
            bus,
            launch,
            max(named)[1],
        )


def _passes(operator: Operator, geometry: PimGeometry) -> int:
    return ceil(operator.outputs / geometry.pass_outputs)


def _divisors(number: int) -> list[int]:
    return [count for count in range(1, number + 1) if number % count == 0]


def _limit(options: PimOptions, tokens: int) -> Bound:
    """What paces the column commands."""
    per_read, per_token = options.power_cycles
    return max(
        (options.mac_cycles * tokens, Bound.COMPUTE),
        (options.read_cycles, Bound.MEMORY),
        (per_read + per_token * tokens, Bound.POWER),
    )[1]
