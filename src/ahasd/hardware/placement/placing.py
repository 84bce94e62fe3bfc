"""Where a system's models lie: on ranks of the memory module, in the memory of a GPU, or partly in the CPU's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.gpu.memory import gpu_resident, layers_offloaded
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName
from ahasd.hardware.placement.given_ranks import place_alone, place_as_given
from ahasd.hardware.placement.placement import Placement, Resident, place_apart, place_shared
from ahasd.hardware.preset.hardware import Hardware
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class Resting:
    """A model of a system, and what lies beside it.

    Attributes
    ----------
    entries
        That each text's cache must hold.
    texts
        How many there are.
    heads_bytes
        Of further heads on the model.
    """

    spec: ModelSpec
    entries: int
    precision: Precision
    texts: int = 1
    heads_bytes: int = 0

    @property
    def resident(self) -> Resident:
        """What it keeps in memory."""
        return Resident(
            self.spec.name,
            weight_bytes(self.spec, self.precision) + self.heads_bytes,
            self.texts * kv_cache_bytes(self.spec, self.entries, self.precision),
        )


@dataclass(frozen=True, slots=True)
class RankOptions:
    """What a user says of the ranks: apart or interleaved, and which, on every channel, if that is given."""

    placement: Literal["apart", "interleaved"] = "apart"
    target_ranks: str | None = None
    draft_ranks: str | None = None


def place_on_ranks(
    devices: Mapping[str, DeviceName],
    models: Mapping[str, Resting],
    hardware: Hardware,
    options: RankOptions = RankOptions(),
) -> Placement:
    """Ranks of the models whose devices work on the memory module; None for a model that is elsewhere or absent.

    Parameters
    ----------
    devices, models
        Of ``target`` and, where there is one, ``draft``.
    hardware
        The machine.
    options
        What the user says of it.

    Raises
    ------
    AhasdError
        They do not fit.
    """
    on_module = [name for name, device in devices.items() if DEVICES[device].memory == "module"]
    if not on_module:
        return Placement(None, None)
    memory = hardware.require_memory()
    target_ranks, draft_ranks = options.target_ranks, options.draft_ranks
    if len(on_module) == 1:
        (model,) = on_module
        given = target_ranks if model == "target" else draft_ranks
        resident = models[model].resident
        ranks = (
            place_shared(memory, [resident])
            if given is None
            else place_alone(memory, resident, given, f"{model}_ranks")
        )
        return Placement(ranks, None) if model == "target" else Placement(None, ranks)
    target, draft = models["target"].resident, models["draft"].resident
    computes = any(DEVICES[device].in_memory for device in devices.values())
    if computes and options.placement == "apart":
        if target_ranks is None and draft_ranks is None:
            return place_apart(memory, target, draft)
        return place_as_given(memory, target, draft, target_ranks, draft_ranks)
    ranks = place_shared(memory, [target, draft])
    return Placement(ranks, ranks)


def offload(
    devices: Mapping[str, DeviceName], models: Mapping[str, Resting], hardware: Hardware
) -> Mapping[str, int]:
    """Count the layers of ``target`` and ``draft`` that lie in the CPU's memory, those of models on GPUs.

    Raises
    ------
    AhasdError
        A GPU's memory is too small.
    """
    found = {"target": 0, "draft": 0}
    for name in dict.fromkeys(DEVICES[device].memory for device in devices.values()):
        if "module" in name:
            continue  # placed on ranks, or by the mapping of operators
        there = [model for model, device in devices.items() if DEVICES[device].memory == name]
        residents = [gpu_resident(models[m].spec, models[m].resident, models[m].precision) for m in there]
        found |= zip(there, layers_offloaded(hardware.require_gpu(name), name, residents), strict=True)
    return found
