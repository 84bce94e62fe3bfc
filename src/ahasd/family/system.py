"""Systems: what a family can run, as files of its folder say it."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ahasd.errors import UnknownNameError
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.text_files import plain_number
from ahasd.yaml_text import read_yaml


class System(BaseModel):
    """A system of any family; a family's own class adds its options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    family: str
    default_hardware: str = Field(
        default=DEFAULT_PRESET, description="the hardware preset that it runs on unless another one is given"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_number(value)

    @classmethod
    def why_no_option(cls, name: str) -> str | None:
        """Why this kind of system lacks an option that another kind of the family has; None where none has it."""
        return None


SystemType = TypeVar("SystemType", bound=System)


class SystemFiles(Generic[SystemType]):
    """The built-in systems of a family: YAML files in the folder ``presets`` of its package.

    Parameters
    ----------
    package
        Of the family.
    parse
        From a document to a system; raises an AhasdError that names what is wrong.
    """

    def __init__(self, package: str, parse: Callable[[Mapping[str, Any]], SystemType]) -> None:
        self._package, self.parse = package, parse
        self.load = cache(self._load)

    @cached_property
    def names(self) -> list[str]:
        """Names of the built-in systems."""
        folder = resources.files(self._package) / "presets"
        files = (entry.name for entry in folder.iterdir())
        return sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml"))

    def _load(self, name: str) -> SystemType:
        """Load a built-in system; capitals do not matter.

        Raises
        ------
        UnknownNameError
            There is none of that name.
        """
        plain = name.lower()
        if plain not in self.names:
            raise UnknownNameError("system", name, self.names)
        text = (resources.files(self._package) / "presets" / f"{plain}.yaml").read_text(encoding="utf-8")
        return self.parse({"name": plain, **read_yaml(text)})
