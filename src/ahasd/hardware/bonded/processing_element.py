"""The processing element under a bank, and which of them can be built."""

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, model_validator

#: Multiply-accumulates of a vector unit in a cycle, of 16 bits (artifact of H2-LLM, ISCA 2025).
LANES_PER_UNIT = 16

#: Most vector units that go with a clock in MHz, up to which it holds, and a rate to the bank in GB/s: the points
#: that H2-LLM's artifact searches (Apache-2.0, github.com/leesou/H2-LLM-ISCA-2025). Fewer units than that fit as
#: well.
_MOST_UNITS: dict[float, tuple[tuple[int, int], ...]] = {
    6.4: ((1000, 8),),
    12.8: ((800, 8), (1000, 4)),
    25.6: ((600, 8), (1000, 4)),
    51.2: ((400, 8), (800, 4), (1000, 2)),
}
_SLOWEST_MHZ, _FASTEST_MHZ = 400, 1000


def most_units(mhz: float, bank_gb_s: float) -> int | None:
    """Vector units that fit at a clock and a rate to the bank; None where no such point was found to work."""
    if bank_gb_s not in _MOST_UNITS or not _SLOWEST_MHZ <= mhz <= _FASTEST_MHZ:
        return None
    return next(units for upto, units in _MOST_UNITS[bank_gb_s] if mhz <= upto)


class ProcessingElement(BaseModel):
    """Vector units, their clock, the rate to the bank above, and buffers.

    Parameters
    ----------
    units
        Vector units of :data:`LANES_PER_UNIT` lanes each.
    mhz
        Clock.
    bank_gb_s
        Rate at which it reads its bank, 10^9 bytes/s.
    input_kib, output_kib, weight_kib
        Buffers.

    Raises
    ------
    ValueError
        No such point is legal; the message says which are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: PositiveInt
    mhz: PositiveFloat
    bank_gb_s: PositiveFloat
    input_kib: PositiveFloat
    output_kib: PositiveFloat
    weight_kib: PositiveFloat

    @model_validator(mode="after")
    def _legal(self) -> "ProcessingElement":
        most = most_units(self.mhz, self.bank_gb_s)
        if most is None or self.units > most:
            rates = ", ".join(f"{rate:g}" for rate in _MOST_UNITS)
            fit = "no such point is known" if most is None else f"at most {most} units fit there"
            raise ValueError(
                f"a processing element of {self.units} units at {self.mhz:g} MHz and {self.bank_gb_s:g} GB/s: {fit} "
                f"(rates {rates} GB/s; {_SLOWEST_MHZ} to {_FASTEST_MHZ} MHz; the faster both, the fewer units)"
            )
        return self

    @property
    def macs_per_second(self) -> float:
        """Multiply-accumulates of 16 bits."""
        return self.units * LANES_PER_UNIT * self.mhz * 1e6

    @property
    def bytes_per_second(self) -> float:
        """From its bank."""
        return self.bank_gb_s * 1e9

    @property
    def buffer_mib(self) -> float:
        """All buffers."""
        return (self.input_kib + self.output_kib + self.weight_kib) / 1024
