"""A decoder layer of a small LLaMA-shaped model, with exact or with the AAU's vector functions."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from ahasd.rtl import error_analysis as functions
from ahasd.rtl.error_analysis import Floats

ROPE_BASE = 10000.0


@dataclass(frozen=True, slots=True)
class VectorFunctions:
    """Softmax of rows, SiLU, RMS norm of rows with a gain."""

    softmax: Callable[[Floats], Floats]
    silu: Callable[[Floats], Floats]
    rms_norm: Callable[[Floats, Floats], Floats]


EXACT = VectorFunctions(functions.softmax, functions.silu, functions.rms_norm)
AAU = VectorFunctions(functions.aau_softmax, functions.aau_silu, functions.aau_rms_norm)
ROUNDED = VectorFunctions(
    functions.rounded_to_8_bits(functions.softmax),
    functions.rounded_to_8_bits(functions.silu),
    functions.rounded_to_8_bits(functions.rms_norm),
)


class DecoderLayer:
    """The first layer of a checkpoint, in double precision but for the vector functions.

    Parameters
    ----------
    checkpoint
        A safetensors file with the names of Hugging Face's LLaMA.
    heads
        Attention heads; as many for keys and values.
    """

    def __init__(self, checkpoint: Path, heads: int) -> None:
        self._weights = {name: value.astype(np.float64) for name, value in load_file(checkpoint).items()}
        self._heads = heads

    def embed(self, tokens: list[int]) -> Floats:
        """What enters the layer; tokens x width."""
        found: Floats = self._weights["model.embed_tokens.weight"][tokens]
        return found

    def __call__(self, x: Floats, vector: VectorFunctions) -> Floats:
        """What leaves it."""
        normal = vector.rms_norm(x, self._weight("input_layernorm"))
        x = x + self._attention(normal, vector) @ self._weight("self_attn.o_proj").T
        normal = vector.rms_norm(x, self._weight("post_attention_layernorm"))
        gate = vector.silu(normal @ self._weight("mlp.gate_proj").T)
        found: Floats = (
            x + (gate * (normal @ self._weight("mlp.up_proj").T)) @ self._weight("mlp.down_proj").T
        )
        return found

    def _weight(self, name: str) -> Floats:
        found: Floats = self._weights[f"model.layers.0.{name}.weight"]
        return found

    def _attention(self, x: Floats, vector: VectorFunctions) -> Floats:
        length, width = x.shape
        parts = [
            (x @ self._weight(f"self_attn.{name}_proj").T).reshape(length, self._heads, -1) for name in "qkv"
        ]
        queries, keys, values = _rotated(parts[0]), _rotated(parts[1]), parts[2]
        future = np.triu(np.full((length, length), -np.inf), 1)
        mixed = [
            vector.softmax(queries[:, head] @ keys[:, head].T / np.sqrt(width / self._heads) + future)
            @ values[:, head]
            for head in range(self._heads)
        ]
        return np.concatenate(mixed, axis=1)


def _rotated(x: Floats) -> Floats:
    """Rotary position embedding, halves paired as in Hugging Face's LLaMA; x is length x heads x width."""
    half = x.shape[2] // 2
    angles = np.arange(len(x))[:, None, None] / ROPE_BASE ** (np.arange(half) / half)
    left, right = x[..., :half], x[..., half:]
    return np.concatenate(
        [left * np.cos(angles) - right * np.sin(angles), right * np.cos(angles) + left * np.sin(angles)],
        axis=2,
    )
