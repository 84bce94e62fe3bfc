"""A draft of one layer as a guesser: along its own likeliest tokens, the others beside them."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.one_layer_cache import OneLayerCache
from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.trees.guessing.guesser import GoesOn, RowGuess, TreeGuesser
from ahasd.speculation.trees.guesses import Probabilities


class OneLayerGuesser(TreeGuesser):
    """Reads what the target left, then runs on its own; rows share its passes.

    Parameters
    ----------
    draft
        Of the target.
    prior, top
        See `TreeGuesser`; the prior says for how many steps it is run.
    """

    reads_states, along_path, is_free = True, True, False

    def __init__(self, draft: OneLayerDraft, prior: Probabilities, top: int) -> None:
        self.name, self.depth, self.top, self.prior = draft.name, len(prior), top, prior
        self._draft = draft
        self._cache = OneLayerCache(draft, 1)
        #: Of every row, the states before the tokens that the draft has not read, in parts.
        self._features: list[list[Any]] = []

    def start(self, rows: int) -> None:
        """Begin with no state before the first tokens."""
        self._cache = OneLayerCache(self._draft, rows)
        norm = self._draft.norm
        self._features = [[norm.new_zeros(1, self._draft.width)] for _ in range(rows)]

    def read(self, row: int, tokens: Sequence[int], states: Any) -> None:
        """Keep the states until they are wanted."""
        self._features[row].append(states)

    def guess(
        self, texts: Sequence[Sequence[int]], depth: int, goes_on: GoesOn | None = None
    ) -> list[RowGuess]:
        """Read what is unread, and run as long as it should go on."""
        draft, cache = self._draft, self._cache
        found: list[RowGuess] = []
        tokens: list[list[list[int]]] = [[] for _ in texts]
        likely: list[list[list[float]]] = [[] for _ in texts]
        with torch.inference_mode():
            unread = [list(text[length:]) for text, length in zip(texts, cache.lengths, strict=True)]
            states = cache.forward(unread, [torch.cat(parts).float() for parts in self._features])
            read = cache.lengths
            self._features = [[] for _ in texts]
            for step in range(depth):
                shares, slots = draft.named_logits(states).softmax(-1).topk(self.top, dim=-1)
                for row, (best, share) in enumerate(
                    zip(draft.named[slots].tolist(), shares.tolist(), strict=True)
                ):
                    tokens[row].append(best)
                    likely[row].append(share)
                found = [RowGuess(row, share) for row, share in zip(tokens, likely, strict=True)]
                if step + 1 < depth:
                    if goes_on is not None and not goes_on(found):
                        break
                    states = cache.forward(
                        [[row[-1][0]] for row in tokens], [state[None] for state in states]
                    )
            cache.cut(read)
        return found

    def select(self, rows: Sequence[int]) -> None:
        """Keep what some rows have."""
        self._cache.select(rows)
        self._features = [self._features[row] for row in rows]
