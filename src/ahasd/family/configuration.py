"""What every run is asked for, whatever the family."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from ahasd.assignments import assignments
from ahasd.errors import AhasdError
from ahasd.family.run_options import RunOptions
from ahasd.invalid_values import explain
from ahasd.text_files import plain_number


class Configuration(RunOptions, BaseModel):
    """A system, the hardware it runs on, and changes to both; a family's own class adds what its runs take.

    ``hardware`` and ``system`` are names (or a file, for hardware) or whole documents; without ``hardware`` a system
    runs on its ``default_hardware``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("set", mode="before")
    @classmethod
    def _as_assignments(cls, given: Any) -> Any:
        """A mapping of keys to values, nested or with dots, is written as the assignments that it stands for."""
        return assignments(given) if isinstance(given, Mapping) else given

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_number(value)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Build one from a user's values.

        Raises
        ------
        AhasdError
            A value is out of range or a key is unknown; the message names it.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            names = list(cls.model_fields)
            unknown = any(problem["type"] == "extra_forbidden" for problem in error.errors())
            listed = f". Valid keys of a configuration: {', '.join(names)}" if unknown else ""
            raise AhasdError(explain(error, valid=names) + listed) from error
