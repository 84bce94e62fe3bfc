"""Which devices run the models, where these lie, and which conflicts of the hardware are switched off."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ahasd.hardware.placement.device_kinds import DeviceName
from ahasd.hardware.placement.prefill import PrefillDevice, WeightReading


class PlacementOptions(BaseModel):
    """The target's device and ranks, and what host and PIM do together.

    Options called ``ideal_…`` remove a conflict or a limit that a real machine has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target_device: DeviceName
    aau: bool = Field(default=False, description="vector work of PIM steps is done in the ranks")
    operators: Literal["mapped", "split"] = Field(
        default="mapped",
        description="host and PIM together: each operator runs on one of them, or every product is split",
    )
    design_draft_length: int = Field(
        default=8,
        ge=1,
        le=1024,  # as the algorithms' longest batch; mapping tries every length of a pass up to it
        description="the draft length for which operators are mapped or split",
    )
    placement: Literal["apart", "interleaved"] = Field(
        default="apart",
        description="target and draft on ranks of their own, or both interleaved over all ranks",
    )
    target_ranks: str | None = Field(
        default=None,
        description="ranks of the target on every channel, such as 0 or 0-1; the fewest if not given",
    )
    prefill: PrefillDevice = Field(
        default="npu", description="where a model that computes in memory reads its prompt"
    )
    prefill_layout: WeightReading = Field(
        default="mapped",
        description="the NPU reads weights laid out for the PIM by a mapping that it knows, or re-lays them first",
    )
    ideal_bus_sharing: bool = Field(default=False, description="PIM vectors cross the bus beside the stream")
    ideal_command_bus: bool = Field(default=False, description="commands of both sides never meet")
    ideal_refresh: bool = Field(default=False, description="rows keep their charge for nothing")
    ideal_mode_switch: bool = Field(default=False, description="ranks start and stop to compute in no time")
    ideal_power: bool = Field(default=False, description="no power cap throttles the PIM")


class DraftPlacementOptions(PlacementOptions):
    """The draft's device and ranks beside the target's."""

    draft_device: DeviceName
    draft_ranks: str | None = Field(
        default=None,
        description="ranks of the draft on every channel; those that the target leaves if not given",
    )


class ConcurrentPlacementOptions(DraftPlacementOptions):
    """Both devices at work at the same time, and what that costs them."""

    ideal_rank_sharing: bool = Field(
        default=False, description="the NPU streams from ranks while they compute"
    )
    ideal_control_latency: bool = Field(
        default=False, description="queues, polling and decisions take no time"
    )
