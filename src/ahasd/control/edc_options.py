"""What the paper leaves open about EDC, and the sizes of its tables."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class EntropyDraftControlOptions(BaseModel):
    """Sizes and open points of entropy-history-aware drafting control.

    The paper (arXiv 2604.25326) gives the history of 8 entries of 3 bits, the 3-bit LLR and the 512 counters
    that follow from them. The rest it does not state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entropy_maximum: float = Field(default=6.0, gt=0, allow_inf_nan=False)
    """Upper end of the top bucket, nats; above it the top bucket holds everything. Ours (the authors'
    repository has 10, later 6)."""
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
    initial_bucket: int = Field(default=0, ge=0)
    """What the histories hold at first; ours."""
    newest: Literal["H0", "H7"] = "H0"
    """Which end of the history is the newest in the index {mean(H4..H7), mean(H0..H3), LLR}; ours."""
    trained_index: Literal["carried"] = "carried"
    """The counter that a verdict trains: the one that predicted, whose index travels with the batch; ours.
    (One recomputed after a rollback would train a pattern that predicted nothing.)"""
    llr_after_rollback: Literal["zero"] = "zero"
    """A rejection flushes every later batch, so none is unverified afterwards; ours."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.history % 2:
            raise ValueError(f"history is {self.history}; it must be even, since its halves are averaged")
        if self.initial_counter >= 1 << self.counter_bits:
            raise ValueError(
                f"initial_counter {self.initial_counter} needs more than {self.counter_bits} bits"
            )
        if self.initial_bucket >= 1 << self.bucket_bits:
            raise ValueError(f"initial_bucket {self.initial_bucket} needs more than {self.bucket_bits} bits")
        return self

    @property
    def index_bits(self) -> int:
        """Bits of an index into the counters, and of each queue entry that carries one."""
        return 2 * self.bucket_bits + self.llr_bits
