"""How many experts fit into the memory that a user grants them."""

from dataclasses import dataclass
from typing import Literal

from ahasd.errors import AhasdError

#: Who shares slots: each layer has its own, or all layers of the model have one cache.
Pool = Literal["layer", "model"]


@dataclass(frozen=True, slots=True)
class ExpertMemory:
    """Buffers of one expert each.

    Parameters
    ----------
    expert_bytes
        Of one expert as it is computed with, in the type of the model's other weights.
    slots
        Experts that stay, of each layer.
    layers
        Layers with experts.
    working
        Buffers beside them, for the experts that one token takes and that are not kept.
    """

    expert_bytes: int
    slots: int
    layers: int
    working: int

    @property
    def buffers(self) -> int:
        """All of them."""
        return self.slots * self.layers + self.working

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return self.buffers * self.expert_bytes


def plan_memory(budget: int, expert_bytes: int, layers: int, experts: int, working: int) -> ExpertMemory:
    """Share out a budget: buffers for one token first, then as many slots for each layer as fit.

    Parameters
    ----------
    budget
        Bytes granted.
    experts
        Of a layer; a layer gets no more slots.
    working
        Buffers that one token needs at once.

    Raises
    ------
    AhasdError
        The budget is below what one layer needs for one token.
    """
    needed = working * expert_bytes
    if budget < needed:
        raise AhasdError(
            f"--expert-memory is {budget / 1e6:.1f} MB, and the experts of one token in one layer need "
            f"{needed / 1e6:.1f} MB ({working} of {expert_bytes / 1e6:.1f} MB); grant at least that, and "
            f"{layers * expert_bytes / 1e6:.1f} MB more for every expert of each layer that is to stay"
        )
    slots = min(experts, (budget // expert_bytes - working) // layers)
    return ExpertMemory(expert_bytes, slots, layers, working)
