"""Number formats of the controllers as hardware: what the simulator's classes compute with in fixed point.

Widths are ours, chosen by the error analysis in ``docs/hardware.md``. Everything is rounded down, since that costs
no gates, and saturates at the largest number of its width.
"""

from pydantic import BaseModel, ConfigDict, Field


class EntropyFormat(BaseModel):
    """An unsigned number of nats, as EDC gets it of each drafted token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    integer_bits: int = Field(default=4, ge=1, le=8)
    """Below 16 nats, which the largest vocabulary of the zoo cannot reach (ln 256000 = 12.5)."""
    fraction_bits: int = Field(default=8, ge=1, le=16)
    """1/256 nat; a bucket of the default table is 0.75 nats wide."""

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.integer_bits + self.fraction_bits

    def units(self, nats: float) -> int:
        """Return the word of an entropy."""
        return min(int(nats * (1 << self.fraction_bits)), (1 << self.word_bits) - 1)

    def quantise(self, nats: float) -> float:
        """Nats of that word."""
        return self.units(nats) / (1 << self.fraction_bits)


class CycleFormat(BaseModel):
    """The words of TVC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cycle_bits: int = Field(default=32, ge=8, le=40)
    """Whole cycles of a task: 5.4 s at 800 MHz, beside 0.25 s of a 13B verification over 51.2 GB/s."""
    length_bits: int = Field(default=16, ge=4, le=20)
    """Tokens of a task: contexts of up to 65,535."""
    fraction_bits: int = Field(default=8, ge=0, le=10)
    """Of a ratio of cycles to length. Rounding it down twice takes at most 2 · length / 256 cycles from a
    prediction, 0.6 µs at the longest context."""
    clock_ratio_bits: int = Field(default=15, ge=4, le=20)
    """Fraction of the PIM's clock over the NPU's, in a word as wide as a length, so that one multiplier serves both:
    ratios below 2."""
    token_bits: int = Field(default=8, ge=1, le=12)
    """Of the answer n, which saturates: more tokens than fit are never unverified."""

    @property
    def ratio_bits(self) -> int:
        """Bits of a ratio of cycles to length, and of cycles with their fraction."""
        return self.cycle_bits + self.fraction_bits

    @property
    def cycles_maximum(self) -> int:
        """Most whole cycles that a word holds."""
        return (1 << self.cycle_bits) - 1
