"""Medusa heads (arXiv 2401.10774): each guesses, from the target's last state, one token further ahead."""

from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import linear


@dataclass(frozen=True, slots=True)
class MedusaHeads:
    """Head i guesses the token i + 1 places behind the target's own next one.

    Parameters
    ----------
    name
        What traces and reports call them.
    blocks
        One matrix (width, width) a head: state + SiLU(W · state) is what the output rows read.
    named, head
        The tokens that can be guessed, (named,), and the target's output rows for them, (named, width).
    """

    name: str
    blocks: tuple[Any, ...]
    named: Any
    head: Any

    def logits(self, state: Any) -> Any:
        """Give what every head says of the named tokens, (heads, named), from a state (width,)."""
        states = torch.stack([state + torch.nn.functional.silu(block @ state) for block in self.blocks])
        return linear(states, self.head)
