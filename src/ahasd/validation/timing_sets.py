"""The timing sets that the rows of a folder name."""

import os
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.hardware.dram.timing import DramTiming, timing_from_document
from ahasd.text_files import read_text
from ahasd.validation.table import Row
from ahasd.yaml_text import parse_yaml

FILE = "timings.yaml"


def read_timings(folder: Path) -> dict[str, DramTiming]:
    """Read a folder's ``timings.yaml``; nothing where there is none.

    Raises
    ------
    AhasdError
        The file is malformed; the message names file, set and field.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        return {}
    document = parse_yaml(read_text(path, "timing sets"), FILE)
    if not isinstance(document, dict) or not all(isinstance(value, dict) for value in document.values()):
        raise AhasdError(f"{FILE}, line 1, column 1: expected timing sets by name")
    sets = {}
    for name, fields in document.items():
        try:
            sets[str(name)] = timing_from_document(str(name), fields)
        except AhasdError as error:
            raise AhasdError(f"{FILE}: {error}") from error
    return sets


def timing_of(row: Row, column: str, sets: dict[str, DramTiming]) -> DramTiming:
    """The timing set that a row names.

    Raises
    ------
    AhasdError
        ``timings.yaml`` has no such set.
    """
    name = row.texts[column]
    if name not in sets:
        known = ", ".join(sets) if sets else "none"
        raise row.fail(column, f"{FILE} has no timing set '{name}' (it has: {known})")
    return sets[name]
