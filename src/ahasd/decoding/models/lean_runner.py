"""A lean forward for Llama-shaped models: a static cache, and little Python per step."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import add_product, linear
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.named_head import spread
from ahasd.decoding.models.runner import ModelRunner
from ahasd.errors import AhasdError

#: Tokens that the cache holds at first; it doubles when it is full. Ours.
FIRST_CAPACITY = 128

_rms_norm = torch.nn.functional.rms_norm
_silu = torch.nn.functional.silu
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
            x = self._run(torch.tensor(tokens, device=self.device), start, end)
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

    def _run(self, tokens: Any, start: int, end: int) -> Any:
        """Give the hidden states before the last norm, (count, width)."""
        weights, cache, norm_shape = self._weights, self._cache, self._norm_shape
        count, heads, epsilon = end - start, weights.heads, weights.epsilon
        rotated_heads = heads + weights.key_value_heads
        shape = (1, count, heads + 2 * weights.key_value_heads, weights.head_width)
        half = weights.head_width // 2
        flat = heads * weights.head_width
        cosine, sine = self._cosine[start:end], self._sine[start:end]
        # The views of all layers at once.
        slots = cache[:, start:end].unbind()
        kept = cache[:, None, :end].transpose(2, 3)
        keys = kept[:, :, : weights.key_value_heads].unbind()
        values = kept[:, :, weights.key_value_heads :].unbind()
        causal = start == 0 and count > 1
        mask = None
        if start > 0 and count > 1:
            mask = torch.full((count, end), -torch.inf, dtype=self.dtype, device=self.device).triu(start + 1)
        grouped = heads != weights.key_value_heads

        x = torch.nn.functional.embedding(tokens, weights.embedding)
        for index, layer in enumerate(weights.layers):
            h = _project(_rms_norm(x, norm_shape, layer.attention_norm, epsilon), layer.attention_in)
            h = h.view(shape)
            # Rotary positions on queries and keys: x·cos + rotate_half(x)·sin, the sign being in the sine.
            rotated = h[:, :, :rotated_heads]
            swapped = rotated.roll(half, -1)
            rotated.mul_(cosine).addcmul_(swapped, sine)
            slots[index].copy_(h[0, :, heads:])
            h = _attention(
                h[:, :, :heads].transpose(1, 2),
                keys[index],
                values[index],
                attn_mask=mask,
                is_causal=causal,
                enable_gqa=grouped,
            )
            x = add_product(x, h.transpose(1, 2).reshape(count, flat), layer.attention_out)
            h = _project(_rms_norm(x, norm_shape, layer.mlp_norm, epsilon), layer.mlp_in)
            gate, up = h.chunk(2, dim=-1)
            x = add_product(x, _silu(gate) * up, layer.mlp_out)
        return x

    def _grow(self, capacity: int) -> None:
        """Make room for so many tokens, keeping those that are cached."""
        weights = self._weights
        shape = (len(weights.layers), capacity, 2 * weights.key_value_heads, weights.head_width)
        try:
            cache = torch.empty(shape, dtype=self.dtype, device=self.device)
            angles = torch.arange(capacity, device=self.device).float()[:, None] * weights.frequencies
        except RuntimeError as error:
            raise AhasdError(
                f"no memory for the cache of '{self.name}' at {capacity} tokens ({error}); shorten the text"
            ) from error
        if self._length:
            cache[:, : self._length] = self._cache[:, : self._length]
        self._cache = cache
        cosine, sine = angles.cos() * weights.rotary_scale, angles.sin() * weights.rotary_scale
        self._cosine = torch.cat([cosine, cosine], dim=-1)[:, None].to(self.dtype)
        self._sine = torch.cat([-sine, sine], dim=-1)[:, None].to(self.dtype)


def _project(x: Any, projections: tuple[tuple[Any, Any], ...]) -> Any:
    if len(projections) == 1:
        return linear(x, *projections[0])
    return torch.cat([linear(x, weight, bias) for weight, bias in projections], dim=-1)
