"""The last ratios of each of TVC's three tables, their counts and their means."""

from enum import IntEnum

from amaranth import Array, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationOptions


class Kind(IntEnum):
    """Which table."""

    NPU_VERIFICATION = 0
    PIM_DRAFT = 1
    PIM_PREVERIFICATION = 2


class LatencyMemory(wiring.Component):
    """Registers; entries that were never written are zero, so a sum may run over all of a table.

    Ports
    -----
    kind
        The table that the other ports are about.
    store, ratio
        Put a ratio in the place of the oldest.
    entry, read
        Number of an entry, and its ratio.
    count
        Ratios in the table.
    store_mean, mean_in, mean
        Set the mean, and the mean that was set.
    primed
        Every table has a ratio.
    """

    def __init__(self, options: TimeAwareVerificationOptions) -> None:
        self.options = options
        samples, word = options.samples, options.fixed_point.ratio_bits
        super().__init__(
            {
                "kind": In(2),
                "store": In(1),
                "ratio": In(word),
                "entry": In(range(samples)),
                "read": Out(word),
                "count": Out(range(samples + 1)),
                "store_mean": In(1),
                "mean_in": In(word),
                "mean": Out(word),
                "primed": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, samples, word = Module(), self.options.samples, self.options.fixed_point.ratio_bits
        names = [kind.name.lower() for kind in Kind]
        ratios = [[Signal(word, name=f"{name}_{entry}") for entry in range(samples)] for name in names]
        means = Array(Signal(word, name=f"{name}_mean") for name in names)
        counts = Array(Signal(range(samples + 1), name=f"{name}_count") for name in names)
        oldest = Array(Signal(range(samples), name=f"{name}_oldest") for name in names)
        m.d.comb += [
            self.read.eq(Array(Array(table) for table in ratios)[self.kind][self.entry]),
            self.mean.eq(means[self.kind]),
            self.count.eq(counts[self.kind]),
            self.primed.eq(Cat(counts[kind] != 0 for kind in Kind).all()),
        ]
        for kind in Kind:
            with m.If(self.store & (self.kind == kind)):
                place = oldest[kind]
                m.d.sync += place.eq(Mux(place == samples - 1, 0, place + 1))
                with m.If(counts[kind] != samples):
                    m.d.sync += counts[kind].eq(counts[kind] + 1)
                for entry, ratio in enumerate(ratios[kind]):
                    with m.If(place == entry):
                        m.d.sync += ratio.eq(self.ratio)
            with m.If(self.store_mean & (self.kind == kind)):
                m.d.sync += means[kind].eq(self.mean_in)
        return m
