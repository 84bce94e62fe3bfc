"""Keys and values of all layers and rows in one tensor; every row is as long as it is."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

#: Tokens that every row has room for at first; the room doubles when the longest row is full. Ours.
FIRST_CAPACITY = 128


class RaggedCache:
    """A cache of rows of unequal lengths, each from slot 0 on; a row is cut by lowering its length.

    Slots behind a row's length hold anything finite: passes mask them, and the next tokens overwrite them.

    Parameters
    ----------
    name
        Of the model, for messages.
    rows, layers, heads, width
        Heads of keys, and their width.
    dtype, device
        Of the entries.

    Attributes
    ----------
    entries
        (layers, 2, rows, heads, capacity, width); keys are 0, values 1. Slots of a head lie side by side, so that the
        attention of a head reads one stretch of memory.
    lengths
        Cached tokens of every row.
    """

    def __init__(
        self, name: str, rows: int, layers: int, heads: int, width: int, dtype: Any, device: Any
    ) -> None:
        self._name = name
        self._heads, self._width, self._layers = heads, width, layers
        self._dtype, self._device = dtype, device
        self.lengths = [0] * rows
        self.entries = self._empty(FIRST_CAPACITY)

    @property
    def capacity(self) -> int:
        """Tokens that a row holds before all rows grow."""
        return int(self.entries.shape[4])

    def make_room(self, tokens: int) -> None:
        """See that every row can hold so many."""
        if tokens <= self.capacity:
            return
        grown = self._empty(max(tokens, 2 * self.capacity))
        used = max(self.lengths)
        grown[..., :used, :] = self.entries[..., :used, :]
        self.entries = grown

    def slots(self, rows: Any, places: Any) -> Any:
        """Give where the entries of tokens lie in a layer's ``view(-1, width)``, keys of all heads, then values.

        Parameters
        ----------
        rows, places
            Row and place in the row of each token, int64 (tokens,).

        Returns
        -------
        torch.Tensor
            int64 (tokens · 2 · heads,), token by token.
        """
        heads = torch.arange(self._heads, device=self._device)
        first = rows * (self._heads * self.capacity) + places
        offsets = torch.cat(
            [heads * self.capacity, (len(self.lengths) * self._heads + heads) * self.capacity]
        )
        return (first[:, None] + offsets).flatten()

    def cut(self, row: int, length: int) -> None:
        """Keep the first tokens of a row."""
        if not 0 <= length <= self.lengths[row]:
            raise ValueError(f"cannot cut row {row} to {length} of {self.lengths[row]} cached tokens")
        self.lengths[row] = length

    def compact(self, row: int, start: int, kept: Sequence[int]) -> None:
        """Keep some of the tokens from `start` on; see `BatchedRunner.compact`."""
        places = [start + offset for offset in kept]
        if any(not start <= place < self.lengths[row] for place in places) or places != sorted(set(places)):
            raise ValueError(f"cannot keep {list(kept)} from {start} on of {self.lengths[row]} cached tokens")
        end = start + len(places)
        if places != list(range(start, end)):
            source = torch.tensor(places, device=self._device)
            self.entries[:, :, row, :, start:end] = self.entries[:, :, row].index_select(3, source)
        self.lengths[row] = end

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some rows; those behind one that leaves move up."""
        if list(rows) != list(range(len(self.lengths))):
            self.entries = self.entries.index_select(2, torch.tensor(list(rows), device=self._device))
            self.lengths = [self.lengths[row] for row in rows]

    def _empty(self, capacity: int) -> Any:
        shape = (self._layers, 2, len(self.lengths), self._heads, capacity, self._width)
        try:
            # Zeros, since a masked value counts 0 times, and 0 times what memory held before need not be 0.
            return torch.zeros(shape, dtype=self._dtype, device=self._device)
        except RuntimeError as error:
            raise AhasdError(
                f"no memory for the cache of '{self._name}' for {len(self.lengths)} rows of {capacity} tokens "
                f"({error}); shorten the texts, or decode fewer at once"
            ) from error
