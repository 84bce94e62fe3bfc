"""Steps of draft and target, and what became of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ahasd.simulation.timeline import Task


class Fate(StrEnum):
    """What became of a step's work."""

    ACCEPTED = "accepted"
    """A drafted token that was emitted."""
    REJECTED = "rejected"
    """A drafted token that the target replaced."""
    FLUSHED = "flushed"
    """A drafted token on a path that a rejection cut off."""
    IN_FLIGHT = "in_flight"
    """Not yet verified when the run ended."""
    USED = "used"
    """Work of the target whose verdicts were emitted."""
    DROPPED = "dropped"
    """Work of the target that a rejection made useless."""


#: Fates of work that brought no token.
WASTED = frozenset({Fate.REJECTED, Fate.FLUSHED, Fate.IN_FLIGHT, Fate.DROPPED})


@dataclass(slots=True, kw_only=True)
class ModelStep(Task):
    """A pass of draft or target: ``decode``, ``draft``, ``catch_up``, ``verify`` or ``preverify``.

    Attributes
    ----------
    width
        Tokens passed through the model.
    context
        Entries in the KV cache before the step.
    fate
        What became of it; work is in flight until something else is known.
    """

    width: int
    context: int
    fate: Fate = Fate.IN_FLIGHT

    @property
    def label(self) -> str:
        """The kind and the fate."""
        return f"{self.kind} ({self.fate})"

    @property
    def details(self) -> dict[str, Any]:
        """Width, context and fate."""
        return {"width": self.width, "context": self.context, "fate": str(self.fate)}
