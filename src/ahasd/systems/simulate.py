"""From what a user asks for to a result, whatever the family."""

from typing import Any

from ahasd.family.configuration import Configuration
from ahasd.family.family import Family
from ahasd.family.result import Result
from ahasd.family.run import Run
from ahasd.systems.families import family_of

#: The system that runs where none is named.
DEFAULT_SYSTEM = "ahasd"


def simulate(**values: Any) -> Result:
    """Simulate one run.

    Parameters
    ----------
    **values
        Fields of the configuration of the system's family.

    Raises
    ------
    AhasdError
        The input is wrong; the message names the cause.
    """
    _, configuration = configure(values)
    return start(configuration).result()


def configure(values: dict[str, Any]) -> tuple[Family, Configuration]:
    """Check a user's values against what the system's family takes.

    Raises
    ------
    AhasdError
        A value is out of range, or the family has no such key; the message names it.
    """
    family = family_of(values.get("system", DEFAULT_SYSTEM))
    return family, family.configuration.checked(**{"system": DEFAULT_SYSTEM, **values})


def start(configuration: Configuration) -> Run:
    """Look a configuration up and place it.

    Raises
    ------
    AhasdError
        Something does not exist or does not fit; the message says what.
    """
    return family_of(configuration.system).start(configuration)
