"""EDC's table of saturating counters: one read port, one write port, a sweep that sets the initial value."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions


class PatternTable(wiring.Component):
    """Counters that are read in one cycle and trained in the next.

    A memory has no reset, so after one every counter is written once, an entry a cycle; ``ready`` tells the end.

    Ports: ``index`` to read in the next cycle, ``counter`` that was read; ``train`` moves that counter up or down.
    """

    def __init__(self, options: EntropyDraftControlOptions) -> None:
        self.options = options
        super().__init__(
            {
                "index": In(options.index_bits),
                "counter": Out(options.counter_bits),
                "train": In(1),
                "upwards": In(1),
                "ready": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, options = Module(), self.options
        entries, largest = 1 << options.index_bits, (1 << options.counter_bits) - 1
        memory = m.submodules.memory = Memory(shape=options.counter_bits, depth=entries, init=[])
        write, read = memory.write_port(), memory.read_port()
        swept = Signal(options.index_bits + 1)
        last = Signal(options.index_bits)
        up = Mux(read.data == largest, read.data, read.data + 1)
        down = Mux(read.data == 0, read.data, read.data - 1)
        m.d.comb += [
            self.ready.eq(swept[-1]),
            read.addr.eq(self.index),
            read.en.eq(1),
            self.counter.eq(read.data),
            write.addr.eq(Mux(self.ready, last, swept[:-1])),
            write.data.eq(Mux(self.ready, Mux(self.upwards, up, down), options.initial_counter)),
            write.en.eq(~self.ready | self.train),
        ]
        m.d.sync += last.eq(self.index)
        with m.If(~self.ready):
            m.d.sync += swept.eq(swept + 1)
        return m
