"""Where a system's models lie: on ranks of the memory module, in the memory of a GPU, or partly in the CPU's."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.hardware.gpu.memory import gpu_resident, layers_offloaded
from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.hardware.placement.given_ranks import place_as_given, place_target
from ahasd.hardware.placement.placement import Placement, Resident, place_apart, place_shared
from ahasd.hardware.preset.preset import Hardware
from ahasd.speculation.options import SystemPreset
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class Resting:
    """A model of a system, and the entries that its cache must hold."""

    spec: ModelSpec
    entries: int
    precision: Precision

    @property
    def resident(self) -> Resident:
        """What it keeps in memory."""
        return Resident(
            self.spec.name,
            weight_bytes(self.spec, self.precision),
            kv_cache_bytes(self.spec, self.entries, self.precision),
        )


def place_on_ranks(system: SystemPreset, hardware: Hardware, target: Resting, draft: Resting) -> Placement:
    """Ranks of the models whose devices work on the memory module; None for a model that is elsewhere or absent.

    Raises
    ------
    AhasdError
        They do not fit.
    """
    on_module = [name for name, device in system.devices.items() if DEVICES[device].memory == "module"]
    if not on_module:
        return Placement(None, None)
    memory = hardware.require_memory()
    if on_module == ["target"]:
        resident = target.resident
        if system.target_ranks is not None:
            return Placement(place_target(memory, resident, system.target_ranks), None)
        return Placement(place_shared(memory, [resident]), None)
    if on_module == ["draft"]:
        resident = draft.resident
        if system.draft_ranks is not None:
            return Placement(None, place_target(memory, resident, system.draft_ranks))
        return Placement(None, place_shared(memory, [resident]))
    if system.uses_pim and system.placement == "apart":
        if system.target_ranks is None and system.draft_ranks is None:
            return place_apart(memory, target.resident, draft.resident)
        return place_as_given(
            memory, target.resident, draft.resident, system.target_ranks, system.draft_ranks
        )
    ranks = place_shared(memory, [target.resident, draft.resident])
    return Placement(ranks, ranks)


def offload(system: SystemPreset, hardware: Hardware, target: Resting, draft: Resting) -> Mapping[str, int]:
    """Count the layers of ``target`` and ``draft`` that lie in the CPU's memory, those of models on GPUs.

    Raises
    ------
    AhasdError
        A GPU's memory is too small.
    """
    models, found = {"target": target, "draft": draft}, {"target": 0, "draft": 0}
    for name in dict.fromkeys(DEVICES[device].memory for device in system.devices.values()):
        if "module" in name:
            continue  # placed on ranks, or by the mapping of operators
        there = [model for model, device in system.devices.items() if DEVICES[device].memory == name]
        residents = [gpu_resident(models[m].spec, models[m].resident, models[m].precision) for m in there]
        found |= zip(there, layers_offloaded(hardware.require_gpu(name), name, residents), strict=True)
    return found
