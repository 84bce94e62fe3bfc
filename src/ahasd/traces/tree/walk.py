"""Walking a tree trace: which point each text of a batch is at, and what is right there."""

from collections.abc import Sequence
from itertools import pairwise

from ahasd.traces.prompt_order import starting_prompt
from ahasd.traces.rollout.coins import bit_generator
from ahasd.traces.tree.trace import TreeTrace


class TreeWalk:
    """One run over a trace by several texts at once.

    The texts start at different prompts and go on to the prompts behind, the last leading to the first. No pass leads
    past the end of a prompt: what a text takes does not depend on the trees that verify it.

    Parameters
    ----------
    trace
        Which.
    seed
        Chooses the starting prompts: of text t, the one at which a run with seed + t begins.
    texts
        How many.

    Attributes
    ----------
    wraps
        How often a text came back to the first prompt.
    """

    def __init__(self, trace: TreeTrace, seed: int, texts: int = 1) -> None:
        self.trace, self.seed, self.texts = trace, seed, texts
        starts: list[int] = trace.prompt_start.tolist()
        self._start = [starts[starting_prompt(seed + text, trace.prompts)] for text in range(texts)]
        self._left = [end - row - 1 for start, end in pairwise(starts) for row in range(start, end)]
        self._rank: list[list[int]] = trace.true_rank.tolist()
        self._probability: list[list[list[float]]] | None = None
        self._candidates: list[list[list[int]]] | None = None
        self.wraps = 0

    def row(self, text: int, emitted: int) -> int:
        """Return the point of a text that has so many tokens; its last is the root there."""
        wraps, row = divmod(self._start[text] + emitted, self.trace.positions)
        self.wraps = max(self.wraps, wraps)
        return row

    def deepest(self, row: int) -> int:
        """Return how many tokens behind the root belong to the same prompt and are known."""
        ended = sum(rank == -2 for rank in self._rank[row])
        return min(self.trace.heads - ended, self._left[row])

    def true_ranks(self, row: int) -> list[int | None]:
        """Return the rank of the text's next tokens among each head's candidates; None where none is right."""
        return [rank if rank >= 0 else None for rank in self._rank[row][: self.deepest(row)]]

    def probability(self, row: int) -> Sequence[Sequence[float]]:
        """Return H×m: what the heads say at a point."""
        if self._probability is None:
            self._probability = self.trace.probability.astype(float).tolist()
        return self._probability[row]

    def candidates(self, row: int) -> Sequence[Sequence[int]]:
        """Return H×m: the tokens that the heads guess at a point."""
        if self._candidates is None:
            self._candidates = self.trace.candidates.tolist()
        return self._candidates[row]

    def tokens(self, row: int, count: int) -> list[int]:
        """Return so many tokens that the text takes behind the root of a point, as far as they are known."""
        known: list[int] = self.trace.taken[row, :count].tolist()
        # A pass that accepts what all heads guessed adds one token of the target's own.
        if count > len(known) and self._left[row] >= len(known):
            known += self.trace.taken[row + 1, len(known) - 1 : count - 1].tolist()
        return [token for token in known if token >= 0]

    def coins(self, text: int, emitted: int, count: int) -> list[float]:
        """Return numbers in [0, 1) for what was not recorded, the same whoever asks for those of a point."""
        raw = bit_generator(self.seed, "tails", text, emitted).random_raw(count)
        return [int(value) / 2.0**64 for value in raw]
