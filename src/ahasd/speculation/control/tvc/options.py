"""What the paper leaves open about TVC, and the profile with which its tables start."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, model_validator

from ahasd.speculation.control.fixed_point import CycleFormat


class TimeAwareVerificationOptions(BaseModel):
    """Sizes and open points of TVC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: PositiveInt = 4
    """Entries of each table (paper, arXiv 2604.25326)."""
    latency_model: Literal["proportional", "affine"] = "proportional"
    """``proportional``: cycles are a ratio times the length, a line through zero (paper). For a verification,
    whose time is mostly the streaming of weights, that mispredicts several-fold when the context length jumps.
    ``affine``: a fixed part and a part per token, fitted to the table's samples; ours."""
    arithmetic: Literal["float", "fixed"] = "float"
    """``fixed``: cycles and ratios are words of ``fixed_point``, every answer that of the hardware in ``rtl/``."""
    fixed_point: CycleFormat = CycleFormat()
    """The format of those words; without effect on ``float``. Ours."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.arithmetic == "fixed" and self.latency_model != "proportional":
            raise ValueError(
                "arithmetic fixed has no affine latency_model; the hardware draws a line through zero"
            )
        return self


class MeasuredTasks(BaseModel):
    """One measured sample of each kind of task, in cycles of the named device's own clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    npu_verification_cycles: PositiveFloat
    """NPU cycles of a verification of one token."""
    kv_length: PositiveInt
    """Context length of that verification, tokens."""
    pim_draft_cycles: PositiveFloat
    """PIM cycles of a draft."""
    pim_preverification_cycles: PositiveFloat
    """PIM cycles of a pre-verification."""


class LongerTasks(MeasuredTasks):
    """A second sample, of other lengths than the first."""

    tokens: PositiveInt
    """Tokens of the draft, and of the pre-verification."""


class OfflineProfile(MeasuredTasks):
    """The samples with which the tables start (paper); draft and pre-verification are of one token."""

    longer: LongerTasks | None = None
    """With it the affine model starts from two points (ours). The proportional one starts from the sample above
    alone, as the paper says, and leaves this aside."""
