"""What a family is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.family.configuration import Configuration
from ahasd.family.result import Result
from ahasd.family.run import Run
from ahasd.family.system import SystemFiles


@dataclass(frozen=True)
class Family:
    """A family of techniques.

    Life cycle: its package ``ahasd.<name>`` has a file ``family.py`` with one of these, called ``FAMILY``; the name
    stands in ``ahasd.systems.families``. From then on its systems are listed, configured, run and reported like all
    others.

    Attributes
    ----------
    name
        Of the package, and of the section that the family's results have.
    description
        What it is about, in a few words.
    systems
        Its built-in systems, and how a document becomes one.
    configuration
        What its runs take: a subclass with fields of its own.
    result
        What its runs give: a subclass with a section named after the family.
    start
        Looks a configuration up and places it.
    """

    name: str
    description: str
    systems: SystemFiles[Any]
    configuration: type[Configuration]
    result: type[Result]
    start: Callable[[Any], Run]
