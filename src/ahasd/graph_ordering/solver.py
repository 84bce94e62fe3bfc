"""OR-Tools' CP-SAT, which only some methods need."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ahasd.errors import AhasdError


def require_solver() -> None:
    """See that it is installed.

    Raises
    ------
    AhasdError
        It is not.
    """
    if find_spec("ortools") is None:
        raise AhasdError(
            "ortools is not installed; in the source folder: pip install -c constraints.txt -e '.[ordering]'"
        )


def cp_model() -> Any:
    """Its Python module, which has no type hints that a checker could follow; half a second to load."""
    return import_module("ortools.sat.python.cp_model")
