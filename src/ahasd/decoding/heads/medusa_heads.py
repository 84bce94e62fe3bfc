"""Medusa heads (arXiv 2401.10774): each guesses, from the target's last state, one token further ahead."""

from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import linear
from ahasd.speculation.trees.guesses import Probabilities


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
    accuracy
        How often each candidate of each head was right on held-out text, (heads, candidates) by rank.
    """

    name: str
    blocks: tuple[Any, ...]
    named: Any
    head: Any
    accuracy: Probabilities

    def logits(self, states: Any, heads: int) -> Any:
        """Give what the first heads say of the named tokens, (rows, heads, named), from states (rows, width)."""
        changed = [states + torch.nn.functional.silu(linear(states, block)) for block in self.blocks[:heads]]
        rows, width = states.shape
        flat = torch.stack(changed, 1).view(rows * len(changed), width)
        return linear(flat, self.head).view(rows, len(changed), -1)
