"""What the experts of a layer cost on each side."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerCosts:
    """Seconds of one expert, wherever it lies.

    Attributes
    ----------
    processor
        On the processor beside fast memory, whatever the number of tokens.
    host
        On the other processor, for each token; None where there is none that could.
    host_first
        Once in a layer, if that one computes at all.
    copy
        Of one expert into fast memory.
    host_together, copy_together
        Speed of either while both are at work, as a share of its speed alone: they read the same memory.
    """

    processor: float
    host: float | None
    copy: float
    host_first: float = 0.0
    host_together: float = 1.0
    copy_together: float = 1.0


@dataclass(frozen=True, slots=True)
class ExpertWork:
    """An expert that a pass needs: so many tokens take it."""

    expert: int
    tokens: int
    resident: bool
