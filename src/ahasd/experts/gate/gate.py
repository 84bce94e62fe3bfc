"""Which of the chosen experts a token uses."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class Gate(ABC):
    """Decides, token by token and layer by layer, how many of the chosen experts are used."""

    @abstractmethod
    def used(self, layer: int, scores: Sequence[float]) -> int:
        """How many of the chosen experts, the highest score first, the token uses.

        Parameters
        ----------
        layer
            Row of the trace.
        scores
            Router scores of the chosen experts, falling.
        """


class TopK(Gate):
    """All that the router chose."""

    def used(self, layer: int, scores: Sequence[float]) -> int:
        """All of them."""
        return len(scores)
