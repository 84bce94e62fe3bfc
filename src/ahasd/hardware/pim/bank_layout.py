"""How products and caches are laid over channels, ranks, banks and registers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from ahasd.hardware.arithmetic import stored_bits
from ahasd.hardware.pim.banked_product import BankedProduct
from ahasd.hardware.pim.commands import PimGeometry
from ahasd.hardware.pim.kv_layout import AppendTraffic, append_by_output, append_by_token
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.sections import PimSection
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

#: Entries for which a cache is laid out (ours): it cannot be laid out anew as it grows, so what pads least when
#: it is long decides.
LAYOUT_ENTRIES = 32768

#: Time that a cache may take to read beyond the least if its heads then take fewer rounds (ours): every round has
#: the fixed cost of a product.
CACHE_SLACK = 1.05


@dataclass(frozen=True, slots=True)
class _Mapping:
    """How the instances of a product share the channels.

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


class BankLayout:
    """Lays operators out in the ranks of one model.

    A product is spread over all channels by outputs, by inputs, or (attention) by heads: whichever takes a row the
    least time, and for a cache whichever takes the fewest rounds among those that take little more. Query heads that
    share a key-value head are rows of one product. Keys lie by token: a token is an output of the scores.

    Parameters
    ----------
    pim
        Banks, registers and the layout of values.
    ranks
        Where the model lies.
    precision
        Widths of weights and KV entries.
    estimate
        Cycles of a row of an operator that is laid out so.
    """

    def __init__(
        self,
        pim: PimSection,
        ranks: RankSet,
        precision: Precision,
        estimate: Callable[[Operator, BankedProduct], float],
    ) -> None:
        self._pim, self._ranks, self._precision, self._estimate = pim, ranks, precision, estimate
        self._mappings: dict[tuple[OperatorKind, int, int, int, int, float], _Mapping] = {}

    def product(self, operator: Operator) -> BankedProduct:
        """Lay a product out."""
        return self._lay(operator, self._mapping(operator))

    def append(self, operator: Operator) -> tuple[AppendTraffic, AppendTraffic]:
        """Traffic of an append: in all, and of the busiest channel in one layer.

        Heads of a channel begin in different banks (ours), so that their rows open behind one another.
        """
        pim, tokens, bits = self._pim, operator.rows, self._precision.kv_type.bits
        head_bytes = ceil(operator.outputs * bits / 8)
        keys, values = (
            self._mapping(replace(operator, kind=kind)) for kind in (OperatorKind.SCORE, OperatorKind.CONTEXT)
        )
        of_keys = append_by_token(tokens, head_bytes, pim.column_bytes)
        # The tokens of a head lie on its channels in turn.
        key_channels = min(tokens, keys.channels)
        if pim.value_layout == "by_token":
            of_values, value_channels = of_keys, min(tokens, values.channels)
        else:
            blocks = pim.banks * self._ranks.per_channel * values.channels
            lanes = int(pim.column_bytes * 8 // bits)
            of_values = append_by_output(tokens, operator.outputs, lanes, blocks)
            value_channels = values.channels
        rounds = [mapping.rounds // operator.launches for mapping in (keys, values)]
        busiest = of_keys.times(rounds[0] / key_channels) + of_values.times(rounds[1] / value_channels)
        return (of_keys + of_values).times(operator.instances), busiest

    def _mapping(self, operator: Operator) -> _Mapping:
        shape = operator
        if operator.kind is OperatorKind.SCORE:
            shape = replace(operator, outputs=LAYOUT_ENTRIES)
        elif operator.kind is OperatorKind.CONTEXT:
            shape = replace(operator, inputs=LAYOUT_ENTRIES)
        bits = self._bits(shape)
        key = (shape.kind, shape.outputs, shape.inputs, shape.instances, shape.launches, bits)
        found = self._mappings.get(key)
        if found is None:
            laid = {mapping: self._lay(shape, mapping) for mapping in self._candidates(shape)}
            cycles = {mapping: self._estimate(shape, product) for mapping, product in laid.items()}
            enough = min(cycles.values()) * (CACHE_SLACK if operator.kind.is_attention else 1)
            good = [mapping for mapping, count in cycles.items() if count <= enough]
            found = self._mappings[key] = min(good, key=lambda m: (m.rounds, cycles[m], m.input_parts))
        return found

    def _candidates(self, operator: Operator) -> list[_Mapping]:
        """All ways to share the channels between heads of a layer, outputs and inputs."""
        in_layer = operator.instances // operator.launches
        found = []
        for heads in _divisors(self._ranks.channels):
            if heads > 1 and in_layer == 1:
                continue
            per_head = self._ranks.channels // heads
            rounds = operator.launches * ceil(in_layer / heads)
            parts = [1] if self._values_by_token(operator) else _divisors(per_head)
            found += [_Mapping(per_head // part, part, rounds) for part in parts]
        return found

    def _values_by_token(self, operator: Operator) -> bool:
        return operator.kind is OperatorKind.CONTEXT and self._pim.value_layout == "by_token"

    def _lay(self, operator: Operator, mapping: _Mapping) -> BankedProduct:
        return (
            self._by_token(operator, mapping)
            if self._values_by_token(operator)
            else self._rows(operator, mapping)
        )

    def _rows(self, operator: Operator, mapping: _Mapping) -> BankedProduct:
        """Rows of outputs; a product that does not fill the registers has shorter tiles (ours)."""
        pim = self._pim
        # Elements narrower than a byte make a row of inputs shorter.
        inputs = max(1, ceil(operator.inputs * self._bits(operator) / 8 / mapping.input_parts))
        geometry = self._geometry(
            mapping.channels,
            _even(ceil(inputs / pim.column_bytes), pim.input_registers),
            _even(ceil(operator.outputs / (self._blocks * mapping.channels)), pim.output_registers),
        )
        deep = ceil(inputs / geometry.tile_inputs)
        tiles = ceil(operator.outputs / geometry.pass_outputs) * deep
        elements = operator.inputs / mapping.input_parts
        sums = operator.outputs * mapping.input_parts
        return BankedProduct(
            geometry=geometry,
            outputs=operator.outputs,
            inputs=inputs,
            rounds=mapping.rounds,
            register_columns=tiles * geometry.input_registers,
            sum_columns=sums,
            crossing_sums=sums if mapping.input_parts > 1 else 0,
            filled=elements * self._bits(operator) / 8 / (deep * geometry.tile_inputs),
        )

    def _by_token(self, operator: Operator, mapping: _Mapping) -> BankedProduct:
        """Tokens dealt to the banks; a register column holds the scalars of as many tokens as it has bytes.

        The stream is that of a product whose tile multiplies a register's scalars into a head's sums; the registers
        are written unit by unit instead of all at once.
        """
        pim = self._pim
        tokens = ceil(operator.inputs / (self._blocks * mapping.channels))
        scalars = _even(tokens, pim.column_bytes)
        head_columns = ceil(operator.outputs * self._bits(operator) / 8 / pim.column_bytes)
        geometry = self._geometry(mapping.channels, scalars, head_columns)
        ranks = self._ranks.per_channel * mapping.channels
        return BankedProduct(
            geometry=geometry,
            outputs=geometry.pass_outputs,
            inputs=tokens * pim.column_bytes,
            rounds=mapping.rounds,
            register_columns=ceil(tokens / scalars) * self._blocks,
            sum_columns=self._blocks * mapping.channels * head_columns,
            crossing_sums=operator.outputs * ranks if ranks > 1 else 0,
            filled=operator.outputs * self._bits(operator) / 8 / (head_columns * pim.column_bytes),
        )

    @property
    def _blocks(self) -> int:
        """Units of the model on one channel."""
        return self._pim.banks * self._ranks.per_channel

    def _bits(self, operator: Operator) -> float:
        """Of an element with its share of the scales, which lie in the same row as what they scale (ours)."""
        return stored_bits(operator, self._precision)

    def _geometry(self, channels: int, input_registers: int, output_registers: int) -> PimGeometry:
        pim = self._pim
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


def _even(columns: int, registers: int) -> int:
    """Registers of a tile when columns are dealt evenly to the fewest tiles."""
    return ceil(columns / ceil(columns / registers))


def _divisors(number: int) -> list[int]:
    return [count for count in range(1, number + 1) if number % count == 0]
