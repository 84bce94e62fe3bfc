"""Hardware presets: YAML files in which every constant stands beside its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.sections import (
    CpuSection,
    EnergySection,
    GpuSection,
    MemorySection,
    NpuSection,
    PimSection,
    Section,
)
from ahasd.invalid_values import explain

DEFAULT_PRESET = "module-mac"

#: Sections of a preset that a machine can do without, as a sentence names them.
_TITLES = {
    "npu": "NPU",
    "memory": "memory module",
    "pim": "processing in memory",
    "gpu": "GPU",
    "gpu2": "second GPU",
    "energy": "energy constants",
}


class Hardware(BaseModel):
    """The constants of one machine, without their sources.

    At least one host: an ``npu`` on a ``memory`` module, or a ``gpu`` with a memory of its own (and perhaps a second
    one, ``gpu2``). ``pim`` is absent where the module does not compute; module and devices on it need ``energy``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    npu: NpuSection | None = None
    memory: MemorySection | None = None
    pim: PimSection | None = None
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
        if self.memory is not None and self.energy is None:
            raise ValueError("'energy' is missing: the memory module and what works on it need its constants")
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
    def gpus(self) -> dict[str, GpuSection]:
        """The GPUs that there are."""
        return {name: gpu for name, gpu in (("gpu", self.gpu), ("gpu2", self.gpu2)) if gpu is not None}

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
                f"hardware '{self.name}' has no {_TITLES[section]}; choose a preset with a '{section}' section: "
                + ", ".join(having)
            )
        return found


@dataclass(frozen=True)
class HardwarePreset:
    """A machine, and for each of its constants where the number comes from.

    Attributes
    ----------
    hardware
        The typed constants.
    sources
        ``"npu.clock_ghz" -> source``; a constant that a user gave says so.
    ranges
        ``"energy.offchip_pj_per_bit" -> (low, high)`` where the source gives a range.
    """

    hardware: Hardware
    sources: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def to_yaml(self) -> str:
        """Write the preset in the form that :func:`load_preset` reads."""
        return yaml.safe_dump(self.to_document(), sort_keys=False, width=100, allow_unicode=True)

    def to_document(self) -> dict[str, Any]:
        """Lay the preset out as a nested document, each constant with its source."""
        document: dict[str, Any] = {}
        for key, value in self.hardware.model_dump(exclude_none=True).items():
            if not isinstance(value, dict):
                document[key] = value
                continue
            document[key] = {name: self._entry(f"{key}.{name}", number) for name, number in value.items()}
        return document

    def _entry(self, key: str, value: float) -> dict[str, Any]:
        entry: dict[str, Any] = {"value": value, "source": self.sources.get(key, "not stated")}
        if key in self.ranges:
            entry["range"] = list(self.ranges[key])
        return entry


def preset_names() -> list[str]:
    """Names of the built-in presets."""
    folder = resources.files("ahasd.hardware") / "presets"
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml") and not entry.name.startswith("_")
    )


def has_section(name: str, section: str) -> bool:
    """Whether a built-in preset has a section, such as ``"pim"``."""
    return section in _builtin(name)


def load_preset(name_or_path: str) -> HardwarePreset:
    """Load a built-in preset by name, or a user's file.

    Raises
    ------
    UnknownNameError
        Neither a preset nor an existing file.
    AhasdError
        The file is not a valid preset; the message names file and field.
    """
    if name_or_path in preset_names():
        return _build(_builtin(name_or_path), name_or_path, f"preset {name_or_path}")
    path = Path(name_or_path)
    if name_or_path and (path.exists() or path.suffix in {".yaml", ".yml"} or "/" in name_or_path):
        return _build(_read(_text(path), str(path)), path.stem, str(path))
    raise UnknownNameError("hardware preset", name_or_path, preset_names())


def preset_from_document(document: dict[str, Any]) -> HardwarePreset:
    """Build a preset from what :meth:`HardwarePreset.to_document` wrote.

    Raises
    ------
    AhasdError
        The document is not a valid preset.
    """
    return _build(document, "unnamed", "hardware")


@cache
def _builtin(name: str) -> dict[str, Any]:
    """Read a built-in document, not to be changed; ``base`` names the one that it refines, section by section."""
    text = (resources.files("ahasd.hardware") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    document = _read(text, f"preset {name}")
    base = document.pop("base", None)
    if base is None:
        return document
    merged = dict(_builtin(base))
    for key, value in document.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise AhasdError(f"hardware file '{path}' does not exist") from error
    except OSError as error:
        raise AhasdError(f"hardware file '{path}' cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise AhasdError(f"hardware file '{path}' is not text in UTF-8") from error


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AhasdError(f"{where} is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise AhasdError(f"{where} is not a hardware preset: expected sections such as 'npu:' and 'memory:'")
    return document


def _build(document: dict[str, Any], name: str, where: str) -> HardwarePreset:
    values: dict[str, Any] = {"name": name}
    sources: dict[str, str] = {}
    ranges: dict[str, tuple[float, float]] = {}
    for section, stated in document.items():
        # "gpu2: gpu" is another one of the same.
        content = document.get("gpu") if (section, stated) == ("gpu2", "gpu") else stated
        if not isinstance(content, dict):
            values[section] = content
            continue
        values[section] = {}
        for key, entry in content.items():
            number, source, span = _constant(entry, f"{section}.{key}", where)
            values[section][key] = number
            sources[f"{section}.{key}"] = source
            if span is not None:
                ranges[f"{section}.{key}"] = span
    try:
        hardware = Hardware.model_validate(values)
    except ValidationError as error:
        raise AhasdError(f"{where}: " + explain(error, valid=_keys())) from error
    return HardwarePreset(hardware, sources, ranges)


def _keys() -> list[str]:
    sections: dict[str, type[BaseModel]] = {
        "npu": NpuSection,
        "memory": MemorySection,
        "pim": PimSection,
        "gpu": GpuSection,
        "gpu2": GpuSection,
        "cpu": CpuSection,
        "energy": EnergySection,
    }
    constants = [f"{name}.{key}" for name, section in sections.items() for key in section.model_fields]
    return [*Hardware.model_fields, *constants]


class _Constant(BaseModel):
    """A constant with its source, as it stands in a preset; its section checks the value."""

    model_config = ConfigDict(extra="forbid")

    value: Any
    source: str
    range: tuple[float, float] | None = Field(default=None)


def _constant(entry: Any, key: str, where: str) -> tuple[Any, str, tuple[float, float] | None]:
    if not isinstance(entry, dict):
        return entry, f"given in {Path(where).name}", None
    try:
        constant = _Constant.model_validate(entry)
    except ValidationError as error:
        raise AhasdError(f"{where}: " + explain(error, f"{key}.")) from error
    return constant.value, constant.source, constant.range
