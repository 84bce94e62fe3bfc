"""A lean forward for Llama-shaped models: a static cache, and little Python per step."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import linear
from ahasd.decoding.models.llama_layers import Attend, rotary_tables, run_layers
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.named_head import spread
from ahasd.decoding.models.runner import ModelRunner
from ahasd.errors import AhasdError

#: Tokens that the cache holds at first; it doubles when it is full. Ours.
FIRST_CAPACITY = 128

_rms_norm = torch.nn.functional.rms_norm
_attention = torch.nn.functional.scaled_dot_product_attention


class LeanRunner(ModelRunner):
    """Runs one text through a Llama-shaped model.

    The cache is one tensor for all layers that doubles when it is full; rolling back moves its end. The results
    are those of transformers but for rounding.

    Parameters
    ----------
    weights
        From `ahasd.decoding.models.llama_weights`; may be shared by several runners.
    capacity
        Tokens that the cache holds at first.
    """

    def __init__(self, weights: LlamaWeights, capacity: int = FIRST_CAPACITY) -> None:
        self.name, self.end_tokens = weights.name, weights.end_tokens
        self.vocabulary_size = len(weights.head if weights.named is None else weights.embedding)
        self.context_limit = weights.context_limit
        self.device, self.dtype = weights.embedding.device, weights.embedding.dtype
        self._weights = weights
        self._length = 0
        self._norm_shape = (int(weights.embedding.shape[1]),)
        self._cache: Any = None
        self._grow(capacity)

    @property
    def length(self) -> int:
        """Number of cached tokens."""
        return self._length

    @property
    def capacity(self) -> int:
        """Tokens that the cache holds before it grows."""
        return int(self._cache.shape[1])

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        count, start = len(tokens), self._length
        end = start + count
        if end > self.capacity:
            self._grow(max(end, 2 * self.capacity))
        with torch.inference_mode():
            cosine, sine = self._cosine[start:end], self._sine[start:end]
            given = torch.tensor(tokens, device=self.device)
            x = run_layers(self._weights, given, cosine, sine, self._attend(start, end))
            self._length = end
            x = x[count - (count if rows is None else rows) :]
            x = _rms_norm(x, self._norm_shape, self._weights.norm, self._weights.epsilon)
            self.states = x if self.keep_states else None
            logits = linear(x, self._weights.head).float()
            named = self._weights.named
            return logits if named is None else spread(logits, named, self.vocabulary_size)

    def roll_back(self, length: int) -> None:
        """Move the end of the cache back."""
        if not 0 <= length <= self._length:
            raise ValueError(f"cannot roll back to {length} of {self._length} cached tokens")
        self._length = length

    def keys_and_values(self, layer: int) -> tuple[Any, Any]:
        """Give views of what a layer has cached, (key-value heads, length, width) each."""
        kept = self._cache[layer, : self._length].transpose(0, 1)
        return kept[: self._weights.key_value_heads], kept[self._weights.key_value_heads :]

    def _attend(self, start: int, end: int) -> Attend:
        """Give the attention of tokens from start to end, which are put into the cache."""
        weights, cache, heads = self._weights, self._cache, self._weights.heads
        count, key_value_heads = end - start, weights.key_value_heads
        # The views of all layers at once.
        slots = cache[:, start:end].unbind()
        kept = cache[:, None, :end].transpose(2, 3)
        keys, values = kept[:, :, :key_value_heads].unbind(), kept[:, :, key_value_heads:].unbind()
        causal = start == 0 and count > 1
        mask = None
        if start > 0 and count > 1:
            mask = torch.full((count, end), -torch.inf, dtype=self.dtype, device=self.device).triu(start + 1)
        grouped = heads != key_value_heads

        def attend(index: int, h: Any) -> Any:
            slots[index].copy_(h[0, :, heads:])
            return _attention(
                h[:, :, :heads].transpose(1, 2),
                keys[index],
                values[index],
                attn_mask=mask,
                is_causal=causal,
                enable_gqa=grouped,
            )

        return attend

    def _grow(self, capacity: int) -> None:
        """Make room for so many tokens, keeping those that are cached."""
        weights = self._weights
        shape = (len(weights.layers), capacity, 2 * weights.key_value_heads, weights.head_width)
        try:
            cache = torch.empty(shape, dtype=self.dtype, device=self.device)
            rotary = rotary_tables(weights, capacity)
        except RuntimeError as error:
            raise AhasdError(
                f"no memory for the cache of '{self.name}' at {capacity} tokens ({error}); shorten the text"
            ) from error
        if self._length:
            cache[:, : self._length] = self._cache[:, : self._length]
        self._cache, (self._cosine, self._sine) = cache, rotary
