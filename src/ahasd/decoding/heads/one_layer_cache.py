"""Keys and values of a draft of one layer for several texts, and its passes over their new tokens."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.one_layer_draft import OneLayerDraft

#: Tokens that a row has room for at first; it doubles when it is full. Ours.
FIRST_CAPACITY = 128

_attention = torch.nn.functional.scaled_dot_product_attention


class OneLayerCache:
    """Rows of unequal lengths; products run over the new tokens of all rows, attention row by row.

    Parameters
    ----------
    draft
        Whose.
    rows
        How many.

    Attributes
    ----------
    lengths
        Tokens of every row that were read.
    """

    def __init__(self, draft: OneLayerDraft, rows: int) -> None:
        self._draft = draft
        shape = (2, draft.key_value_heads, FIRST_CAPACITY, draft.head_width)
        self._kept = [draft.norm.new_zeros(shape) for _ in range(rows)]
        self.lengths = (0,) * rows

    def forward(self, tokens: Sequence[Sequence[int]], features: Sequence[Any]) -> Any:
        """Append tokens to every row, and give the states behind the last of each, (rows, width).

        Parameters
        ----------
        tokens
            At least one a row.
        features
            The state before each of them, (tokens, width).
        """
        device, counts = self._draft.norm.device, [len(own) for own in tokens]
        packed = torch.tensor([[token for own in tokens for token in own]], device=device)
        places = [
            place
            for length, count in zip(self.lengths, counts, strict=True)
            for place in range(length, length + count)
        ]
        states = self._draft.states(
            packed,
            torch.cat(list(features))[None],
            torch.tensor([places], device=device),
            lambda queries, keys, values: self._attend(queries, keys, values, counts),
        )
        self.lengths = tuple(length + count for length, count in zip(self.lengths, counts, strict=True))
        return states[0, torch.tensor(counts, device=device).cumsum(0) - 1]

    def cut(self, lengths: Sequence[int]) -> None:
        """Keep the first tokens of every row."""
        self.lengths = tuple(lengths)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._kept = [self._kept[row] for row in rows]
        self.lengths = tuple(self.lengths[row] for row in rows)

    def _attend(self, queries: Any, keys: Any, values: Any, counts: Sequence[int]) -> Any:
        new = torch.stack([keys[0], values[0]]).transpose(1, 2)
        found, first = [], 0
        for row, count in enumerate(counts):
            start, end = self.lengths[row], self.lengths[row] + count
            self._make_room(row, end)
            kept = self._kept[row]
            kept[:, :, start:end] = new[:, :, first : first + count]
            own = queries[:, first : first + count].transpose(1, 2)
            mask = None
            if count > 1:
                mask = torch.ones(count, end, dtype=torch.bool, device=kept.device).tril(start)
            seen = kept[:, None, :, :end]
            found.append(_attention(own, seen[0], seen[1], attn_mask=mask, enable_gqa=True))
            first += count
        return torch.cat(found, 2).transpose(1, 2).flatten(2)

    def _make_room(self, row: int, tokens: int) -> None:
        kept = self._kept[row]
        if tokens > kept.shape[2]:
            shape = (*kept.shape[:2], max(tokens, 2 * kept.shape[2]), kept.shape[3])
            grown = kept.new_zeros(shape)
            grown[:, :, : kept.shape[2]] = kept
            self._kept[row] = grown
