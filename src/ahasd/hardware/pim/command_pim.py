"""Cost model of a PIM that plays the commands of every product."""

from dataclasses import replace
from math import ceil

from ahasd.hardware.arithmetic import rate_share, stored_bits
from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.energy import bits_j, energy_vector, operations_j
from ahasd.hardware.pim.bank_layout import BankLayout
from ahasd.hardware.pim.banked_product import BankedProduct
from ahasd.hardware.pim.commands import CycleBreakdown, PimOptions
from ahasd.hardware.pim.kv_layout import append_cycles
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.pim.product_rounds import ProductRounds
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.operators import Operator
from ahasd.workload.precision import Precision

#: A channel of LPDDR5: banks, rows and bursts as JESD209-5 has them for x16 devices of 16 Gb.
LPDDR5_CHANNEL = ChannelOrganisation()


class CommandPim(Pim):
    """Products cost what their command streams take: mode switches, rows, registers, column reads, refresh.

    All banks of the model's ranks work in lockstep. A column command follows the last no sooner than what is
    reached of the preset's rates allows (compute, and the arrays' peak), nor than the power cap. How products and
    caches are laid out is :class:`~ahasd.hardware.pim.bank_layout.BankLayout`'s; each key-value head is a product
    of its own, with the mode switches and the program of one, as in the measured kernels. A unit sums the lanes
    of a column apart, so an output leaves it as a column of partial sums: the AAU adds them in the ranks, without
    it they cross to the NPU.

    Parameters
    ----------
    hardware, ranks, aau, name, channel_bytes_per_second
        As for :class:`~ahasd.hardware.pim.pim.Pim`.
    timing
        Of the ranks, in cycles of their command clock.
    precision
        Widths of weights and KV entries, which say how many elements a column holds, and of activations.
    organisation
        Of the channels, for what a stream beside the commands loses.
    """

    def __init__(
        self,
        hardware: Hardware,
        ranks: RankSet,
        aau: bool,
        timing: DramTiming,
        precision: Precision,
        organisation: ChannelOrganisation = LPDDR5_CHANNEL,
        name: str = "pim",
        channel_bytes_per_second: float | None = None,
    ) -> None:
        super().__init__(hardware, ranks, aau, precision, name, channel_bytes_per_second)
        self._rounds = ProductRounds(timing, organisation, ranks.per_channel, self._pim.drive == "per_rank")
        self._timing, self._ranks = timing, ranks
        self._layout = BankLayout(self._pim, ranks, precision, self._estimate)
        self._known: dict[Operator, OperatorCost] = {}
        self._cycle_s = timing.tCK_ns * 1e-9

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class. Most operators of a pass do not depend on the context."""
        known = self._known.get(operator)
        if known is None:
            known = self._known[operator] = super().operator_cost(operator)
        return known

    def _even_product(self, operator: Operator) -> OperatorCost:
        product = self._layout.product(operator)
        options = self._options(operator, product)
        parts = self._rounds.cycles(product, options, operator.rows)
        return self._cost(operator, product, options, parts)

    def _append(self, operator: Operator) -> OperatorCost:
        """Rows are opened and written between products, layer by layer; nothing computes meanwhile."""
        traffic, busiest = self._layout.append(operator)
        on_bus, beside = append_cycles(self._timing, busiest, self._ranks.per_channel)
        seconds_of = operator.launches * self._cycle_s
        # Keys and values come out of the ranks that computed them, or from the NPU.
        gathered = operator.input_bytes if self.aau else 0
        bus_bytes = traffic.bursts * self._pim.column_bytes + gathered
        bus = on_bus * seconds_of + gathered / self.bus_bytes_per_second
        memory, energy = beside * seconds_of, self._energy
        moving = bits_j(bus_bytes, energy.offchip_pj_per_bit)
        opening = operations_j(traffic.activations, energy.row_activation_pj)
        active = (bus + memory) * self._ranks.count * energy.rank_active_mw * 1e-3
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=bus + memory,
                bus_bytes=bus_bytes,
                data_seconds=bus,
                data_runs=operator.launches,
                operators=operator.launches,
                energy_j=energy_vector(dram_offchip=moving + opening, dram_active=active),
            ),
            memory_seconds=memory,
            bus_seconds=bus,
            bound=Bound.BUS if bus >= memory else Bound.MEMORY,
        )

    def _estimate(self, operator: Operator, product: BankedProduct) -> float:
        """Cycles that a row takes in columns, register writes and sums: what a layout decides."""
        interval = max(self._options(operator, product).column_interval(1), self._least_interval)
        commands = (
            product.columns * interval + product.register_columns * product.rounds * self._least_interval
        )
        crossing_bytes, adding = self._sums(operator, product, 1)
        return commands + (crossing_bytes / self.bus_bytes_per_second + adding) / self._cycle_s

    def _sums(self, operator: Operator, product: BankedProduct, rows: int) -> tuple[float, float]:
        """Bytes of sums that leave the ranks, and seconds of adding those that stay.

        Every lane of a column adds up apart; someone has to add the lanes.
        """
        sums = rows * operator.instances * product.sum_columns * self._pim.column_bytes
        if not self.aau:
            return sums, 0.0
        crossing = rows * operator.instances * product.crossing_sums * self._pim.accumulator_bytes
        return crossing, self._aau_seconds(sums)

    def _options(self, operator: Operator, product: BankedProduct) -> PimOptions:
        """Pace of the column commands, from the rates of the channels at work.

        A unit that has fewer multipliers than a column has lanes takes them in turn, and those that hold no element
        not at all (ours), so compute and its energy go by what columns hold on average.
        """
        geometry = product.geometry
        lanes = geometry.column_bytes * 8 / stored_bits(operator, self.precision)
        elements = lanes * product.filled
        share = geometry.channels / self._ranks.channels
        rate = self.macs_per_second * share * rate_share(self._pim, operator, self.precision)
        columns = geometry.blocks * geometry.lockstep_ranks * geometry.channels
        array_bytes, macs = columns * geometry.column_bytes, columns * elements
        cap_j_per_cycle = self.power_cap_w * share * self._cycle_s
        return PimOptions(
            weight_reuse=self._pim.weight_reuse,
            mac_cycles=macs / (rate * self._cycle_s),
            read_cycles=array_bytes / (self.array_peak_bytes_per_second * share * self._cycle_s),
            power_cycles=(
                bits_j(array_bytes, self._energy.pim_array_pj_per_bit) / cap_j_per_cycle,
                operations_j(macs, self._mac_pj(operator)) / cap_j_per_cycle,
            ),
            activation_window=self._pim.activation_window,
            slot_cycles=self._timing.command_cycles,
        )

    def _cost(
        self, operator: Operator, product: BankedProduct, options: PimOptions, parts: CycleBreakdown
    ) -> OperatorCost:
        pim, energy, rows = self._pim, self._energy, operator.rows
        seconds_of = product.rounds * self._cycle_s
        reads = ceil(rows / pim.weight_reuse)
        array_bytes = product.columns * reads * pim.banks * self._ranks.count * pim.column_bytes
        register_bytes = (
            product.register_columns * product.rounds * rows * pim.column_bytes * self._ranks.channels
        )
        crossing_bytes, adding = self._sums(operator, product, rows)
        additions = 0
        if self.aau:
            additions = rows * operator.instances * product.sum_columns * pim.column_bytes
            crossing_bytes += operator.input_bytes
        bus_bytes = register_bytes + crossing_bytes
        reading = parts.compute * seconds_of
        other = parts.row_switches + parts.turnarounds + parts.write_back + self._rounds.refresh_cycles(parts)
        other *= seconds_of
        launch = (parts.prologue + parts.mode_switches + parts.epilogue) * seconds_of
        launch *= pim.mode_switches
        bursts = ceil(crossing_bytes / (self._ranks.channels * pim.column_bytes * product.rounds))
        load, waiting = self._rounds.load(product, options, rows, bursts)
        load, waiting = load * product.rounds, waiting * product.rounds
        if pim.drive == "per_rank":  # each rank's registers are written for it alone
            bus_bytes += register_bytes * (self._ranks.per_channel - 1)
        bus = parts.register_writes * product.register_share * seconds_of
        bus += crossing_bytes / self.bus_bytes_per_second + waiting
        tokens = min(rows, pim.weight_reuse)
        limit = _limit(options, tokens)
        compute = adding + (reading if limit is not Bound.MEMORY else 0.0)
        memory = other + (reading if limit is Bound.MEMORY else 0.0)
        seconds = compute + memory + bus + launch
        named = ((compute, limit), (memory, Bound.MEMORY), (bus, Bound.BUS), (launch, Bound.LAUNCH))
        return OperatorCost(
            operator=operator,
            cost=StepCost(
                seconds=seconds,
                bus_bytes=bus_bytes,
                array_bytes=array_bytes,
                macs=operator.macs,
                data_seconds=load.data_seconds,
                data_runs=load.data_runs,
                displaced_seconds=load.displaced_seconds,
                operators=operator.launches,
                energy_j=energy_vector(
                    pim_array=bits_j(array_bytes, energy.pim_array_pj_per_bit),
                    pim_compute=operations_j(operator.macs, self._mac_pj(operator)),
                    aau=operations_j(additions, energy.vector_operation_pj),
                    dram_offchip=bits_j(bus_bytes, energy.offchip_pj_per_bit),
                    dram_active=seconds * self._ranks.count * energy.rank_active_mw * 1e-3,
                ),
            ),
            compute_seconds=compute,
            memory_seconds=memory,
            bus_seconds=bus,
            launch_seconds=launch,
            bound=max(named)[1],
            duty=self._duty(options, tokens),
        )

    @property
    def _least_interval(self) -> int:
        return max(self._timing.tCCDL, self._timing.burst_cycles)

    def _duty(self, options: PimOptions, tokens: int) -> float:
        """Share of the column commands' time that they would take without the power cap."""
        free = replace(options, power_cycles=(0.0, 0.0))
        least = self._least_interval
        return max(least, free.column_interval(tokens)) / max(least, options.column_interval(tokens))


def _limit(options: PimOptions, tokens: int) -> Bound:
    """What paces the column commands."""
    per_read, per_token = options.power_cycles
    return max(
        (options.mac_cycles * tokens, Bound.COMPUTE),
        (options.read_cycles, Bound.MEMORY),
        (per_read + per_token * tokens, Bound.POWER),
    )[1]
