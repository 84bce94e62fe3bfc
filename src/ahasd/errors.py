"""Errors that are the user's to mend; the command line shows them without a traceback."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Self

#: Names that a message lists all of; of more it lists the `NEAREST` (ours).
FEW, NEAREST = 20, 5


class AhasdError(Exception):
    """Something in the input is wrong; the message names the cause and what to change."""


class UnknownNameError(AhasdError):
    """A name that is not in a list of valid ones.

    Parameters
    ----------
    kind
        What was looked for, as a user would call it ("model", "system").
    name
        What was given.
    valid
        The names that exist.
    """

    def __init__(self, kind: str, name: str, valid: Iterable[str]) -> None:
        names = sorted(valid)
        close = get_close_matches(name.lower(), names, n=1, cutoff=0.4)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        super().__init__(f"unknown {kind} '{name}'.{hint} {_listed(name, names)}")
        self.kind, self.name, self.valid = kind, name, names

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, list[str]]]:
        """Let the error pass between processes, which takes what it was made of."""
        return type(self), (self.kind, self.name, self.valid)


def _listed(name: str, names: Sequence[str]) -> str:
    """All names, or of many the nearest."""
    if len(names) <= FEW:
        return f"Valid: {', '.join(names)}"
    nearest = get_close_matches(name.lower(), names, n=NEAREST, cutoff=0.0)
    return f"The nearest of {len(names)}: {', '.join(nearest)}"
