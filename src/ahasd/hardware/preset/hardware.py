"""The constants of one machine."""

from typing import Self, cast

from pydantic import BaseModel, ConfigDict, model_validator

from ahasd.errors import AhasdError
from ahasd.hardware.preset.builtin import has_section, preset_names
from ahasd.hardware.preset.sections import (
    AauSection,
    CpuSection,
    EnergySection,
    GpuSection,
    MemorySection,
    NpuSection,
    PimSection,
    Section,
)

#: Sections of a preset that a machine can do without, as a sentence names them.
_TITLES = {
    "npu": "NPU",
    "memory": "memory module",
    "pim": "processing in memory",
    "aau": "attention algorithm unit (AAU)",
    "gpu": "GPU",
    "gpu2": "second GPU",
    "energy": "energy constants",
}


#: The sections of a preset, and their types.
SECTIONS: dict[str, type[Section]] = {
    "npu": NpuSection,
    "memory": MemorySection,
    "pim": PimSection,
    "aau": AauSection,
    "gpu": GpuSection,
    "gpu2": GpuSection,
    "cpu": CpuSection,
    "energy": EnergySection,
}


class Hardware(BaseModel):
    """The constants of one machine, without their sources.

    At least one host: an ``npu`` on a ``memory`` module, or a ``gpu`` with a memory of its own (and perhaps a second
    one, ``gpu2``). ``pim`` is absent where the module does not compute, ``aau`` where its ranks do no vector work.
    A module that computes needs ``energy``; on another one it may be absent, as a GPU's powers may, and then the
    energy of a run is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    npu: NpuSection | None = None
    memory: MemorySection | None = None
    pim: PimSection | None = None
    aau: AauSection | None = None
    gpu: GpuSection | None = None
    gpu2: GpuSection | None = None
    cpu: CpuSection
    energy: EnergySection | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.npu is None and self.gpu is None:
            raise ValueError("a machine needs a host: a section 'npu' or 'gpu'")
        if self.gpu2 is not None and self.gpu is None:
            raise ValueError("'gpu2' is a second GPU; name the first one 'gpu'")
        if self.memory is None and (self.npu is not None or self.pim is not None):
            raise ValueError("'memory' is missing: NPU and PIM work on a memory module")
        if self.aau is not None and self.pim is None:
            raise ValueError("'pim' is missing: an AAU is a unit of ranks that compute")
        if self.pim is not None and self.energy is None:
            raise ValueError("'energy' is missing: a memory that computes needs its constants")
        for name, gpu in self.gpus.items():
            if gpu.reserved_gib >= gpu.memory_gib:
                raise ValueError(
                    f"{name}.reserved_gib is {gpu.reserved_gib:g} of a {name}.memory_gib of {gpu.memory_gib:g}: "
                    "nothing is left for a model"
                )
            # The board's power at work is its limit; what work adds is the difference.
            if gpu.limit_w is not None and gpu.idle_w is not None and gpu.idle_w > gpu.limit_w:
                raise ValueError(
                    f"{name}.idle_w is {gpu.idle_w:g} and {name}.limit_w is {gpu.limit_w:g}: a board that draws more "
                    "at rest than at work would gain energy by working"
                )
        return self

    def require_npu(self) -> NpuSection:
        """The NPU's constants.

        Raises
        ------
        AhasdError
            This machine has no NPU.
        """
        return cast(NpuSection, self.require("npu"))

    def require_memory(self) -> MemorySection:
        """The memory module's constants.

        Raises
        ------
        AhasdError
            This machine has no memory module.
        """
        return cast(MemorySection, self.require("memory"))

    def require_pim(self) -> PimSection:
        """The constants of processing in memory.

        Raises
        ------
        AhasdError
            The memory of this machine does not compute.
        """
        return cast(PimSection, self.require("pim"))

    def require_aau(self) -> AauSection:
        """The constants of the attention algorithm unit.

        Raises
        ------
        AhasdError
            The ranks of this machine do no vector work.
        """
        return cast(AauSection, self.require("aau"))

    def require_energy(self) -> EnergySection:
        """The energy constants of the memory module and what works on it.

        Raises
        ------
        AhasdError
            This machine has no memory module.
        """
        return cast(EnergySection, self.require("energy"))

    def require_gpu(self, name: str = "gpu") -> GpuSection:
        """The constants of the GPU ``gpu`` or ``gpu2``.

        Raises
        ------
        AhasdError
            This machine does not have it.
        """
        return cast(GpuSection, self.require(name))

    @property
    def energy_is_known(self) -> bool:
        """Whether what every device draws is known: no figure of energy is given where one of them is missing."""
        powers = [power for gpu in self.gpus.values() for power in (gpu.idle_w, gpu.limit_w)]
        return None not in powers and (self.memory is None or self.energy is not None)

    @property
    def gpus(self) -> dict[str, GpuSection]:
        """The GPUs that there are."""
        return {name: gpu for name, gpu in (("gpu", self.gpu), ("gpu2", self.gpu2)) if gpu is not None}

    def constant(self, key: str) -> float | None:
        """A number by its key, such as ``"npu.clock_ghz"``; None where the machine lacks it or its section."""
        section, name = key.split(".")
        value = getattr(getattr(self, section), name, None)
        return None if value is None else float(value)

    def require(self, section: str) -> Section:
        """A section by its name, such as ``"gpu2"``.

        Raises
        ------
        AhasdError
            This machine does not have it; the message names the presets that do.
        """
        found: Section | None = getattr(self, section)
        if found is None:
            having = [preset for preset in preset_names() if has_section(preset, section)]
            raise AhasdError(
                f"hardware '{self.name}' has no {_TITLES[section]}; choose a preset with a section '{section}': "
                + ", ".join(having)
                + (", or a device of 'ahasd hardware'" if section in ("gpu", "npu") else "")
            )
        return found
