"""The timing sets that the rows of a folder name."""

from pathlib import Path

import yaml

from ahasd.errors import AhasdError
from ahasd.hardware.dram.timing import DramTiming, timing_from_document
from ahasd.validation.table import Row
from ahasd.yaml_text import read_yaml

FILE = "timings.yaml"


def read_timings(folder: Path) -> dict[str, DramTiming]:
    """Read a folder's ``timings.yaml``; nothing where there is none.

    Raises
    ------
    AhasdError
        The file is malformed; the message names file, set and field.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AhasdError(f"{FILE} cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise AhasdError(f"{FILE}{where}: {error.problem}") from error
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
