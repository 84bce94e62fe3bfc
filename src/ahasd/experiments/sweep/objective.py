"""What is to be large or small."""

from collections.abc import Collection
from dataclasses import dataclass

from ahasd.errors import AhasdError, UnknownNameError

#: Directions as a user names them.
DIRECTIONS = ("max", "min")

#: Figures of which more is better without being told.
_LARGE = ("tokens_per_second", "speedup", "tokens_per_wh")


@dataclass(frozen=True, slots=True)
class Objective:
    """A figure, and whether more of it is better."""

    figure: str
    largest: bool

    def better(self, one: float, other: float) -> bool:
        """Whether one value is better than another."""
        return one > other if self.largest else one < other

    @property
    def direction(self) -> str:
        """As a user names it."""
        return "max" if self.largest else "min"

    @property
    def text(self) -> str:
        """As :func:`read_objective` reads it."""
        return f"{self.figure}:{self.direction}"


def read_objective(text: str) -> Objective:
    """Read ``tokens_per_second:max``; without a direction a rate is to be large and all else small.

    Raises
    ------
    AhasdError
        There is no such direction, or no name.
    """
    figure, colon, direction = (part.strip() for part in text.partition(":"))
    if not figure:
        raise AhasdError(f"objective '{text}' lacks a name; write one such as tokens_per_second:max")
    if colon and direction not in DIRECTIONS:
        raise UnknownNameError(f"direction of objective {figure}", direction, DIRECTIONS)
    return Objective(figure, direction == "max" if colon else figure.rpartition(".")[2] in _LARGE)


def read_objectives(text: str) -> list[Objective]:
    """Read several, separated by commas.

    Raises
    ------
    AhasdError
        One is wrong, or comes twice.
    """
    found = [read_objective(part) for part in text.split(",")]
    names = [objective.figure for objective in found]
    for name in names:
        if names.count(name) > 1:
            raise AhasdError(f"objectives '{text}' name {name} twice")
    return found


def check_figure(figure: str, known: Collection[str]) -> None:
    """See that results have a figure.

    Raises
    ------
    UnknownNameError
        None has.
    """
    if figure not in known:
        raise UnknownNameError("figure of a result", figure, known)
