"""The layers of a Llama-shaped model, whatever its attention is; runners bring that and their caches."""

from collections.abc import Callable
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import add_product, linear
from ahasd.decoding.models.llama_weights import LlamaWeights

_rms_norm = torch.nn.functional.rms_norm
_silu = torch.nn.functional.silu

#: Of a layer's number and its queries, keys and values, (1, count, heads + 2 · key-value heads, width), the first two
#: rotated, to what its heads give, (1, heads, count, width).
Attend = Callable[[int, Any], Any]


def run_layers(weights: LlamaWeights, tokens: Any, cosine: Any, sine: Any, attend: Attend) -> Any:
    """Give the hidden states before the last norm, (count, width).

    Parameters
    ----------
    tokens
        Ids, (count,).
    cosine, sine
        Of their positions, as `rotary_tables` has them.
    attend
        Called once for each layer, in turn.
    """
    norm_shape, epsilon = (int(weights.embedding.shape[1]),), weights.epsilon
    count, heads, half = len(tokens), weights.heads, weights.head_width // 2
    rotated_heads, flat = heads + weights.key_value_heads, heads * weights.head_width
    shape = (1, count, heads + 2 * weights.key_value_heads, weights.head_width)

    x = torch.nn.functional.embedding(tokens, weights.embedding)
    for index, layer in enumerate(weights.layers):
        h = _project(_rms_norm(x, norm_shape, layer.attention_norm, epsilon), layer.attention_in)
        h = h.view(shape)
        # Rotary positions on queries and keys: x·cos + rotate_half(x)·sin, the sign being in the sine.
        rotated = h[:, :, :rotated_heads]
        swapped = rotated.roll(half, -1)
        rotated.mul_(cosine).addcmul_(swapped, sine)
        h = attend(index, h)
        x = add_product(x, h.transpose(1, 2).reshape(count, flat), layer.attention_out)
        h = _project(_rms_norm(x, norm_shape, layer.mlp_norm, epsilon), layer.mlp_in)
        gate, up = h.chunk(2, dim=-1)
        x = add_product(x, _silu(gate) * up, layer.mlp_out)
    return x


def rotary_tables(weights: LlamaWeights, positions: int) -> tuple[Any, Any]:
    """Give cosines and sines of the first positions, (positions, 1, width of a head), signs being in the sines.

    Raises
    ------
    RuntimeError
        There is no memory for them.
    """
    dtype, device = weights.embedding.dtype, weights.embedding.device
    angles = torch.arange(positions, device=device).float()[:, None] * weights.frequencies
    cosine, sine = angles.cos() * weights.rotary_scale, angles.sin() * weights.rotary_scale
    return (
        torch.cat([cosine, cosine], dim=-1)[:, None].to(dtype),
        torch.cat([-sine, sine], dim=-1)[:, None].to(dtype),
    )


def _project(x: Any, projections: tuple[tuple[Any, Any], ...]) -> Any:
    if len(projections) == 1:
        return linear(x, *projections[0])
    return torch.cat([linear(x, weight, bias) for weight, bias in projections], dim=-1)
