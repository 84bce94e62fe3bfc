"""Keys and values of some heads of a layer: what is kept of them, and what a step reads."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.sparse_attention.pages.window import Window

_attention = torch.nn.functional.scaled_dot_product_attention


class HeadStore(ABC):
    """Keys and values of n key-value heads of one class in one layer.

    Life cycle: made empty; :meth:`fill` takes in the prompt, all at once; then for every further token :meth:`append`
    its key and value, and :meth:`attend` with its queries.

    Parameters
    ----------
    heads
        Numbers of the key-value heads in the layer.

    Attributes
    ----------
    context
        Tokens taken in.
    token_reads
        What the last step read, in tokens of one head: their keys and values, or the bounds of a page, which are as
        many bytes.
    """

    def __init__(self, heads: Sequence[int]) -> None:
        self.heads = tuple(heads)
        self.context = 0
        self.token_reads = 0

    @abstractmethod
    def fill(self, keys: Any, values: Any) -> None:
        """Take in a prompt: (n, tokens, width) each."""

    @abstractmethod
    def append(self, key: Any, value: Any) -> None:
        """Take in the next token: (n, width) each."""

    @abstractmethod
    def attend(self, queries: Any) -> Any:
        """Attend from the last token: (n, group, width) to (n, group, width)."""


class DenseHeads(HeadStore):
    """Heads that read everything."""

    def __init__(self, heads: Sequence[int]) -> None:
        super().__init__(heads)
        self._keys: Any = None
        self._values: Any = None

    def fill(self, keys: Any, values: Any) -> None:
        """See the base class."""
        self.context = keys.shape[1]
        self._keys, self._values = _with_room(keys), _with_room(values)

    def append(self, key: Any, value: Any) -> None:
        """See the base class."""
        if self.context == self._keys.shape[1]:
            self._keys, self._values = _with_room(self._keys), _with_room(self._values)
        self._keys[:, self.context] = key
        self._values[:, self.context] = value
        self.context += 1

    def attend(self, queries: Any) -> Any:
        """See the base class."""
        self.token_reads = len(self.heads) * self.context
        return _attention(queries, self._keys[:, : self.context], self._values[:, : self.context])


class StreamingHeads(HeadStore):
    """Heads that read the window alone: the first tokens stay, the last ones take turns in a ring.

    Keys keep the rotation of their place in the text, as DuoAttention's do (arXiv 2410.10819).
    """

    def __init__(self, heads: Sequence[int], window: Window) -> None:
        super().__init__(heads)
        self._window = window
        self._keys: Any = None
        self._values: Any = None

    def fill(self, keys: Any, values: Any) -> None:
        """See the base class."""
        count, tokens, width = keys.shape
        self._keys = keys.new_empty((count, self._window.size, width))
        self._values = torch.empty_like(self._keys)
        sink = self._window.sink
        kept = [*range(min(sink, tokens)), *range(max(sink, tokens - self._window.recent), tokens)]
        slots = [self._slot(place) for place in kept]
        self._keys[:, slots] = keys[:, kept]
        self._values[:, slots] = values[:, kept]
        self.context = tokens

    def append(self, key: Any, value: Any) -> None:
        """See the base class."""
        slot = self._slot(self.context)
        self._keys[:, slot] = key
        self._values[:, slot] = value
        self.context += 1

    def attend(self, queries: Any) -> Any:
        """See the base class; the order of tokens does not matter."""
        there = self._window.tokens(self.context)
        self.token_reads = len(self.heads) * there
        return _attention(queries, self._keys[:, :there], self._values[:, :there])

    def _slot(self, place: int) -> int:
        sink = self._window.sink
        return place if place < sink else sink + (place - sink) % self._window.recent


def _with_room(tensor: Any) -> Any:
    """Give a copy with room for as many tokens again."""
    count, tokens, width = tensor.shape
    wider = tensor.new_empty((count, 2 * tokens, width))
    wider[:, :tokens] = tensor
    return wider
