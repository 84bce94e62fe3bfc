"""What the PIM side of a channel has to do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.options import MEASURED, PimOptions
from ahasd.hardware.pim.commands.stream import Group, Phase, Run, flatten


class Driving(StrEnum):
    """Who the commands of the PIM ranks are for."""

    BROADCAST = "broadcast"
    """All PIM ranks of the channel obey each command, in lockstep."""
    PER_RANK = "per-rank"
    """Each PIM rank has its own commands."""


@dataclass(frozen=True, slots=True)
class PimProduct:
    """A matrix-vector product, and what crosses the data bus after it.

    Attributes
    ----------
    outputs, inputs, batch
        Of the product; outputs of all ranks of the channel together.
    read_bursts, written_bursts
        Bursts of results that are read, then of KV entries that are written, of all ranks together.
    """

    outputs: int
    inputs: int
    batch: int = 1
    read_bursts: int = 0
    written_bursts: int = 0


@dataclass(frozen=True, slots=True)
class PimWork:
    """Products that follow each other on the PIM ranks of a channel.

    Attributes
    ----------
    products
        In order.
    geometry
        One rank of one channel; ``ranks`` and ``lockstep_ranks`` are set from the fields below.
    options
        Pace of the column commands.
    ranks, driving
        How many ranks compute, and how they are driven.
    """

    products: tuple[PimProduct, ...]
    geometry: PimGeometry
    options: PimOptions = MEASURED
    ranks: int = 1
    driving: Driving = Driving.BROADCAST

    def __post_init__(self) -> None:
        if not self.products or self.ranks < 1:
            raise AhasdError("PIM work on a shared channel needs at least one product and one rank")

    @property
    def agents(self) -> int:
        """Streams of commands."""
        return self.ranks if self.driving is Driving.PER_RANK else 1

    @property
    def agent_geometry(self) -> PimGeometry:
        """The ranks that one stream of commands drives."""
        driven = self.ranks // self.agents
        return replace(self.geometry, ranks=driven, lockstep_ranks=driven)

    def share(self, product: PimProduct) -> PimProduct:
        """What one stream of commands does of a product (rounded up)."""
        agents = self.agents
        return replace(
            product,
            outputs=-(-product.outputs // agents),
            read_bursts=-(-product.read_bursts // agents),
            written_bursts=-(-product.written_bursts // agents),
        )

    def groups(self, product: PimProduct) -> Iterator[Group]:
        """Commands of one stream for its share of a product."""
        geometry, share = self.agent_geometry, self.share(product)
        yield from flatten(gemv_sections(geometry, share.outputs, share.inputs, share.batch, self.options))
        yield from _transfer(geometry, False, share.read_bursts)
        yield from _transfer(geometry, True, share.written_bursts)


def _transfer(geometry: PimGeometry, write: bool, bursts: int) -> Iterator[Group]:
    """Bursts of one row in a bank of each bank group, so that they follow each other closely; then of the next."""
    per_group = geometry.banks // geometry.bank_groups
    banks = range(0, geometry.banks, per_group)
    row = int(write)
    while bursts > 0:
        now = min(bursts, geometry.bank_groups * geometry.columns_per_row)
        counts = [len(range(index, now, geometry.bank_groups)) for index in range(geometry.bank_groups)]
        yield tuple(
            Run(write, bank, row, count, Phase.EPILOGUE)
            for bank, count in zip(banks, counts, strict=True)
            if count
        )
        bursts -= now
        row += 2
