"""The one list of families, and whose each system is."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.family.run_options import RunOptions

if TYPE_CHECKING:  # the command line reads the list for its help
    from ahasd.family.family import Family
    from ahasd.family.system import System

#: Packages of ``ahasd`` that are families; a new one joins by its name.
FAMILIES = ("speculation", "experts", "sparse_attention", "speech")


@cache
def load_family(name: str) -> "Family":
    """Load a family; what the others need is not imported."""
    family: Family = import_module(f"ahasd.{name}.family").FAMILY
    return family


def families() -> "list[Family]":
    """All families."""
    return [load_family(name) for name in FAMILIES]


def run_options() -> list[type[RunOptions]]:
    """What can be chosen of the runs of each family; of the families nothing else is imported."""
    return [options_of(name) for name in FAMILIES]


def options_of(family: str) -> type[RunOptions]:
    """What can be chosen of the runs of a family; of it nothing else is imported."""
    name = f"ahasd.{family}.run_options"
    options: type[RunOptions] = import_module(name).RUN_OPTIONS if find_spec(name) else RunOptions
    return options


def system_names() -> list[str]:
    """Names of the built-in systems of all families."""
    return sorted(name for family in families() for name in family.systems.names)


def load_system(name: str) -> "System":
    """Load a built-in system of any family.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    system: System = family_of(name).systems.load(name)
    return system


def family_of(system: str | dict[str, Any]) -> "Family":
    """The family of a system, given by its name or as a document.

    A document without ``family`` is one of schema 1, which knew speculation alone.

    Raises
    ------
    AhasdError
        There is no such system, or no such family.
    """
    if isinstance(system, str):
        found = next((family for family in families() if system.lower() in family.systems.names), None)
        if found is None:
            raise UnknownNameError("system", system, system_names())
        return found
    if not isinstance(system, dict):
        raise AhasdError(f"system is {system!r}; must be a name, or a group of keys and values")
    name = system.get("family", "speculation")
    if name not in FAMILIES:
        raise AhasdError(f"system.family is {name!r}; it must be one of {', '.join(FAMILIES)}")
    return load_family(name)
