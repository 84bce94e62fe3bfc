"""Hardware presets: YAML files in which every constant stands beside its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.sections import CpuSection, EnergySection, MemorySection, NpuSection, PimSection
from ahasd.invalid_values import explain

DEFAULT_PRESET = "module-mac"


class Hardware(BaseModel):
    """The constants of one machine, without their sources.

    ``pim`` is absent where the memory does not compute.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    npu: NpuSection
    memory: MemorySection
    pim: PimSection | None = None
    cpu: CpuSection
    energy: EnergySection


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


def _builtin(name: str) -> dict[str, Any]:
    """Read a built-in document; ``base`` names the one that it refines, section by section."""
    text = (resources.files("ahasd.hardware") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    document = _read(text, f"preset {name}")
    base = document.pop("base", None)
    if base is None:
        return document
    merged = _builtin(base)
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
    for section, content in document.items():
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
