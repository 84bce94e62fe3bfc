"""What the paper leaves open about EDC, and the sizes of its tables."""

from math import log
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ahasd.speculation.control.fixed_point import EntropyFormat

#: Nats in one unit of entropy, by the base of its logarithm.
NATS_PER_UNIT = {"e": 1.0, "2": log(2), "10": log(10)}


class EntropyDraftControlOptions(BaseModel):
    """Sizes and open points of entropy-history-aware drafting control.

    The paper (arXiv 2604.25326) gives the history of 8 entries of 3 bits, the 3-bit LLR and the 512 counters
    that follow from them. The rest it does not state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entropy_maximum: float = Field(default=6.0, gt=0, allow_inf_nan=False)
    """Upper end of the top bucket (H_max), in units of ``entropy_base``; above it the top bucket holds everything.
    Ours (the authors' repository has 10, later 6)."""
    entropy_base: Literal["e", "2", "10"] = "e"
    """Base of the logarithm in the entropies that are put into buckets: nats, bits or decimal digits. Traces
    hold nats, which are converted. Ours (the paper does not state it)."""
    history: int = Field(default=8, ge=2, le=64)
    """Entries of LEHT and of LCEHT, an even number (paper)."""
    bucket_bits: int = Field(default=3, ge=1, le=6)
    """Bits of an entry, hence 8 equal intervals (paper)."""
    llr_bits: int = Field(default=3, ge=1, le=6)
    """Bits of the count of unverified batches (paper)."""
    counter_bits: int = Field(default=2, ge=1, le=8)
    """Bits of a saturating counter (authors' repository)."""
    initial_counter: int = Field(default=2, ge=0)
    """Where every counter starts; 2 of 0–3 is weakly "keep drafting" (authors' repository)."""
    ageing: int = Field(default=0, ge=0)
    """After so many verdicts all counters move one step toward ``initial_counter``, so that patterns which no
    longer occur are forgotten; 0 for never, as in the paper. Ours."""
    initial_bucket: int = Field(default=0, ge=0)
    """What the histories hold at first; 0 (authors' repository)."""
    newest: Literal["H0", "H7"] = "H0"
    """Which end of the history is the newest in the index {mean(H4..H7), mean(H0..H3), LLR}; ours."""
    trained_index: Literal["carried", "recomputed"] = "carried"
    """The counter that a verdict trains. ``carried``: the one that predicted, whose index travels with the batch;
    ours. ``recomputed`` (authors' repository): that of the histories and the LLR as they are when the verdict
    arrives, after a rollback if it is a rejection. It predicted nothing: as the LLR of a prediction counts the
    batch itself, a drafter that waits for every verdict never reads what the verdicts train."""
    llr_after_rollback: Literal["zero", "decrement"] = "zero"
    """``zero``: a flush leaves no batch unverified; ours. ``decrement``: a rejection takes one off the LLR like
    any verdict (authors' repository), and the batches that were flushed stay counted until the next verdict,
    which shows that the queue has got past them (ours: without that the LLR would climb and stay up)."""
    arithmetic: Literal["float", "fixed"] = "float"
    """``fixed``: entropies are words of ``fixed_point`` and every decision is that of the hardware in ``rtl/``."""
    fixed_point: EntropyFormat = EntropyFormat()
    """The format of those words; without effect on ``float``. Ours."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.history % 2:
            raise ValueError(f"history is {self.history}; it must be even, since its halves are averaged")
        if self.initial_counter >= 1 << self.counter_bits:
            raise ValueError(
                f"initial_counter {self.initial_counter} needs more than the {self.counter_bits} of counter_bits"
            )
        if self.initial_bucket >= 1 << self.bucket_bits:
            raise ValueError(
                f"initial_bucket {self.initial_bucket} needs more than the {self.bucket_bits} of bucket_bits"
            )
        if (
            self.arithmetic == "fixed"
            and not 1 <= self.entropy_maximum_units < 1 << self.fixed_point.word_bits
        ):
            raise ValueError(
                f"entropy_maximum is {self.entropy_maximum_nats:g} nats, which no word of "
                f"{self.fixed_point.integer_bits} + {self.fixed_point.fraction_bits} bits (fixed_point) holds"
            )
        return self

    @property
    def entropy_maximum_units(self) -> int:
        """Upper end of the top bucket as a fixed-point word, to the nearest."""
        return round(self.entropy_maximum_nats * (1 << self.fixed_point.fraction_bits))

    @property
    def entropy_maximum_nats(self) -> float:
        """Upper end of the top bucket, nats."""
        return self.entropy_maximum * NATS_PER_UNIT[self.entropy_base]

    @property
    def index_bits(self) -> int:
        """Bits of an index into the counters, and of each queue entry that carries one."""
        return 2 * self.bucket_bits + self.llr_bits
