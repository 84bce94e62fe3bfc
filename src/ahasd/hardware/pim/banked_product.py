"""A product as it lies in banks and registers."""

from dataclasses import dataclass
from math import ceil

from ahasd.hardware.pim.commands import PimGeometry


@dataclass(frozen=True, slots=True)
class BankedProduct:
    """An operator as command streams see it.

    Attributes
    ----------
    geometry
        The banks and registers at work in one round.
    outputs, inputs
        Of the product that a round's command stream computes, in elements of one byte.
    rounds
        How often that stream follows itself.
    register_columns
        Columns written to registers over one channel, for a row in a round.
    sum_columns
        Columns of partial sums that a row of one instance leaves, the lanes of each still to be added.
    crossing_sums
        Sums of a row of one instance that meet over the bus even where an AAU adds lanes.
    filled
        Share of the lanes of all columns that hold an element; the rest pads the last columns and tiles.
    """

    geometry: PimGeometry
    outputs: int
    inputs: int
    rounds: int
    register_columns: int
    sum_columns: int
    crossing_sums: int
    filled: float

    @property
    def tiles(self) -> int:
        """Sets of input registers, over all passes of a round."""
        geometry = self.geometry
        return ceil(self.outputs / geometry.pass_outputs) * ceil(self.inputs / geometry.tile_inputs)

    @property
    def columns(self) -> int:
        """Columns that every block reads one after the other, over all rounds, for one token."""
        return self.tiles * self.geometry.tile_columns * self.rounds

    @property
    def register_share(self) -> float:
        """Register writes, as a multiple of the command stream's."""
        return self.register_columns / (self.tiles * self.geometry.input_registers)
