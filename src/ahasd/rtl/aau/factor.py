"""The AAU's part that works once per vector: reciprocal of a softmax's sum, mean and deviation of a norm."""

from amaranth import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.aau.functions import GAIN_BITS, RATIO_BITS, VALUE_BITS
from ahasd.rtl.controllers.multiply_divide import MultiplyDivide, MultiplyDivideSteps

#: Steps of the division that gives a 16-bit factor, which may come out as 2^16.
QUOTIENT_BITS = 17


class AauFactor(wiring.Component):
    """A sequencer over one :class:`MultiplyDivide` and a digit-by-digit square root.

    Parameters
    ----------
    length_bits
        2^length_bits is the longest vector.

    Ports
    -----
    softmax, norm
        Start (need ``ready``): from ``accumulated`` exponents, or from ``total``, ``accumulated`` squares and
        ``length``.
    factor, shift, mean
        As in ``aau_functions``; they stay until the next start.
    """

    def __init__(self, length_bits: int) -> None:
        self.length_bits = n = length_bits
        super().__init__(
            {
                "softmax": In(1),
                "norm": In(1),
                "subtract_mean": In(1),
                "output_shift": In(4),
                "length": In(n + 1),
                "total": In(signed(n + 9)),
                "accumulated": In(n + VALUE_BITS + 1),
                "ready": Out(1),
                "factor": Out(16),
                "shift": Out(6),
                "mean": Out(signed(9 + GAIN_BITS)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, n = Module(), self.length_bits
        width, factor_bits = n + VALUE_BITS + 1, n + 8
        unit = MultiplyDivide(width, width)
        steps = MultiplyDivideSteps(m, unit, most=width)
        magnitude = Signal(factor_bits)
        radicand = Signal(2 * factor_bits)
        remainder = Signal(factor_bits + 2)
        root = Signal(factor_bits)
        aligned = Signal(n + 1)
        divisor = Signal(width)
        places = Signal(6)
        length_places = Signal(6)
        m.d.comb += magnitude.eq(abs(self.total))
        product = Cat(unit.lower[-factor_bits:], unit.upper)[: 2 * factor_bits]

        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.ready.eq(1)
                with m.If(self.softmax):
                    m.d.sync += [divisor.eq(self.accumulated), places.eq(0)]
                    m.next = "ALIGN_SUM"
                with m.Elif(self.norm):
                    steps.load(self.length, self.accumulated)
                    m.next = "SQUARES"
            with m.State("ALIGN_SUM"):
                m.d.sync += [divisor.eq(divisor << 1), places.eq(places + 1)]
                with m.If(divisor[-1] | (divisor == 0)):
                    steps.load(0, divisor, 1 << (width - 2))
                    m.d.sync += self.shift.eq(width + 7 - places - self.output_shift)
                    m.next = "DIVIDE"
            with m.State("SQUARES"), m.If(steps.run(factor_bits, divide=False)):
                m.d.sync += [radicand.eq(product), self.mean.eq(0)]
                steps.load(magnitude, magnitude)
                m.next = "SQUARE_OF_SUM"
                with m.If(~self.subtract_mean):
                    m.d.sync += steps.count.eq(0)
                    m.next = "ROOT"
            with m.State("SQUARE_OF_SUM"), m.If(steps.run(factor_bits, divide=False)):
                m.d.sync += radicand.eq(radicand - product)
                steps.load(magnitude << GAIN_BITS, self.length)
                m.next = "MEAN"
            with m.State("MEAN"), m.If(steps.run(width, divide=True)):
                mean = unit.lower[: 9 + GAIN_BITS]
                m.d.sync += [self.mean.eq(Mux(self.total < 0, -mean, mean)), steps.count.eq(0)]
                m.next = "ROOT"
            with m.State("ROOT"):
                with m.If(steps.count == 0):
                    m.d.sync += [remainder.eq(0), root.eq(0)]
                taken = Mux(steps.count == 0, 0, remainder)
                so_far = Mux(steps.count == 0, 0, root)
                widened, trial = Signal(factor_bits + 2), Signal(factor_bits + 2)
                m.d.comb += [widened.eq(Cat(radicand[-2:], taken)), trial.eq(Cat(1, 0, so_far))]
                m.d.sync += [
                    remainder.eq(Mux(widened >= trial, widened - trial, widened)),
                    root.eq(Cat(widened >= trial, so_far)),
                    radicand.eq(radicand << 2),
                    steps.count.eq(steps.count + 1),
                ]
                with m.If(steps.count == factor_bits - 1):
                    m.d.sync += [aligned.eq(self.length), places.eq(0), length_places.eq(0)]
                    m.next = "ALIGN_ROOT"
            with m.State("ALIGN_ROOT"):
                with m.If(~aligned[-1]):
                    m.d.sync += [aligned.eq(aligned << 1), length_places.eq(length_places + 1)]
                with m.If(~root[-1]):
                    m.d.sync += [root.eq(root << 1), places.eq(places + 1)]
                with m.If(root == 0):
                    m.d.sync += [self.factor.eq(0), self.shift.eq(RATIO_BITS)]
                    m.next = "IDLE"
                with m.Elif(aligned[-1] & root[-1]):
                    steps.load(0, root, aligned << (RATIO_BITS - QUOTIENT_BITS))
                    exponent = RATIO_BITS + length_places - places
                    m.d.sync += self.shift.eq(Mux(exponent < 1, 1, exponent))
                    m.next = "DIVIDE"
            with m.State("DIVIDE"), m.If(steps.run(QUOTIENT_BITS, divide=True)):
                quotient = unit.lower[:QUOTIENT_BITS]
                m.d.sync += self.factor.eq(Mux(quotient[-1], 0xFFFF, quotient))
                m.next = "IDLE"
        return m
