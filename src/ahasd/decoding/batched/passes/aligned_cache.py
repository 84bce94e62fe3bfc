"""The cache of a model of transformers for rows of unequal lengths: every row ends in the same slot."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.growing_cache import growing_cache
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


class AlignedCache:
    """Keys and values as a batch that is padded on the left has them, which every model of transformers supports.

    A pass appends as many slots to every row. Which of them hold tokens of a row is noted apart, so that cutting a
    row only shortens the note. Before the next pass rows that no longer end together are moved (a copy); where all
    rows took the same, nothing moves.

    Parameters
    ----------
    model
        Whose cache it is.
    rows
        How many.

    Attributes
    ----------
    slots
        Of every row, the slots that hold its tokens, ascending.
    """

    def __init__(self, model: "LanguageModel", rows: int) -> None:
        self._model = model
        self.cache = growing_cache(model.model)
        self.slots: list[list[int]] = [[] for _ in range(rows)]
        self._width = 0

    @property
    def width(self) -> int:
        """Slots that every row has."""
        return self._width

    def appended(self, places: Sequence[Sequence[int]], width: int) -> None:
        """Note what a pass appended.

        Parameters
        ----------
        places
            Of every row, which of the new slots hold tokens.
        width
            New slots.
        """
        for own, new in zip(self.slots, places, strict=True):
            own += [self._width + place for place in new]
        self._width += width
        self._check()

    def cut(self, row: int, length: int) -> None:
        """Keep the first tokens of a row."""
        if not 0 <= length <= len(self.slots[row]):
            raise ValueError(f"cannot cut row {row} to {length} of {len(self.slots[row])} cached tokens")
        del self.slots[row][length:]

    def compact(self, row: int, start: int, kept: Sequence[int]) -> None:
        """Keep some of the tokens from `start` on; see `BatchedRunner.compact`."""
        own = self.slots[row]
        if list(kept) != sorted(set(kept)) or any(not 0 <= offset < len(own) - start for offset in kept):
            raise ValueError(f"cannot keep {list(kept)} from {start} on of {len(own)} cached tokens")
        self.slots[row] = [*own[:start], *(own[start + offset] for offset in kept)]

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        if list(rows) == list(range(len(self.slots))):
            return
        chosen = torch.tensor(list(rows))
        for layer in self._layers():
            layer.batch_select_indices(chosen.to(layer.keys.device))
        self.slots = [self.slots[row] for row in rows]

    def align(self) -> None:
        """Move rows so that all end in the last slot, and drop slots that no row needs."""
        longest = max(map(len, self.slots))
        if longest == 0:
            self.cache, self._width = growing_cache(self._model.model), 0
            return
        if all(
            not own or (own[-1] == self._width - 1 and own[0] == self._width - len(own)) for own in self.slots
        ):
            return
        source = torch.tensor([[0] * (longest - len(own)) + own for own in self.slots])
        for layer in self._layers():
            places = source.to(layer.keys.device)[:, None, :, None]
            layer.keys = layer.keys.take_along_dim(places, dim=2)
            layer.values = layer.values.take_along_dim(places, dim=2)
        self.slots = [list(range(longest - len(own), longest)) for own in self.slots]
        self._width = longest

    def _layers(self) -> list[Any]:
        shares = transformers.cache_utils.DummyLayer  # uses the keys of another layer
        return [
            layer
            for layer in self.cache.layers
            if type(layer) is not shares and getattr(layer, "keys", None) is not None
        ]

    def _check(self) -> None:
        kinds = transformers.cache_utils
        layers = self._layers()
        kept = (len(self.slots), self._width)
        if not layers or any(
            type(layer) is not kinds.DynamicLayer
            or any(
                each.ndim != 4 or (each.shape[0], each.shape[2]) != kept
                for each in (layer.keys, layer.values)
            )
            for layer in layers
        ):
            raise AhasdError(
                f"model '{self._model.name}' ({self._model.model.config.model_type}) keeps more than keys and values "
                "of every token, so its rows cannot be cut apart; decode its prompts one after another (batch size 1)"
            )
