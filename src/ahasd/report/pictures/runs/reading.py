"""Results of runs from files: those of this version, or the reason why they cannot be read."""

from typing import TypeVar

from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.family.result import SCHEMA_VERSION, Result
from ahasd.invalid_values import explain
from ahasd.report.pictures.view import Document

Found = TypeVar("Found", bound=Result)

#: Parts that a command adds to a result, which no class of results states.
ADDED = frozenset({"energy_range"})


def read_result(document: Document, kind: type[Found]) -> Found:
    """Check a result that was read from a file.

    Raises
    ------
    AhasdError
        It is of another version, or not what its version says.
    """
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise AhasdError(
            f"results of schema {version!r}: this version reads {SCHEMA_VERSION}; "
            "`ahasd run --config config.json` makes them anew from the configuration beside them"
        )
    try:
        known = {name: value for name, value in document.items() if name not in ADDED}
        if kind is Result:  # of a family that is not known here: its section is left unread
            known = {name: value for name, value in known.items() if name in kind.model_fields}
        return kind.model_validate(known)
    except ValidationError as error:
        raise AhasdError(
            f"results that say they are of schema {SCHEMA_VERSION} and are not: "
            f"{explain(error, valid=list(kind.model_fields))}"
        ) from error
