"""Hardware presets: YAML files in which every constant stands beside its source."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.preset.builtin import builtin_document, has_section, preset_names
from ahasd.hardware.preset.documents import given_document, is_file_name, user_document
from ahasd.hardware.preset.hardware import SECTIONS, Hardware
from ahasd.hardware.preset.owned.owned_presets import find_processor, owned_document, owned_names
from ahasd.invalid_values import explain

__all__ = [
    "Hardware",
    "HardwarePreset",
    "has_section",
    "load_preset",
    "preset_from_document",
    "preset_names",
]


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


def load_preset(name_or_path: str) -> HardwarePreset:
    """Load a built-in preset by name (capitals do not matter), a device that people own, or a user's file.

    Raises
    ------
    UnknownNameError
        Neither a preset nor a device nor an existing file, or the file's ``base`` is none of them.
    AhasdError
        The name fits several devices, or the file is not a valid preset; the message names file and field.
    """
    plain = name_or_path.lower()
    if plain in preset_names():
        return _build(builtin_document(plain), plain, f"preset {plain}")
    if plain in owned_names():
        return _build(owned_document(plain), plain, f"preset {plain}")
    path = Path(name_or_path)
    if os.path.exists(name_or_path) and is_file_name(name_or_path):
        return _build(user_document(path), path.stem, str(path))
    processor = find_processor(name_or_path)
    if processor is not None:
        return _build(owned_document(processor.name), processor.name, f"preset {processor.name}")
    if is_file_name(name_or_path):
        return _build(user_document(path), path.stem, str(path))
    raise UnknownNameError("hardware preset", name_or_path, [*preset_names(), *owned_names()])


def preset_from_document(document: dict[str, Any]) -> HardwarePreset:
    """Build a preset from what :meth:`HardwarePreset.to_document` of this or an earlier version wrote.

    Raises
    ------
    AhasdError
        The document is not a valid preset.
    """
    return _build(given_document(document, "hardware"), "unnamed", "hardware")


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
    constants = [f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields]
    return [*Hardware.model_fields, *constants]


class _Constant(BaseModel):
    """A constant with its source, as it stands in a preset; its section checks the value."""

    model_config = ConfigDict(extra="forbid")

    value: Any
    source: str
    range: tuple[float, float] | None = Field(default=None)


def _constant(entry: dict[str, Any], key: str, where: str) -> tuple[Any, str, tuple[float, float] | None]:
    try:
        constant = _Constant.model_validate(entry)
    except ValidationError as error:
        raise AhasdError(f"{where}: " + explain(error, f"{key}.")) from error
    return constant.value, constant.source, constant.range
