"""The kinds of systems: which device does what, where the models lie, and the options of the schedule."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ahasd.family.system import System
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName
from ahasd.speculation.options.placement import (
    ConcurrentPlacementOptions,
    DraftPlacementOptions,
    PlacementOptions,
)
from ahasd.speculation.options.schedules import (
    AsynchronousOptions,
    AutoregressiveOptions,
    PearlOptions,
    ScheduleOptions,
    SerialOptions,
)
from ahasd.speculation.options.trees import ClairvoyantOptions, TreeOptions
from ahasd.speculation.trees.pruning import REQUIRED_RECALL

#: Controls that read of the trace what nobody can know beforehand.
KNOWING_CONTROLS = frozenset({"informed", "exact", "clairvoyant"})


class SpeculationSystem(System, PlacementOptions, ScheduleOptions):
    """What every kind of system has in common; the kinds add the options that are theirs alone."""

    family: Literal["speculation"] = "speculation"

    @property
    def devices(self) -> dict[str, DeviceName]:
        """The devices of ``target`` and, where there is one, ``draft``."""
        return {"target": self.target_device}

    @property
    def uses_pim(self) -> bool:
        """Whether a model computes in memory."""
        return any(DEVICES[device].in_memory for device in self.devices.values())

    @property
    def shares_memory(self) -> bool:
        """Whether draft and target lie in one memory, for whose ranks and buses their devices compete."""
        return len(self.devices) > 1 and len({DEVICES[name].memory for name in self.devices.values()}) == 1

    @property
    def ideal_options(self) -> list[str]:
        """Names of the conflicts that are switched off."""
        return [name for name in self.switches() if getattr(self, name)]

    @property
    def bound(self) -> str:
        """Why this bounds what machines can do and is none that can be built; empty if it is one."""
        reasons = []
        if getattr(self, "control", "") in KNOWING_CONTROLS:
            reasons.append("its control knows what the target will accept")
        if isinstance(getattr(self, "tree", None), ClairvoyantOptions):
            reasons.append("its policy knows which guesses are right")
        if self.ideal_options:
            reasons.append("conflicts are switched off")
        return " and ".join(reasons)

    @classmethod
    def switches(cls) -> list[str]:
        """Names of the conflicts that this kind of system can switch off."""
        return sorted(name for name in cls.model_fields if name.startswith("ideal_"))

    @classmethod
    def why_no_option(cls, name: str) -> str | None:
        """Name the kinds that have the option, in which it would change something."""
        having = [other for other, kind in KINDS.items() if name in kind.model_fields]
        if name in cls.model_fields or not having:
            return None
        kinds = " and ".join(filter(None, (", ".join(having[:-1]), having[-1])))
        schedule = cls.model_fields["schedule"].default
        return f"system.{name} is an option of {kinds} systems; this one is {schedule}, where it would change nothing"

    def without_speculation(self) -> "AutoregressiveSystem":
        """Return the same devices with the target alone."""
        shared = AutoregressiveSystem.model_fields.keys() & type(self).model_fields.keys() - {"schedule"}
        values = {name: getattr(self, name) for name in shared}
        if not DEVICES[self.target_device].in_memory:
            values |= {"aau": False, "placement": "apart"}
        return AutoregressiveSystem(**values)

    @model_validator(mode="after")
    def _placed(self) -> Self:
        ranks = [name for name in ("target_ranks", "draft_ranks") if getattr(self, name, None) is not None]
        if not self.uses_pim:
            # A model that streams alone from the module lies on the ranks that it is given.
            alone = len(self.devices) == 1 and DEVICES[self.target_device].memory == "module"
            if (ranks and not alone) or self.placement != "apart":
                raise ValueError(
                    f"{', '.join(ranks) or 'placement'} places models that compute in memory; this system has none"
                )
            if self.aau:
                raise ValueError("aau belongs to the pim, which this system does not use")
        if self.placement == "interleaved" and ranks:
            raise ValueError("interleaved models lie on all ranks; leave out target_ranks and draft_ranks")
        return self

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Check systems whose host and PIM run each pass together."""
        together = {device for device in self.devices.values() if "+" in device}
        if not together:
            if self.operators != "mapped":
                raise ValueError("operators are split between npu and pim: the devices must be npu+pim")
            return self
        if len(set(self.devices.values())) > 1 or self.schedule not in ("serial", "autoregressive"):
            raise ValueError("host and pim together run both models, one after the other (serial)")
        if self.placement != "interleaved":
            raise ValueError("host and pim together work on all ranks: placement must be interleaved")
        if self.operators == "split" and (self.aau or "npu+pim" not in together):
            raise ValueError("a split product's halves meet in the npu: npu+pim without aau")
        return self


