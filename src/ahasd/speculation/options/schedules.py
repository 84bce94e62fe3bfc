"""The options of each kind of schedule: what it decides, whatever machine it runs on."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ahasd.simulation.queues import QueueCapacities
from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationOptions

#: After full acceptance: one draft step of width 2, or one step more.
CatchUp = Literal["merged", "separate"]


class ScheduleOptions(BaseModel):
    """What every kind of schedule has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: str

    @property
    def asks_policy(self) -> bool:
        """Whether the drafting algorithm has a say in what happens."""
        return True


class AutoregressiveOptions(ScheduleOptions):
    """The target alone: nothing to decide."""

    schedule: Literal["autoregressive"] = "autoregressive"

    @property
    def asks_policy(self) -> bool:
        """Nothing is drafted."""
        return False


class SerialOptions(ScheduleOptions):
    """Draft and target in turn."""

    schedule: Literal["serial"] = "serial"
    catch_up: CatchUp = Field(
        default="merged", description="after full acceptance: one draft step of width 2, or one step more"
    )


class PearlOptions(ScheduleOptions):
    """Blocks of drafts beside the verification of those before them."""

    schedule: Literal["pearl"] = "pearl"
    block_length: Literal["policy", "speed_ratio"] = Field(
        default="policy",
        description="a block ends when the drafting policy says, or is as long as a target pass",
    )

    @property
    def asks_policy(self) -> bool:
        """Whether the policy ends a block."""
        return self.block_length == "policy"


class AsynchronousOptions(ScheduleOptions):
    """Draft and verification as decoupled tasks."""

    schedule: Literal["asynchronous"] = "asynchronous"
    catch_up: CatchUp = Field(
        default="merged", description="after full acceptance: one draft step of width 2, or one step more"
    )
    edc: bool = Field(default=False, description="entropy-history-aware drafting control")
    tvc: bool = Field(default=False, description="time-aware pre-verification control and rank gating")
    vector_wait: Literal["behind", "let_in"] = Field(
        default="behind",
        description="AAU off: vector work waits behind a running verification, or is let in",
    )
    verify: Literal["oldest", "coalesce"] = Field(
        default="oldest", description="a pass covers the oldest batch, or all that wait up to coalesce_limit"
    )
    control: Literal["paper", "goodput", "informed", "exact", "clairvoyant", "own"] = Field(
        default="paper",
        description="who decides when a pass starts and the draft goes on: batches with EDC and TVC (paper); or, "
        "token by token, expected goodput; the same told each drafted token's acceptance probability; or the fates "
        "of all tokens: every chain drafted exactly, or cut where that is faster",
    )
    look_ahead_limit: int | None = Field(
        default=None, ge=1, description="drafted tokens without a verdict beyond which the drafter waits"
    )
    coalesce_limit: int = Field(default=16, ge=1, description="tokens of a coalesced pass")
    minimum_pending: int = Field(
        default=1,
        ge=1,
        description="drafted tokens without a verdict that a verification waits for (AMUSD: 2)",
    )
    preverification: Literal["recompute", "follow", "race"] = Field(
        default="recompute",
        description="the PIM computes the in-flight tokens too, so that their KV entries exist on its side; or "
        "follows the NPU layer by layer; or verifies the in-flight tokens itself",
    )
    queues: QueueCapacities = QueueCapacities()
    edc_options: EntropyDraftControlOptions = EntropyDraftControlOptions()
    tvc_options: TimeAwareVerificationOptions = TimeAwareVerificationOptions()

    @property
    def asks_policy(self) -> bool:
        """Whether the policy closes batches; a pilot hands tokens over one by one."""
        return self.control == "paper"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.control != "paper" and (self.edc or self.tvc or self.minimum_pending > 1):
            raise ValueError(f"control {self.control} leaves nothing to edc, tvc and minimum_pending")
        if self.look_ahead_limit is not None and self.look_ahead_limit < self.minimum_pending:
            raise ValueError("look_ahead_limit must leave room for minimum_pending")
        if self.minimum_pending > 1 and (
            self.edc or self.tvc or self.minimum_pending > self.queues.unverified_drafts
        ):
            raise ValueError(
                "a verification that waits for minimum_pending tokens needs a drafter that goes on without EDC "
                "and TVC, and a queue of unverified_drafts that holds as many"
            )
        return self
