"""How a result enters a notebook: as a picture, and as a row of a data frame."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from ahasd.errors import AhasdError

#: The room that lays results out is found by its name: it lies below, and only a notebook asks for it here.
_LAID_OUT_BY = "ahasd.report.notebook"

#: Parts of a result that repeat what was asked for.
_ASKED = frozenset({"options", "reproduce", "placement"})


def in_notebook(result: BaseModel) -> str:
    """A result as HTML."""
    text: str = import_module(_LAID_OUT_BY).result_html(result)
    return text


def frame(results: Sequence[BaseModel]) -> Any:
    """A row for each result, as a frame of pandas, or of polars where pandas is not installed.

    Raises
    ------
    AhasdError
        Neither is installed.
    """
    rows = [dict(flat(result.model_dump(mode="json", exclude={*_ASKED}))) for result in results]
    for name in ("pandas", "polars"):
        try:
            return import_module(name).DataFrame(rows)
        except ModuleNotFoundError:
            continue
    raise AhasdError("a frame needs pandas or polars: pip install pandas")


def flat(document: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names with dots and their values; lists are left out."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            yield f"{before}{name}", value