class AutoregressiveSystem(AutoregressiveOptions, SpeculationSystem):
    """The target alone on its device."""


class DraftingSystem(SpeculationSystem, DraftPlacementOptions):
    """A system with a draft."""

    alternatives: tuple[str, ...] = Field(
        default=(),
        description="systems on the same hardware, of which the fastest on held-out prompts is run instead",
    )

    @property
    def devices(self) -> dict[str, DeviceName]:
        """The devices of ``target`` and ``draft``."""
        return {"target": self.target_device, "draft": self.draft_device}


class SerialSystem(SerialOptions, DraftingSystem):
    """Draft and target in turn, on one device or two."""


class PearlSystem(PearlOptions, DraftingSystem, ConcurrentPlacementOptions):
    """Draft and target in parallel, in step with each other, on two devices."""

    @model_validator(mode="after")
    def _two_devices(self) -> Self:
        if self.draft_device == self.target_device:
            raise ValueError("a pearl system drafts on one device and verifies on another")
        if self.draft_device == "pim" and not self.aau:
            raise ValueError("a pearl system that drafts on the pim needs aau: the NPU verifies meanwhile")
        return self


class AsynchronousSystem(AsynchronousOptions, DraftingSystem, ConcurrentPlacementOptions):
    """Draft and target as decoupled tasks, on two devices."""

    ideal_gating: bool = Field(default=False, description="rank sets are switched in no time")
    ideal_vector_wait: bool = Field(
        default=False, description="AAU off: vector work passes through the NPU beside its pass"
    )
    ideal_kv_entries: bool = Field(
        default=False, description="the PIM has the KV entries of the tokens in flight for nothing"
    )

    @model_validator(mode="after")
    def _two_devices(self) -> Self:
        if self.shares_memory and (self.draft_device, self.target_device) != ("pim", "npu"):
            raise ValueError(
                "an asynchronous system drafts on the pim and verifies on the npu, or has two devices with "
                "memories of their own"
            )
        if self.tvc and not self.shares_memory:
            raise ValueError("tvc pre-verifies on the pim what the npu is to verify; this system lacks one")
        if self.draft_device == "pim" and self.target_device != "npu" and not self.aau:
            raise ValueError("a pim without an npu needs aau: nothing else does its vector work")
        if self.control != "paper" and not self.aau:
            raise ValueError(f"control {self.control} governs an asynchronous schedule with aau")
        return self


class TreeSystem(TreeOptions, SpeculationSystem):
    """Heads on the target in place of a draft, on its device."""

    @model_validator(mode="after")
    def _consistent_pruning(self) -> Self:
        if self.pruning != "calibrated" and self.early_recall != REQUIRED_RECALL:
            raise ValueError("early_recall says when calibrated pruning is on; pruning is not calibrated")
        if self.pruning != "off" and isinstance(self.tree, ClairvoyantOptions):
            raise ValueError("a clairvoyant tree holds right guesses alone: there is nothing to prune")
        return self


AnySystem = AutoregressiveSystem | SerialSystem | PearlSystem | AsynchronousSystem | TreeSystem

#: The kinds by the name of their schedule.
KINDS: dict[str, type[AnySystem]] = {
    "autoregressive": AutoregressiveSystem,
    "serial": SerialSystem,
    "pearl": PearlSystem,
    "asynchronous": AsynchronousSystem,
    "tree": TreeSystem,
}
