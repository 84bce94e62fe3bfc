"""System presets: which device does what, under which schedule, with which controllers."""

from functools import cache
from importlib import resources
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ahasd.errors import UnknownNameError
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName
from ahasd.hardware.placement.prefill import PrefillDevice, WeightReading
from ahasd.hardware.preset.preset import DEFAULT_PRESET
from ahasd.simulation.queues import QueueCapacities
from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationOptions


class SystemPreset(BaseModel):
    """A system: devices, schedule, controllers and the options where the paper is silent.

    Options called ``ideal_…`` remove a conflict or a latency that a real machine has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    schedule: Literal["autoregressive", "serial", "asynchronous", "pearl"]
    target_device: DeviceName
    draft_device: DeviceName | None = None
    default_hardware: str = Field(
        default=DEFAULT_PRESET, description="the hardware preset that it runs on unless another one is given"
    )
    aau: bool = Field(default=False, description="vector work of PIM steps is done in the ranks")
    edc: bool = Field(default=False, description="entropy-history-aware drafting control")
    tvc: bool = Field(default=False, description="time-aware pre-verification control and rank gating")
    catch_up: Literal["merged", "separate"] = Field(
        default="merged", description="after full acceptance: one draft step of width 2, or one step more"
    )
    vector_wait: Literal["behind", "let_in"] = Field(
        default="behind",
        description="AAU off: vector work waits behind a running verification, or is let in",
    )
    verify: Literal["oldest", "coalesce"] = Field(
        default="oldest", description="a pass covers the oldest batch, or all that wait up to coalesce_limit"
    )
    control: Literal["paper", "goodput", "informed", "exact", "clairvoyant"] = Field(
        default="paper",
        description="who decides when a pass starts and the draft goes on: batches with EDC and TVC (paper); or, "
        "token by token, expected goodput; the same told each drafted token's acceptance probability; or the fates "
        "of all tokens: every chain drafted exactly, or cut where that is faster",
    )
    alternatives: tuple[str, ...] = Field(
        default=(),
        description="systems on the same hardware, of which the fastest on held-out prompts is run instead",
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
    block_length: Literal["policy", "speed_ratio"] = Field(
        default="policy",
        description="pearl: a block ends when the drafting policy says, or is as long as a target pass",
    )
    operators: Literal["mapped", "split"] = Field(
        default="mapped",
        description="host and PIM together: each operator runs on one of them, or every product is split",
    )
    design_draft_length: int = Field(
        default=8, ge=1, description="the draft length for which operators are mapped or split"
    )
    placement: Literal["apart", "interleaved"] = Field(
        default="apart",
        description="target and draft on ranks of their own, or both interleaved over all ranks",
    )
    target_ranks: str | None = Field(
        default=None,
        description="ranks of the target on every channel, such as 0 or 0-1; the fewest if not given",
    )
    draft_ranks: str | None = Field(
        default=None,
        description="ranks of the draft on every channel; those that the target leaves if not given",
    )
    prefill: PrefillDevice = Field(
        default="npu", description="where a model that computes in memory reads its prompt"
    )
    prefill_layout: WeightReading = Field(
        default="mapped",
        description="the NPU reads weights laid out for the PIM by a mapping that it knows, or re-lays them first",
    )
    ideal_rank_sharing: bool = Field(
        default=False, description="the NPU streams from ranks while they compute"
    )
    ideal_bus_sharing: bool = Field(default=False, description="PIM vectors cross the bus beside the stream")
    ideal_command_bus: bool = Field(default=False, description="commands of both sides never meet")
    ideal_refresh: bool = Field(default=False, description="rows keep their charge for nothing")
    ideal_mode_switch: bool = Field(default=False, description="ranks start and stop to compute in no time")
    ideal_gating: bool = Field(default=False, description="rank sets are switched in no time")
    ideal_vector_wait: bool = Field(
        default=False, description="AAU off: vector work passes through the NPU beside its pass"
    )
    ideal_control_latency: bool = Field(
        default=False, description="queues, polling and decisions take no time"
    )
    ideal_kv_entries: bool = Field(
        default=False, description="the PIM has the KV entries of the tokens in flight for nothing"
    )
    ideal_power: bool = Field(default=False, description="no power cap throttles the PIM")
    queues: QueueCapacities = QueueCapacities()
    edc_options: EntropyDraftControlOptions = EntropyDraftControlOptions()
    tvc_options: TimeAwareVerificationOptions = TimeAwareVerificationOptions()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.schedule == "autoregressive":
            if self.draft_device is not None:
                raise ValueError("an autoregressive system has no draft_device")
        elif self.draft_device is None:
            raise ValueError(f"a {self.schedule} system needs a draft_device")
        if self.schedule == "asynchronous":
            if self.shares_memory and (self.draft_device, self.target_device) != ("pim", "npu"):
                raise ValueError(
                    "an asynchronous system drafts on the pim and verifies on the npu, or has two devices with "
                    "memories of their own"
                )
            if self.tvc and not self.shares_memory:
                raise ValueError(
                    "tvc pre-verifies on the pim what the npu is to verify; this system lacks one"
                )
            if self.draft_device == "pim" and self.target_device != "npu" and not self.aau:
                raise ValueError("a pim without an npu needs aau: nothing else does its vector work")
        elif self.edc or self.tvc:
            raise ValueError(f"edc and tvc control an asynchronous schedule, not a {self.schedule} one")
        if self.schedule == "pearl":
            if self.draft_device == self.target_device:
                raise ValueError("a pearl system drafts on one device and verifies on another")
            if self.draft_device == "pim" and not self.aau:
                raise ValueError(
                    "a pearl system that drafts on the pim needs aau: the NPU verifies meanwhile"
                )
        elif self.block_length != "policy":
            raise ValueError("block_length is an option of the pearl schedule")
        if self.control != "paper":
            if self.schedule != "asynchronous" or not self.aau:
                raise ValueError(f"control {self.control} governs an asynchronous schedule with aau")
            if self.edc or self.tvc or self.minimum_pending > 1:
                raise ValueError(f"control {self.control} leaves nothing to edc, tvc and minimum_pending")
        if self.look_ahead_limit is not None and self.look_ahead_limit < self.minimum_pending:
            raise ValueError("look_ahead_limit must leave room for minimum_pending")
        self._check_together()
        if self.minimum_pending > 1 and (
            self.edc or self.tvc or self.minimum_pending > self.queues.unverified_drafts
        ):
            raise ValueError(
                "a verification that waits for minimum_pending tokens needs a drafter that goes on without EDC "
                "and TVC, and a queue of unverified_drafts that holds as many"
            )
        if not self.uses_pim:
            placed = [name for name in ("target_ranks", "draft_ranks") if getattr(self, name) is not None]
            if placed or self.placement != "apart":
                raise ValueError(
                    f"{', '.join(placed) or 'placement'} places models that compute in memory; this system has none"
                )
        if self.placement == "interleaved" and (self.target_ranks or self.draft_ranks):
            raise ValueError("interleaved models lie on all ranks; leave out target_ranks and draft_ranks")
        if self.draft_ranks is not None and self.draft_device is None:
            raise ValueError("draft_ranks is given, but this system has no draft")
        if self.aau and not self.uses_pim:
            raise ValueError("aau belongs to the pim, which this system does not use")
        return self

    def _check_together(self) -> None:
        """Check systems whose host and PIM run each pass together."""
        together = {device for device in self.devices.values() if "+" in device}
        if not together:
            if self.operators != "mapped":
                raise ValueError("operators are split between npu and pim: the devices must be npu+pim")
            return
        if len(set(self.devices.values())) > 1 or self.schedule not in ("serial", "autoregressive"):
            raise ValueError("host and pim together run both models, one after the other (serial)")
        if self.placement != "interleaved":
            raise ValueError("host and pim together work on all ranks: placement must be interleaved")
        if self.operators == "split" and (self.aau or "npu+pim" not in together):
            raise ValueError("a split product's halves meet in the npu: npu+pim without aau")

    @property
    def uses_pim(self) -> bool:
        """Whether a model computes in memory."""
        return any(DEVICES[device].in_memory for device in self.devices.values())

    @property
    def devices(self) -> dict[str, DeviceName]:
        """The devices of ``target`` and, where there is one, ``draft``."""
        draft: dict[str, DeviceName] = {} if self.draft_device is None else {"draft": self.draft_device}
        return {"target": self.target_device, **draft}

    @property
    def shares_memory(self) -> bool:
        """Whether draft and target lie in one memory, for whose ranks and buses their devices compete."""
        return self.draft_device is not None and (
            DEVICES[self.draft_device].memory == DEVICES[self.target_device].memory
        )

    @property
    def ideal_options(self) -> list[str]:
        """Names of the conflicts that are switched off."""
        return [name for name in type(self).model_fields if name.startswith("ideal_") and getattr(self, name)]

    def without_speculation(self) -> "SystemPreset":
        """Return the same devices with the target alone."""
        return self.model_copy(
            update={
                "schedule": "autoregressive",
                "draft_device": None,
                "aau": self.aau and DEVICES[self.target_device].in_memory,
                "edc": False,
                "tvc": False,
                "control": "paper",
                "alternatives": (),
                "look_ahead_limit": None,
                "block_length": "policy",
            }
        )


def system_names() -> list[str]:
    """Names of the built-in systems."""
    return list(_names())


@cache
def _names() -> tuple[str, ...]:
    folder = resources.files("ahasd.systems") / "presets"
    return tuple(sorted(e.name.removesuffix(".yaml") for e in folder.iterdir() if e.name.endswith(".yaml")))


@cache
def load_system(name: str) -> SystemPreset:
    """Load a built-in system.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in system_names():
        raise UnknownNameError("system", name, system_names())
    text = (resources.files("ahasd.systems") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    return SystemPreset.model_validate({"name": name, **yaml.safe_load(text)})
