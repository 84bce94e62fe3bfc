"""What lies in a GPU's memory, and the layers that do not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from ahasd.errors import AhasdError
from ahasd.hardware.placement.placement import Resident
from ahasd.hardware.preset.sections import GpuSection
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import layer_matrix_bytes
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class GpuResident:
    """A model that a GPU runs.

    Attributes
    ----------
    resident
        Its weights and cache.
    layers
        How many it has.
    layer_bytes
        Of one layer's matrices.
    """

    resident: Resident
    layers: int
    layer_bytes: int


def gpu_resident(spec: ModelSpec, resident: Resident, precision: Precision) -> GpuResident:
    """Describe a model by its layers."""
    return GpuResident(resident, spec.layers, layer_matrix_bytes(spec, precision))


def layers_offloaded(gpu: GpuSection, name: str, residents: Sequence[GpuResident]) -> list[int]:
    """Count the layers of each model that stay in the CPU's memory.

    Those of the first model go first: name the target before the draft, which runs more often (ours). Caches,
    embedding and head stay on the GPU; a copied layer has room in ``reserved_gib``.

    Raises
    ------
    AhasdError
        The models do not fit and ``offload`` is off, or what has to stay is too large already.
    """
    total = sum(model.resident.bytes for model in residents)
    overflow: float = total - gpu.available_bytes
    if overflow <= 0:
        return [0] * len(residents)
    if not gpu.offload:
        raise AhasdError(_does_not_fit(gpu, name, residents) + _advice(gpu, name))
    if not gpu.pcie_gb_per_second:
        raise AhasdError(
            _does_not_fit(gpu, name, residents) + "; it is the CPU's memory too, so nothing can be offloaded"
        )
    found = []
    for model in residents:
        layers = min(model.layers, max(0, ceil(overflow / model.layer_bytes)))
        overflow -= layers * model.layer_bytes
        found.append(layers)
    if overflow > 0:
        raise AhasdError(
            _does_not_fit(gpu, name, residents) + "; caches, embedding and head alone are larger than that"
        )
    return found


def _does_not_fit(gpu: GpuSection, name: str, residents: Sequence[GpuResident]) -> str:
    total = sum(model.resident.bytes for model in residents)
    return (
        "does not fit: "
        + "; ".join(model.resident.arithmetic() for model in residents)
        + f"; together {total / 1e9:.2f} GB; {name} has {gpu.memory_gib:g} GiB - {gpu.reserved_gib:g} GiB reserved "
        f"= {gpu.available_bytes / 1e9:.2f} GB"
    )


def _advice(gpu: GpuSection, name: str) -> str:
    if not gpu.pcie_gb_per_second:
        return ""
    return f"; --set {name}.offload=true copies the layers that do not fit over PCIe in every pass"
