"""Random mixes of a stream and PIM work."""

import random
from dataclasses import dataclass, replace

from ahasd.hardware.channel.co_simulation.work import Driving, PimProduct, PimWork
from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import PimGeometry, PimOptions

#: Cycles between column commands for one token: from tCCD (0 never binds) to what the ``module-mac`` preset asks.
PACES = (0, 6, 8, 10, 12, 17, 24, 33, 48, 64, 96, 128)

_BANKS = 16

TIMING_SETS = ("ahasd", "ahasd", "lpddr5-6400-16gb", "lpddr5x-8533")


@dataclass(frozen=True, slots=True)
class Mix:
    """A stream and PIM work on one channel.

    Attributes
    ----------
    timing_set
        Name of the memory.
    organisation
        With the stream's refresh.
    stream, work
        The two sides.
    first_refreshes
        Of the streams of PIM commands; empty without refresh.
    """

    timing_set: str
    organisation: ChannelOrganisation
    stream: RequestStream
    work: PimWork
    first_refreshes: tuple[int, ...]

    @property
    def timing(self) -> DramTiming:
        """Of the memory."""
        return load_timing_set(self.timing_set).timing

    def summary(self) -> str:
        """What it is, in a line."""
        work, geometry = self.work, self.work.geometry
        return (
            f"{self.timing_set}: {self.stream.requests} bursts, {self.stream.read_share:.0%} reads; "
            f"{len(work.products)} products, {work.driving.value}, {work.ranks} rank(s), "
            f"pace {work.options.mac_cycles:g} x {work.options.weight_reuse} token(s), {geometry.blocks} blocks, "
            f"{geometry.input_registers} x {geometry.output_registers} registers, "
            f"refresh {'on' if self.first_refreshes else 'off'}"
        )


def random_mix(seed: int) -> Mix:
    """Draw a mix.

    Sides take tens of thousands of cycles, several refresh intervals: in less, one refresh more or less beside
    the other side decides, which no rate can know.
    """
    draw = random.Random(seed)
    name = draw.choice(TIMING_SETS)
    memory = load_timing_set(name)
    refresh = draw.choice((Refresh.NONE, Refresh.ALL_BANK))
    ranks = draw.randint(1, 3)
    driving = draw.choice(tuple(Driving)) if ranks > 1 else Driving.BROADCAST
    work = _work(draw, ranks, driving)
    read_share = draw.choice((1.0, 1.0, 1.0, draw.uniform(0.5, 0.99)))
    bursts = draw.randint(20_000, 50_000) // memory.timing.burst_cycles
    stream = RequestStream(bursts, read_share, seed=seed)
    first = tuple(draw.randint(1, memory.timing.tREFI) for _ in range(work.agents))
    organisation = replace(memory.organisation, refresh=refresh)
    return Mix(name, organisation, stream, work, first if refresh is Refresh.ALL_BANK else ())


def _work(draw: random.Random, ranks: int, driving: Driving) -> PimWork:
    """Products of one to three passes, of 2,000 to 20,000 cycles each, 20,000 to 50,000 together."""
    geometry = PimGeometry(
        channels=1,
        ranks=1,
        banks=_BANKS,
        bank_groups=4,
        blocks=draw.choice((_BANKS, _BANKS // 2)),
        column_bytes=32,
        columns_per_row=64,
        element_bytes=1,
        input_registers=draw.choice((2, 4, 8, 16)),
        output_registers=draw.choice((2, 4, 8, 16)),
    )
    options = PimOptions(weight_reuse=draw.choice((1, 1, 2, 4)), mac_cycles=draw.choice(PACES))
    outputs = geometry.output_registers * geometry.blocks * ranks
    tile = (
        geometry.tile_columns * max(int(options.mac_cycles), 6) + 300
    )  # cycles, roughly, with its row changes
    products: list[PimProduct] = []
    left = draw.randint(20_000, 50_000)
    while left > 0:
        passes = draw.randint(1, 3)
        batch = draw.choice((1, 1, 1, 2, 4))
        reads = passes * -(-batch // options.weight_reuse)
        tiles = max(1, draw.randint(2_000, 20_000) // (tile * reads))
        products.append(
            PimProduct(
                outputs=max(1, passes * outputs - draw.randrange(outputs)),
                inputs=max(1, tiles * geometry.tile_inputs - draw.randrange(geometry.tile_inputs)),
                batch=batch,
                read_bursts=draw.choice((0, 0, draw.randint(1, 300))),
                written_bursts=draw.choice((0, 0, draw.randint(1, 100))),
            )
        )
        left -= reads * tiles * tile + 700
    return PimWork(tuple(products), geometry, options, ranks, driving)
