"""The attention algorithm unit of a rank: lanes, reductions over them, and the factor of a vector."""

from functools import reduce
from operator import add
from typing import Any

from amaranth import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.aau.factor import AauFactor
from ahasd.rtl.aau.functions import GAIN_BITS, SCALE_BITS, VALUE_BITS, Operation
from ahasd.rtl.aau.lane import LATENCY, AauLane
from ahasd.rtl.parameters import HardwareParameters


class Aau(wiring.Component):
    """Softmax, GELU, SiLU, layer and RMS norm of 8-bit vectors that stream by, a beat of all lanes per cycle.

    It stores no vector. A softmax is three passes over the banks' row (``REDUCE`` for the maximum, ``EXPONENT``,
    ``SOFTMAX``), a norm two (``REDUCE``, ``NORM``), an activation one; after the pass before the last the factor is
    computed (``softmax`` or ``norm``). Sum, sum of squares and maximum of a vector are what ``REDUCE`` leaves.

    Ports
    -----
    beat, first, mask, values, gains, biases
        A beat; the first one of a pass; which lanes hold elements. Gains and biases follow by ``GAIN_DELAY`` cycles.
    operation, scale, output_scale, gain_shift, output_shift, length, subtract_mean
        Settings of a pass (see ``aau_functions``).
    softmax, norm, ready
        Compute the factor; it is there when ``ready`` is set again.
    done, results
        A beat of results.
    peak, total, accumulated
        Maximum, sum, and sum of squares or of exponents; complete three cycles after the last beat.
    """

    def __init__(self, parameters: HardwareParameters) -> None:
        self.lanes, self.length_bits = parameters.lanes, parameters.vector_length.bit_length() - 1
        n = self.length_bits
        numbers = data.ArrayLayout(signed(8), self.lanes)
        super().__init__(
            {
                "operation": In(Operation),
                "scale": In(SCALE_BITS),
                "output_scale": In(16),
                "gain_shift": In(4),
                "output_shift": In(4),
                "length": In(n + 1),
                "subtract_mean": In(1),
                "beat": In(1),
                "first": In(1),
                "mask": In(self.lanes),
                "values": In(numbers),
                "gains": In(numbers),
                "biases": In(numbers),
                "softmax": In(1),
                "norm": In(1),
                "ready": Out(1),
                "done": Out(1),
                "results": Out(data.ArrayLayout(8, self.lanes)),
                "peak": Out(signed(8)),
                "total": Out(signed(n + 9)),
                "accumulated": Out(n + VALUE_BITS + 1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        factor = m.submodules.factor_unit = AauFactor(self.length_bits)
        m.d.comb += [
            factor.softmax.eq(self.softmax),
            factor.norm.eq(self.norm),
            factor.subtract_mean.eq(self.subtract_mean),
            factor.output_shift.eq(self.output_shift),
            factor.length.eq(self.length),
            factor.total.eq(self.total),
            factor.accumulated.eq(self.accumulated),
            self.ready.eq(factor.ready),
        ]
        activation = (self.operation == Operation.GELU) | (self.operation == Operation.SILU)
        multiplier, shift = Signal(16), Signal(6)
        m.d.comb += [
            multiplier.eq(Mux(activation, self.output_scale, factor.factor)),
            shift.eq(Mux(activation, 12 + GAIN_BITS, factor.shift)),
        ]
        summands = []
        under_way = Signal(LATENCY)
        m.d.sync += under_way.eq(Cat(self.beat, under_way))
        m.d.comb += self.done.eq(under_way[-1] & (self.operation != Operation.REDUCE))
        held = Signal(self.lanes)
        m.d.sync += held.eq(self.mask)
        for number in range(self.lanes):
            lane = m.submodules[f"lane_{number}"] = AauLane()
            m.d.comb += [
                lane.operation.eq(self.operation),
                lane.peak.eq(self.peak),
                lane.scale.eq(self.scale),
                lane.mean.eq(factor.mean),
                lane.factor.eq(multiplier),
                lane.shift.eq(shift),
                lane.gain_shift.eq(self.gain_shift),
                lane.value.eq(self.values[number]),
                lane.gain.eq(self.gains[number]),
                lane.bias.eq(self.biases[number]),
                self.results[number].eq(lane.result),
            ]
            summands.append(Mux(held[number], lane.summand, 0))
        self._reduce(m, summands)
        return m

    def _reduce(self, m: Module, summands: list[Any]) -> None:
        """Sums and the maximum over the lanes in one stage, over the beats in the next."""
        values = [Mux(self.mask[number], self.values[number], 0) for number in range(self.lanes)]
        others = [Mux(self.mask[number], self.values[number], -128) for number in range(self.lanes)]
        bits = (self.lanes - 1).bit_length()
        beat_sum, beat_peak = Signal(signed(8 + bits)), Signal(signed(8))
        beat_accumulated = Signal(VALUE_BITS + 1 + bits)
        reducing = self.operation == Operation.REDUCE
        summing = reducing | (self.operation == Operation.EXPONENT)
        starts, valid = Signal(2), Signal(2)
        m.d.sync += [
            starts.eq(Cat(self.first, starts)),
            valid.eq(Cat(self.beat, valid)),
            beat_sum.eq(_tree(add, values)),
            beat_peak.eq(_tree(_larger, others)),
            beat_accumulated.eq(_tree(add, summands)),
        ]
        with m.If(valid[0] & reducing):
            m.d.sync += [
                self.total.eq(beat_sum + Mux(starts[0], 0, self.total)),
                self.peak.eq(_larger(beat_peak, Mux(starts[0], -128, self.peak))),
            ]
        with m.If(valid[1] & summing):
            m.d.sync += self.accumulated.eq(beat_accumulated + Mux(starts[1], 0, self.accumulated))


def _larger(one: Any, other: Any) -> Any:
    return Mux(one > other, one, other)


def _tree(combine: Any, values: list[Any]) -> Any:
    """Combine neighbours until one is left."""
    while len(values) > 1:
        values = [reduce(combine, values[place : place + 2]) for place in range(0, len(values), 2)]
    return values[0]
