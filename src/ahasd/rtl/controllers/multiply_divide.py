"""One adder, shared by a multiplication by shift and add and a restoring division."""

from typing import Any

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class MultiplyDivide(wiring.Component):
    """A bit of the result per cycle, in the pair of registers ``upper`` and ``lower``.

    Division: the quotient's bits enter ``lower`` from below while the dividend leaves it upwards; after as many steps
    as the quotient has bits, ``lower`` ends in the quotient. A start with the dividend's upper part in ``upper``
    leaves as many quotient bits as ``lower`` holds dividend bits; ``fits`` then tells that the quotient is longer.
    Multiplication: the multiplier leaves ``lower`` downwards, the product's low bits enter it from above.

    Parameters
    ----------
    operand_bits
        Bits of divisor and multiplicand.
    lower_bits
        Bits of the longest dividend.

    Ports
    -----
    load
        Take ``upper_in``, ``lower_in`` and ``operand_in`` over.
    step, divide
        Do one step of a division or, if ``divide`` is clear, of a multiplication.
    fits
        ``operand`` fits into ``upper`` as it is.
    """

    def __init__(self, operand_bits: int, lower_bits: int) -> None:
        self.operand_bits, self.lower_bits = operand_bits, lower_bits
        super().__init__(
            {
                "load": In(1),
                "upper_in": In(operand_bits),
                "lower_in": In(lower_bits),
                "operand_in": In(operand_bits),
                "step": In(1),
                "divide": In(1),
                "upper": Out(operand_bits),
                "lower": Out(lower_bits),
                "fits": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        width = self.operand_bits + 1
        operand = Signal(self.operand_bits)
        left = Signal(width)
        right = Signal(width)
        result = Signal(width + 1)
        shifted = Signal(width)
        shifting = self.step & self.divide
        m.d.comb += [
            shifted.eq(Cat(self.lower[-1], self.upper)),
            left.eq(Mux(shifting, shifted, self.upper)),
            right.eq(Mux(self.divide | self.lower[0], operand, 0)),
            result.eq(Mux(self.divide, left - right, left + right)),
            self.fits.eq(~result[-1]),  # of a subtraction: no borrow
        ]
        with m.If(self.load):
            m.d.sync += [
                self.upper.eq(self.upper_in),
                self.lower.eq(self.lower_in),
                operand.eq(self.operand_in),
            ]
        with m.Elif(shifting):
            m.d.sync += [
                self.upper.eq(Mux(self.fits, result, shifted)),
                self.lower.eq(Cat(self.fits, self.lower)),
            ]
        with m.Elif(self.step):
            m.d.sync += Cat(self.lower, self.upper).eq(Cat(self.lower[1:], result[:width]))
        return m


class MultiplyDivideSteps:
    """Lets a state machine load the unit and count its steps.

    Parameters
    ----------
    m
        The module of the state machine; the unit becomes its submodule ``multiply_divide``.
    unit
        The unit.
    most
        The most steps that are asked for at once.
    """

    def __init__(self, m: Module, unit: MultiplyDivide, most: int) -> None:
        self._m, self._unit = m, unit
        self.count = Signal(range(most + 1), name="steps")
        m.submodules.multiply_divide = unit
        m.d.comb += unit.divide.eq(1)

    def load(self, lower: Any, operand: Any, upper: Any = 0) -> None:
        """Start anew with these values."""
        unit = self._unit
        self._m.d.comb += [
            unit.load.eq(1),
            unit.upper_in.eq(upper),
            unit.lower_in.eq(lower),
            unit.operand_in.eq(operand),
        ]
        self._m.d.sync += self.count.eq(0)

    def run(self, count: int, divide: bool = True) -> Any:
        """Let the unit do so many steps; returns whether they are done."""
        m = self._m
        m.d.comb += self._unit.divide.eq(divide)
        with m.If(self.count != count):
            m.d.comb += self._unit.step.eq(1)
            m.d.sync += self.count.eq(self.count + 1)
        return self.count == count
