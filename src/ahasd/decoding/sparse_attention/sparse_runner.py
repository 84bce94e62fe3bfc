"""One text through a Llama-shaped model whose heads read a part of the context."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import linear
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_layers import rotary_tables, run_layers
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.named_head import spread
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.sparse_attention.head_store import DenseHeads, HeadStore, StreamingHeads
from ahasd.decoding.sparse_attention.paged_heads import PagedHeads
from ahasd.decoding.sparse_attention.settings import SparseSettings
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass

_attention = torch.nn.functional.scaled_dot_product_attention


class SparseRunner(ModelRunner):
    """Runs one text, sparsely from behind its prompt on.

    The first forward is the prompt, and is dense, as in Quest: sparse attention makes steps cheaper. All further
    tokens are steps of their own. What streaming heads have dropped does not come back, so that the cache is rolled
    back to nothing or not at all.

    Parameters
    ----------
    weights
        From `ahasd.decoding.sparse_attention.settings.sparse_weights`.

    Attributes
    ----------
    settings
        Which heads read what.
    group
        Query heads that share a key-value head.

    Raises
    ------
    AhasdError
        The split is another model's.
    """

    def __init__(self, weights: LlamaWeights, settings: SparseSettings) -> None:
        settings.check_fits(weights)
        self.name, self.end_tokens = weights.name, weights.end_tokens
        self.vocabulary_size = len(weights.head if weights.named is None else weights.embedding)
        self.context_limit = weights.context_limit
        self.device, self.dtype = weights.embedding.device, weights.embedding.dtype
        self.settings = settings
        self._weights = weights
        self._token_bytes = 2 * weights.head_width * int(weights.embedding.element_size())
        self.group = weights.heads // weights.key_value_heads
        self._rotary: tuple[Any, Any] = (torch.empty(0), torch.empty(0))
        self.reset()

    @property
    def length(self) -> int:
        """Number of tokens taken in."""
        return self._length

    @property
    def stores(self) -> tuple[tuple[HeadStore, ...], ...]:
        """Keys and values, layer by layer, a store for each class of heads that there is."""
        return self._stores

    @property
    def bytes_read(self) -> int:
        """Of keys, values and bounds, by the last step."""
        return self._token_bytes * sum(store.token_reads for layer in self._stores for store in layer)

    @property
    def dense_bytes(self) -> int:
        """What a dense step reads of keys and values with this context."""
        return self._token_bytes * self._length * len(self._weights.layers) * self._weights.key_value_heads

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        self._make_room(self._length + len(tokens))
        with torch.inference_mode():
            given = torch.tensor(tokens, device=self.device)
            if self._length == 0:
                x = self._run(given, self._read_prompt)
            else:
                x = torch.cat([self._run(given[at : at + 1], self._step) for at in range(len(tokens))])
            x = x[len(tokens) - (len(tokens) if rows is None else rows) :]
            x = torch.nn.functional.rms_norm(x, (x.shape[-1],), self._weights.norm, self._weights.epsilon)
            self.states = x if self.keep_states else None
            logits = linear(x, self._weights.head).float()
            named = self._weights.named
            return logits if named is None else spread(logits, named, self.vocabulary_size)

    def take_over(self, dense: LeanRunner) -> None:
        """Begin with the prompt that a dense runner of the same weights has read, as if it had been read here."""
        self.reset()
        for layer, stores in enumerate(self._stores):
            keys, values = dense.keys_and_values(layer)
            for store in stores:
                store.fill(keys[list(store.heads)], values[list(store.heads)])
        self._length = dense.length

    def roll_back(self, length: int) -> None:
        """Empty the cache; no other length can be gone back to, unless nothing is to be removed.

        Raises
        ------
        AhasdError
            Another length is asked for.
        """
        if length == self._length:
            return
        if length != 0:
            raise AhasdError(
                f"'{self.name}' cannot go back to {length} of {self._length} tokens: its streaming heads have "
                "dropped what they had then; begin anew"
            )
        self.reset()

    def reset(self) -> None:
        """Empty the cache."""
        self._length = 0
        self._stores: tuple[tuple[HeadStore, ...], ...] = tuple(
            self._empty(layer) for layer in range(len(self._weights.layers))
        )

    def _empty(self, layer: int) -> tuple[HeadStore, ...]:
        settings, classes = self.settings, self.settings.split.classes[layer].tolist()
        heads = {one: [head for head, found in enumerate(classes) if found == one] for one in HeadClass}
        made: list[HeadStore] = []
        if heads[HeadClass.DENSE]:
            made.append(DenseHeads(heads[HeadClass.DENSE]))
        if heads[HeadClass.PAGED]:
            made.append(PagedHeads(heads[HeadClass.PAGED], settings.selector, settings.sharing))
        if heads[HeadClass.STREAMING]:
            made.append(StreamingHeads(heads[HeadClass.STREAMING], settings.paging.window))
        return tuple(made)

    def _run(self, tokens: Any, attend: Any) -> Any:
        start, end = self._length, self._length + len(tokens)
        cosine, sine = (table[start:end] for table in self._rotary)
        x = run_layers(self._weights, tokens, cosine, sine, attend)
        self._length = end
        return x

    def _read_prompt(self, layer: int, h: Any) -> Any:
        """Dense attention of a prompt, whose keys and values are kept as each class keeps them."""
        queries, keys, values = self._parted(h)
        for store in self._stores[layer]:
            store.fill(keys[0, list(store.heads)], values[0, list(store.heads)])
        grouped = self.group > 1
        return _attention(queries, keys, values, is_causal=h.shape[1] > 1, enable_gqa=grouped)

    def _step(self, layer: int, h: Any) -> Any:
        """Attention of one token, each class of heads for itself."""
        queries, keys, values = self._parted(h)
        grouped = queries[0, :, 0].reshape(self._weights.key_value_heads, self.group, -1)
        found = torch.empty_like(grouped)
        for store in self._stores[layer]:
            heads = list(store.heads)
            store.append(keys[0, heads, 0], values[0, heads, 0])
            found[heads] = store.attend(grouped[heads])
        return found.reshape(1, self._weights.heads, 1, -1)

    def _parted(self, h: Any) -> tuple[Any, Any, Any]:
        """Queries, keys and values, (1, heads, count, width) each."""
        heads, shared = self._weights.heads, self._weights.key_value_heads
        queries, keys, values = h.transpose(1, 2).split([heads, shared, shared], dim=1)
        return queries, keys, values

    def _make_room(self, positions: int) -> None:
        if positions > len(self._rotary[0]):
            self._rotary = rotary_tables(self._weights, max(128, 2 * positions))
