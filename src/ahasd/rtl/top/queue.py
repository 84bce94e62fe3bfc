"""A bounded first-in, first-out queue with its depth and its high-water mark."""

from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class Queue(wiring.Component):
    """A ring of registers; the oldest entry shows at ``head`` without a cycle in between.

    A push to a full queue is refused and shows in ``refused``, a pop of an empty one does nothing, as
    ``ahasd.simulation.queues.BoundedQueue`` would refuse both.

    Parameters
    ----------
    width, capacity
        Bits of an entry, and entries; a power of two.
    """

    def __init__(self, width: int, capacity: int) -> None:
        self.width, self.capacity = width, capacity
        super().__init__(
            {
                "push": In(1),
                "entry": In(width),
                "pop": In(1),
                "head": Out(width),
                "valid": Out(1),
                "full": Out(1),
                "refused": Out(1),
                "clear": In(1),
                "level": Out(range(capacity + 1)),
                "peak": Out(range(capacity + 1)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        memory = m.submodules.memory = Memory(shape=self.width, depth=self.capacity, init=[])
        write, read = memory.write_port(), memory.read_port(domain="comb")
        oldest, newest = Signal(range(self.capacity)), Signal(range(self.capacity))
        pushed, popped = Signal(), Signal()
        m.d.comb += [
            self.valid.eq(self.level != 0),
            self.full.eq(self.level == self.capacity),
            self.refused.eq(self.push & self.full),
            pushed.eq(self.push & ~self.full),
            popped.eq(self.pop & self.valid),
            write.addr.eq(newest),
            write.data.eq(self.entry),
            write.en.eq(pushed),
            read.addr.eq(oldest),
            self.head.eq(read.data),
        ]
        with m.If(self.clear):
            m.d.sync += [oldest.eq(0), newest.eq(0), self.level.eq(0)]
        with m.Else():
            m.d.sync += [
                newest.eq(newest + pushed),
                oldest.eq(oldest + popped),
                self.level.eq(self.level + pushed - popped),
            ]
            with m.If(self.level > self.peak):
                m.d.sync += self.peak.eq(self.level)
        return m
