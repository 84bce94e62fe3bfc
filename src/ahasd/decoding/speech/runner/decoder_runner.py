"""A lean forward of Whisper's decoder over one window: static caches, chains and trees, little Python per pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.speech.runner.decoder_weights import Affine, DecoderLayer, DecoderWeights
from ahasd.decoding.speech.runner.layout import Layout
from ahasd.decoding.speech.runner.row_products import RowProducts

_norm = torch.nn.functional.layer_norm


@dataclass(frozen=True, slots=True)
class HeardSound:
    """What a decoder attends to of a window: keys and values of every layer.

    Parameters
    ----------
    keys, values
        Each layer's, (1, heads, frames, head width).
    """

    keys: Sequence[Any]
    values: Sequence[Any]


def hear(weights: DecoderWeights, states: Any) -> HeardSound:
    """Make keys and values of an encoder's states (frames, width)."""
    keys, values = [], []
    with torch.inference_mode():
        for layer in weights.layers:
            both = torch.nn.functional.linear(states, layer.heard.weight, layer.heard.bias)
            heads = both.view(1, len(states), 2, weights.heads, -1).permute(2, 0, 3, 1, 4)
            keys.append(heads[0].contiguous())
            values.append(heads[1].contiguous())
    return HeardSound(keys, values)


class DecoderRunner:
    """Runs one text of one window.

    Parameters
    ----------
    weights
        Of the decoder; may be shared by several runners.
    heard
        Of the window, by the same decoder.
    products
        The way of its products; may be shared.
    """

    def __init__(self, weights: DecoderWeights, heard: HeardSound, products: RowProducts) -> None:
        self._weights, self._heard, self._linear = weights, heard, products.linear
        longest = len(weights.positions)
        head_width = weights.width // weights.heads
        shape = (len(weights.layers), 2, 1, weights.heads, longest, head_width)
        self._cache = weights.embedding.new_empty(shape)
        self._length = 0
        #: Normalised hidden states of the last pass, (rows, width), one per row of its logits.
        self.states: Any = None

    @property
    def length(self) -> int:
        """Number of cached tokens."""
        return self._length

    @property
    def longest(self) -> int:
        """Tokens that the cache holds at most."""
        return int(self._cache.shape[4])

    def forward(self, tokens: Sequence[int], layout: Layout | None = None, rows: int | None = None) -> Any:
        """Append tokens.

        Parameters
        ----------
        tokens
            At least one.
        layout
            Where they stand and what they see; None for a chain behind the cached text.
        rows
            Of how many of the last tokens logits are wanted; None for all.

        Returns
        -------
        torch.Tensor
            (rows, columns): one column for each token that the head names.
        """
        count, weights = len(tokens), self._weights
        start, end = self._length, self._length + count
        if end > self.longest:
            raise ValueError(f"{end} tokens do not fit into a text of {self.longest}")
        with torch.inference_mode():
            if layout is None:
                positions = weights.positions[start:end]
                mask = torch.full((count, end), -torch.inf).triu(start + 1) if count > 1 else None
            else:
                positions, mask = weights.positions[layout.positions], layout.mask
            x = torch.nn.functional.embedding(torch.tensor(tokens), weights.embedding) + positions
            for index, layer in enumerate(weights.layers):
                x = self._text(x, layer, self._cache[index], start, end, mask)
                x = self._sound(x, layer, index)
                x = self._inner(x, layer)
            self._length = end
            if rows is not None:
                x = x[count - rows :]
            x = _normed(x, weights.norm)
            self.states = x
            return self._linear(x, weights.head)

    def roll_back(self, length: int) -> None:
        """Forget all but the first tokens."""
        if not 0 <= length <= self._length:
            raise ValueError(f"cannot roll back to {length} of {self._length} cached tokens")
        self._length = length

    def keep(self, length: int, places: Sequence[int]) -> None:
        """Keep the first tokens and, behind them, those at some places, which rise: one path of a tree."""
        if list(places) != list(range(length, length + len(places))):
            moved = self._cache[:, :, :, :, torch.tensor(places, dtype=torch.long)]
            self._cache[:, :, :, :, length : length + len(places)] = moved
        self.roll_back(length + len(places))

    def _text(self, x: Any, layer: DecoderLayer, cache: Any, start: int, end: int, mask: Any) -> Any:
        count, heads = x.shape[0], self._weights.heads
        joined = self._linear(_normed(x, layer.text_norm), layer.qkv.weight, layer.qkv.bias)
        query, key, value = joined.view(count, 3, heads, -1).permute(1, 2, 0, 3)
        cache[0, 0, :, start:end] = key
        cache[1, 0, :, start:end] = value
        seen = _attention(query[None], cache[0, :, :, :end], cache[1, :, :, :end], mask)
        return x + self._linear(_flat(seen), layer.text_out.weight, layer.text_out.bias)

    def _sound(self, x: Any, layer: DecoderLayer, index: int) -> Any:
        query = self._linear(_normed(x, layer.sound_norm), layer.query.weight, layer.query.bias)
        query = query.view(1, x.shape[0], self._weights.heads, -1).transpose(1, 2)
        seen = _attention(query, self._heard.keys[index], self._heard.values[index])
        return x + self._linear(_flat(seen), layer.sound_out.weight, layer.sound_out.bias)

    def _inner(self, x: Any, layer: DecoderLayer) -> Any:
        h = self._linear(_normed(x, layer.inner_norm), layer.inner.weight, layer.inner.bias)
        return x + self._linear(torch.nn.functional.gelu(h), layer.outer.weight, layer.outer.bias)


def _attention(query: Any, keys: Any, values: Any, mask: Any = None) -> Any:
    """Attend without torch's own function, which scales all keys first where there are a few queries on a CPU."""
    scores = torch.matmul(query * query.shape[-1] ** -0.5, keys.transpose(2, 3))
    if mask is not None:
        scores += mask
    return torch.matmul(torch.softmax(scores, -1), values)


def _normed(x: Any, norm: Affine) -> Any:
    return _norm(x, norm.weight.shape, norm.weight, norm.bias)


def _flat(seen: Any) -> Any:
    """From (1, heads, count, head width) to (count, width)."""
    return seen[0].transpose(0, 1).reshape(seen.shape[2], -1)
