"""What a comparison is made of: one configuration over several seeds."""

from dataclasses import dataclass, replace
from typing import Any

from ahasd.speculation.results import SpeculationResult


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on one machine with one pair: a result per seed, or why there is none.

    Attributes
    ----------
    algorithm
        As it was asked for; the results say what that came to.
    joules_low, joules_high
        Joules per token of each seed with all energy constants at the ends of their ranges; empty unless asked for.
    """

    pair: str
    system: str
    hardware: str
    results: tuple[SpeculationResult, ...]
    refused: str | None = None
    algorithm: str = ""
    joules_low: tuple[float, ...] = ()
    joules_high: tuple[float, ...] = ()

    def without_documents(self) -> "Cell":
        """The same figures without options, placement and, but for the seed, configuration: a tenth of the size."""
        update: dict[str, Any] = {"options": {}, "placement": {}}
        return replace(
            self,
            results=tuple(
                result.model_copy(update=update | {"reproduce": {"seed": result.reproduce["seed"]}})
                for result in self.results
            ),
        )
