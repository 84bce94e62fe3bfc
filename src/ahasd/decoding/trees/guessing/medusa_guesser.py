"""Medusa heads as a guesser: all depths from the one state that the target left."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.medusa_heads import MedusaHeads
from ahasd.decoding.trees.guessing.guesser import GoesOn, RowGuess, TreeGuesser
from ahasd.speculation.trees.guesses import Probabilities


class MedusaGuesser(TreeGuesser):
    """Every depth has a head of its own.

    Parameters
    ----------
    heads
        Of the target.
    prior, top
        See `TreeGuesser`.
    """

    reads_states, along_path, is_free = True, False, False

    def __init__(self, heads: MedusaHeads, prior: Probabilities, top: int) -> None:
        self.name, self.depth, self.top, self.prior = heads.name, len(heads.blocks), top, prior
        self._heads = heads
        self._last: list[Any] = []

    def start(self, rows: int) -> None:
        """Forget the states."""
        self._last = [None] * rows

    def read(self, row: int, tokens: Sequence[int], states: Any) -> None:
        """Keep the last state."""
        self._last[row] = states[-1]

    def guess(
        self, texts: Sequence[Sequence[int]], depth: int, goes_on: GoesOn | None = None
    ) -> list[RowGuess]:
        """Ask the first heads."""
        with torch.inference_mode():
            logits = self._heads.logits(torch.stack(self._last).float(), depth)
            found, slots = logits.softmax(-1).topk(min(self.top, logits.shape[-1]), dim=-1)
            tokens = self._heads.named[slots]
        return [RowGuess(row, likely) for row, likely in zip(tokens.tolist(), found.tolist(), strict=True)]

    def select(self, rows: Sequence[int]) -> None:
        """Keep the states of some rows."""
        self._last = [self._last[row] for row in rows]
