"""A lane of the attention algorithm unit: five stages, a beat in and a result out in every cycle."""

from typing import Any

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.aau.functions import (
    ARGUMENT_BITS,
    GAIN_BITS,
    OFFSET_BITS,
    PIECES,
    SCALE_BITS,
    TABLES,
    VALUE_BITS,
    Operation,
)

#: Cycles from a value to its result.
LATENCY = 5

#: Cycles from a value until its gain and bias are wanted.
GAIN_DELAY = 4

#: Cycles from a value to its summand.
SUMMAND_DELAY = 1


class AauLane(wiring.Component):
    """Scale, look up, multiply, round, apply gain and bias (see ``aau_functions``).

    Ports
    -----
    operation, peak, scale, mean, factor, shift, gain_shift
        The same for all lanes and over a whole pass. ``factor`` is the output's scale for an activation.
    value, gain, bias
        Signed 8-bit numbers; gain and bias follow the value by ``GAIN_DELAY`` cycles.
    summand
        The square (``REDUCE``) or the exponent of the value, after ``SUMMAND_DELAY`` cycles.
    result
        8 bits after ``LATENCY`` cycles; unsigned for a softmax.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "operation": In(Operation),
                "peak": In(signed(8)),
                "scale": In(SCALE_BITS),
                "mean": In(signed(9 + GAIN_BITS)),
                "factor": In(16),
                "shift": In(6),
                "gain_shift": In(4),
                "value": In(signed(8)),
                "gain": In(signed(8)),
                "bias": In(signed(8)),
                "summand": Out(VALUE_BITS + 1),
                "result": Out(8),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        operation = self.operation
        exponential = (operation == Operation.EXPONENT) | (operation == Operation.SOFTMAX)

        magnitude = Signal(8)
        held = Signal(signed(8))
        product = Signal(8 + SCALE_BITS)
        m.d.comb += magnitude.eq(Mux(exponential, self.peak - self.value, abs(self.value)))
        m.d.sync += [
            product.eq(magnitude * Mux(operation == Operation.REDUCE, magnitude, self.scale)),
            held.eq(self.value),
        ]

        argument = product[SCALE_BITS - ARGUMENT_BITS :]
        looked_up = self._look_up(m, argument)
        whole = argument[ARGUMENT_BITS:]
        exponent = Signal(VALUE_BITS + 1)
        below = Signal(ARGUMENT_BITS)
        positive = Signal(16)
        outside = Mux(
            operation == Operation.GELU,
            argument[ARGUMENT_BITS + TABLES[Operation.GELU].range_bits :].any(),
            argument[ARGUMENT_BITS + TABLES[Operation.SILU].range_bits :].any(),
        )
        operand = Signal(signed(17))
        m.d.comb += [
            exponent.eq(Mux(whole[4:].any(), 0, looked_up >> whole[:4])),
            below.eq(Mux(outside, 0, looked_up >> (VALUE_BITS - ARGUMENT_BITS))),
            positive.eq(Mux(held <= 0, 0, Mux(argument[16:].any(), 0xFFFF, argument))),
            self.summand.eq(Mux(operation == Operation.REDUCE, product, exponent)),
        ]
        with m.If(exponential):
            m.d.sync += operand.eq(exponent)
        with m.Elif(operation == Operation.NORM):
            m.d.sync += operand.eq((held << GAIN_BITS) - self.mean)
        with m.Else():
            m.d.sync += operand.eq(positive - below)

        multiplied = Signal(signed(33))
        rounded = Signal(signed(34))
        kept = Signal(signed(16))
        shifted = Signal(signed(33))
        m.d.comb += [
            shifted.eq(multiplied >> (self.shift - 1)[:6]),
            rounded.eq((shifted >> 1) + shifted[0]),
        ]
        m.d.sync += [
            multiplied.eq(operand * self.factor),
            kept.eq(_saturated(rounded, -(1 << 15), (1 << 15) - 1)),
        ]

        scaled = Signal(signed(25))
        half = Signal(16)
        m.d.comb += [
            half.eq((1 << self.gain_shift) >> 1),
            scaled.eq((kept * self.gain + half) >> self.gain_shift),
        ]
        with m.If(operation == Operation.NORM):
            m.d.sync += self.result.eq(_saturated(scaled + self.bias, -128, 127))
        with m.Elif(exponential):
            m.d.sync += self.result.eq(_saturated(kept, 0, 255))
        with m.Else():
            m.d.sync += self.result.eq(_saturated(kept, -128, 127))
        return m

    def _look_up(self, m: Module, argument: Any) -> Signal:
        """Value of the function of the operation, 15 fraction bits."""
        start = Signal(VALUE_BITS)
        rise = Signal(signed(13))
        piece = Signal(range(PIECES))
        offset = Signal(OFFSET_BITS)
        with m.Switch(self.operation):
            for operation, table in TABLES.items():
                alike = (operation, Operation.SOFTMAX) if operation is Operation.EXPONENT else (operation,)
                with m.Case(*alike):
                    place = argument[: ARGUMENT_BITS + table.range_bits]
                    m.d.comb += [piece.eq(place[-5:]), offset.eq(place[-5 - OFFSET_BITS : -5])]
                    with m.Switch(piece):
                        for number, (at_start, to_end) in enumerate(
                            zip(table.starts, table.rises, strict=True)
                        ):
                            with m.Case(number):
                                m.d.comb += [start.eq(at_start), rise.eq(to_end)]
        looked_up = Signal(VALUE_BITS + 1)
        m.d.comb += looked_up.eq(start + ((rise * offset) >> OFFSET_BITS))
        return looked_up


def _saturated(value: Any, lowest: int, highest: int) -> Any:
    return Mux(value < lowest, lowest, Mux(value > highest, highest, value))
