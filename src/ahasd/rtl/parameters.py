"""Sizes of the hardware, the paper's by default."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ahasd.assignments import assign, split_assignment
from ahasd.simulation.queues import QueueCapacities
from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationOptions

#: Samples of a table, bits of the index of the counters, entries of a queue: as synthesised they are flip-flops, and
#: beyond these sizes that would take hours. Ours.
MOST_SAMPLES, MOST_INDEX_BITS, MOST_ENTRIES = 64, 14, 1024


def is_power_of_two(number: int) -> bool:
    """Whether an index of whole bits counts exactly so many things."""
    return number > 0 and number & (number - 1) == 0


class HardwareParameters(BaseModel):
    """What the hardware is built for.

    EDC, TVC and queues take the options of the simulator's classes, in fixed point; those that the hardware does
    not have are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    edc: EntropyDraftControlOptions = EntropyDraftControlOptions(arithmetic="fixed")
    """8-entry histories of 3 bits, 3-bit LLR, 512 counters (paper, arXiv 2604.25326)."""
    tvc: TimeAwareVerificationOptions = TimeAwareVerificationOptions(arithmetic="fixed")
    """Tables of 4 samples (paper)."""
    queues: QueueCapacities = QueueCapacities()
    """64, 32 and 16 entries (authors' repository)."""
    batch_tokens: int = Field(default=64, ge=2, le=1024)
    """Longest draft batch; ours."""
    ranks: int = Field(default=16, ge=2, le=32)
    """Ranks whose compute units are gated (paper)."""
    settle_cycles: int = Field(default=1, ge=1, le=1024)
    """PIM cycles from the enable of a rank's clock to its first operation. Clock gates, not power gates (ours)."""
    lanes: int = Field(default=16, ge=2, le=64)
    """Lanes of an AAU (authors' repository: vectors of 16)."""
    vector_length: int = Field(default=32768, ge=64, le=65536)
    """Longest vector of the AAU, elements: softmax over so much context, norms over so many channels; ours."""

    @model_validator(mode="after")
    def _buildable(self) -> Self:
        counts = {
            "half of edc.history": self.edc.history // 2,
            "batch_tokens": self.batch_tokens,
            "lanes": self.lanes,
            "vector_length": self.vector_length,
            **{f"queues.{name}": getattr(self.queues, name) for name in QueueCapacities.model_fields},
        }
        for name, count in counts.items():
            if not is_power_of_two(count):
                raise ValueError(
                    f"{name} is {count}; the hardware needs a power of two, for its index is cut there"
                )
        sizes = {
            "tvc.samples": (self.tvc.samples, MOST_SAMPLES),
            "the index of EDC's counters, in bits,": (self.edc.index_bits, MOST_INDEX_BITS),
            **{name: (count, MOST_ENTRIES) for name, count in counts.items() if name.startswith("queues.")},
        }
        for name, (size, most) in sizes.items():
            if size > most:
                raise ValueError(f"{name} is {size}; the hardware is built for at most {most}")
        for name, options in (("edc", self.edc), ("tvc", self.tvc)):
            if options.arithmetic != "fixed":
                raise ValueError(f"{name}.arithmetic is float; the hardware computes in fixed point")
        if self.edc.trained_index != "carried" or self.edc.llr_after_rollback != "zero" or self.edc.ageing:
            raise ValueError(
                "the hardware trains the carried index, sets the LLR to zero on a rollback and has no ageing; "
                "leave edc.trained_index, edc.llr_after_rollback and edc.ageing at their defaults"
            )
        if self.vector_length < self.lanes:
            raise ValueError(f"vector_length {self.vector_length} is below the {self.lanes} lanes")
        return self

    @property
    def unverified_bits(self) -> int:
        """Bits of the count of unverified batches: one in each entry of two queues, at the NPU and at the PIM."""
        return (self.queues.unverified_drafts + self.queues.feedback + 2).bit_length()

    @property
    def batch_bits(self) -> int:
        """Bits of a count of tokens in a batch."""
        return self.batch_tokens.bit_length()


def parameters_from_settings(settings: Iterable[str]) -> HardwareParameters:
    """Change the defaults by texts such as ``lanes=8`` or ``edc.history=16``.

    Raises
    ------
    AhasdError
        A name is unknown or a size cannot be built; the message names it.
    """
    parameters = HardwareParameters()
    for setting in settings:
        parameters = assign(parameters, *split_assignment(setting))
    return parameters
