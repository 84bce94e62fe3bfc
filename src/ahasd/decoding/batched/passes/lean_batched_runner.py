"""A lean forward for Llama-shaped models over several rows."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, Leaving, RowTokens
from ahasd.decoding.batched.passes.layout import Layout, lay_out, staying
from ahasd.decoding.batched.passes.ragged_cache import RaggedCache
from ahasd.decoding.models.few_rows import add_product, linear
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.named_head import spread

#: Entries of a pass's mask at most (16 MB in float32); a longer prompt goes through in a pass of its own. Ours.
MASK_ENTRIES = 2**22

_rms_norm = torch.nn.functional.rms_norm
_silu = torch.nn.functional.silu
_attention = torch.nn.functional.scaled_dot_product_attention


class LeanBatchedRunner(BatchedRunner):
    """Runs several texts through a Llama-shaped model; see `ahasd.decoding.models.lean_runner.LeanRunner`.

    Parameters
    ----------
    weights
        From `ahasd.decoding.models.llama_weights`; may be shared by several runners.
    """

    lets_leave = True

    def __init__(self, weights: LlamaWeights) -> None:
        self.name, self.end_tokens = weights.name, weights.end_tokens
        self.vocabulary_size = len(weights.head if weights.named is None else weights.embedding)
        self.context_limit = weights.context_limit
        self.device, self.dtype = weights.embedding.device, weights.embedding.dtype
        self._weights = weights
        self._norm_shape = (int(weights.embedding.shape[1]),)
        self._cosine: Any = None
        self._sine: Any = None
        self._rotations = 0
        self.start(1)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Cached tokens of every row."""
        return tuple(self._cache.lengths)

    def start(self, rows: int) -> None:
        """Empty the cache and have so many rows."""
        weights = self._weights
        self._cache = RaggedCache(
            self.name,
            rows,
            len(weights.layers),
            weights.key_value_heads,
            weights.head_width,
            self.dtype,
            self.device,
        )

    def forward(self, fed: Sequence[RowTokens], leaving: Leaving | None = None) -> Any:
        """Append tokens; see `BatchedRunner.forward`."""
        lengths = self._cache.lengths
        self._cache.make_room(max(lengths[each.row] + len(each.tokens) for each in fed))
        self._turn(1 + max(max(each.positions or [0]) for each in fed))
        self.stayed = None
        logits, states = [], []
        with torch.inference_mode():
            parts = in_passes(fed, lengths)
            for part in parts:
                layout = lay_out(part, lengths, self.dtype, self.device)
                x = self._run(layout, leaving if len(parts) == 1 else None)
                for each in part:
                    lengths[each.row] += len(each.tokens)
                if layout.wanted is not None and not self._all_states:
                    x = x[layout.wanted]
                states.append(_rms_norm(x, self._norm_shape, self._weights.norm, self._weights.epsilon))
                wanted = states[-1]
                if layout.wanted is not None and self._all_states:
                    wanted = wanted[layout.wanted]
                logits.append(self._logits(wanted))
        self.states = _joined(states) if self.keep_states else None
        return _joined(logits)

    @property
    def _all_states(self) -> bool:
        return self.keep_states and self.keeps_all_states

    def cut(self, row: int, length: int) -> None:
        """Lower a row's length; nothing is copied."""
        self._cache.cut(row, length)

    def compact(self, row: int, start: int, kept: Sequence[int]) -> None:
        """Move kept tokens of a row together."""
        self._cache.compact(row, start, kept)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._cache.select(rows)

    def _left(self, x: Any, layout: Layout, leaving: Leaving) -> tuple[Any, Layout]:
        """Let tokens leave; give the states and the layout of those that stay."""

        def logits(places: Sequence[int]) -> Any:
            chosen = x[torch.tensor(list(places), device=x.device)]
            return self._logits(
                _rms_norm(chosen, self._norm_shape, self._weights.norm, self._weights.epsilon)
            )

        self.stayed = list(leaving.stay(logits))
        if len(self.stayed) == len(x):
            return x, layout
        return x[torch.tensor(self.stayed, device=x.device)], staying(layout, self.stayed)

    def _logits(self, x: Any) -> Any:
        named = self._weights.named
        logits = linear(x, self._weights.head).float()
        return logits if named is None else spread(logits, named, self.vocabulary_size)

    def _run(self, layout: Layout, leaving: Leaving | None = None) -> Any:
        """Give the hidden states before the last norm, (packed tokens, width)."""
        weights, norm_shape = self._weights, self._norm_shape
        heads, epsilon = weights.heads, weights.epsilon
        rows = layout.last - layout.first
        rotated_heads = heads + weights.key_value_heads
        shape = (-1, heads + 2 * weights.key_value_heads, weights.head_width)
        half, flat = weights.head_width // 2, heads * weights.head_width
        cosine, sine = self._cosine[layout.positions], self._sine[layout.positions]
        entries = self._cache.entries
        slots = self._cache.slots(layout.rows, layout.places)
        # The views of all layers at once.
        stores = entries.view(len(weights.layers), -1, weights.head_width).unbind()
        seen = entries[:, :, layout.first : layout.last, :, : layout.end]
        keys, values = seen[:, 0].unbind(), seen[:, 1].unbind()
        grouped = heads != weights.key_value_heads

        x = torch.nn.functional.embedding(layout.tokens, weights.embedding)
        for index, layer in enumerate(weights.layers):
            if leaving is not None and index == leaving.layer:
                x, layout = self._left(x, layout, leaving)
                cosine, sine = self._cosine[layout.positions], self._sine[layout.positions]
                slots = self._cache.slots(layout.rows, layout.places)
            h = _project(_rms_norm(x, norm_shape, layer.attention_norm, epsilon), layer.attention_in)
            h = h.view(shape)
            # Rotary positions on queries and keys: x·cos + rotate_half(x)·sin, the sign being in the sine.
            rotated = h[:, :rotated_heads]
            swapped = rotated.roll(half, -1)
            rotated.mul_(cosine).addcmul_(swapped, sine)
            stores[index].index_copy_(0, slots, h[:, heads:].reshape(-1, weights.head_width))
            queries = h[:, :heads]
            if layout.padded is not None:
                queries = queries.index_select(0, layout.padded)
            h = _attention(
                queries.view(rows, layout.width, heads, weights.head_width).transpose(1, 2),
                keys[index],
                values[index],
                attn_mask=layout.mask,
                is_causal=layout.mask is None and layout.width > 1,
                enable_gqa=grouped,
            )
            h = h.transpose(1, 2).reshape(rows * layout.width, flat)
            if layout.packed is not None:
                h = h.index_select(0, layout.packed)
            x = add_product(x, h, layer.attention_out)
            h = _project(_rms_norm(x, norm_shape, layer.mlp_norm, epsilon), layer.mlp_in)
            gate, up = h.chunk(2, dim=-1)
            x = add_product(x, _silu(gate) * up, layer.mlp_out)
        return x

    def _turn(self, positions: int) -> None:
        """Have the rotations of so many positions, and of all slots."""
        needed = max(positions, self._cache.capacity)
        if needed <= self._rotations:
            return
        weights = self._weights
        angles = torch.arange(needed, device=self.device).float()[:, None] * weights.frequencies
        cosine, sine = angles.cos() * weights.rotary_scale, angles.sin() * weights.rotary_scale
        self._cosine = torch.cat([cosine, cosine], dim=-1)[:, None].to(self.dtype)
        self._sine = torch.cat([-sine, sine], dim=-1)[:, None].to(self.dtype)
        self._rotations = needed


def in_passes(fed: Sequence[RowTokens], lengths: Sequence[int]) -> list[list[RowTokens]]:
    """Deal rows out to as few passes as keep every mask within `MASK_ENTRIES`; one row alone always goes."""
    parts: list[list[RowTokens]] = []
    for each in fed:
        if parts:
            grown = [*parts[-1], each]
            rows = each.row - grown[0].row + 1
            width = max(len(one.tokens) for one in grown)
            end = max(lengths[one.row] + len(one.tokens) for one in grown)
            if rows * width * end <= MASK_ENTRIES:
                parts[-1] = grown
                continue
        parts.append([each])
    return parts


def _joined(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _project(x: Any, projections: tuple[tuple[Any, Any], ...]) -> Any:
    if len(projections) == 1:
        return linear(x, *projections[0])
    return torch.cat([linear(x, weight, bias) for weight, bias in projections], dim=-1)
