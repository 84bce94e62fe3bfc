"""Holds a task's duration, as a core wrote it, until TVC has the time to take it."""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class SampleLatch(wiring.Component):
    """One sample.

    Parameters
    ----------
    cycle_bits, length_bits
        Of the words of TVC.

    Ports
    -----
    written, kind, cycles, length
        A core writes a sample.
    waiting, held_kind, held_cycles, held_length, taken
        The one that waits; it is being taken.
    refused
        A sample was written while one waited, and is lost.
    invalid
        A sample of no length was written; it is left out, since nothing can be divided by it.
    """

    def __init__(self, cycle_bits: int, length_bits: int) -> None:
        super().__init__(
            {
                "written": In(1),
                "kind": In(2),
                "cycles": In(cycle_bits),
                "length": In(length_bits),
                "waiting": Out(1),
                "held_kind": Out(2),
                "held_cycles": Out(cycle_bits),
                "held_length": Out(length_bits),
                "taken": In(1),
                "refused": Out(1),
                "invalid": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        m.d.comb += [
            self.invalid.eq(self.written & (self.length == 0)),
            self.refused.eq(self.written & self.waiting),
        ]
        with m.If(self.written & ~self.waiting & ~self.invalid):
            m.d.sync += [
                self.waiting.eq(1),
                self.held_kind.eq(self.kind),
                self.held_cycles.eq(self.cycles),
                self.held_length.eq(self.length),
            ]
        with m.Elif(self.taken):
            m.d.sync += self.waiting.eq(0)
        return m
