"""A small LLaMA-shaped model in floats, with exact or with the AAU's vector functions."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from ahasd.rtl.aau import exact_functions as exact
from ahasd.rtl.aau.exact_functions import Floats
from ahasd.rtl.aau.floats import aau_rms_norm, aau_silu, aau_softmax

ROPE_BASE = 10000.0
_EMBEDDING = "model.embed_tokens.weight"


@dataclass(frozen=True, slots=True)
class VectorFunctions:
    """Softmax of rows, SiLU, RMS norm of rows with a gain."""

    softmax: Callable[[Floats], Floats]
    silu: Callable[[Floats], Floats]
    rms_norm: Callable[[Floats, Floats], Floats]


EXACT = VectorFunctions(exact.softmax, exact.silu, exact.rms_norm)
AAU = VectorFunctions(aau_softmax, aau_silu, aau_rms_norm)
ROUNDED = VectorFunctions(
    exact.rounded_to_8_bits(exact.softmax),
    exact.rounded_to_8_bits(exact.silu),
    exact.rounded_to_8_bits(exact.rms_norm),
)


class Decoder:
    """A checkpoint in double precision but for the vector functions.

    Parameters
    ----------
    checkpoint
        A safetensors file with the names of Hugging Face's LLaMA and tied embeddings.
    heads
        Attention heads; as many for keys and values.
    """

    def __init__(self, checkpoint: Path, heads: int) -> None:
        self._weights = {name: value.astype(np.float64) for name, value in load_file(checkpoint).items()}
        self._heads = heads
        self.layers = sum(name.endswith("input_layernorm.weight") for name in self._weights)

    def embed(self, tokens: list[int]) -> Floats:
        """What enters the first layer; tokens x width."""
        found: Floats = self._weights[_EMBEDDING][tokens]
        return found

    def layer(self, x: Floats, number: int, vector: VectorFunctions) -> Floats:
        """What leaves a layer for what enters it."""

        def weight(name: str) -> Floats:
            found: Floats = self._weights[f"model.layers.{number}.{name}.weight"]
            return found

        normal = vector.rms_norm(x, weight("input_layernorm"))
        parts = [normal @ weight(f"self_attn.{name}_proj").T for name in "qkv"]
        x = x + self._attention(parts, vector) @ weight("self_attn.o_proj").T
        normal = vector.rms_norm(x, weight("post_attention_layernorm"))
        gate = vector.silu(normal @ weight("mlp.gate_proj").T)
        found: Floats = x + (gate * (normal @ weight("mlp.up_proj").T)) @ weight("mlp.down_proj").T
        return found

    def logits(self, tokens: list[int], vector: VectorFunctions) -> Floats:
        """Of the token after each; tokens x vocabulary."""
        x = self.embed(tokens)
        for number in range(self.layers):
            x = self.layer(x, number, vector)
        found: Floats = vector.rms_norm(x, self._weights["model.norm.weight"]) @ self._weights[_EMBEDDING].T
        return found

    def sample(self, count: int, seed: int) -> list[int]:
        """Text that the model itself writes, with exact functions at temperature 1."""
        random, tokens = np.random.default_rng(seed), [0]
        while len(tokens) < count:
            chances = exact.softmax(self.logits(tokens, EXACT)[-1])
            tokens.append(int(random.choice(len(chances), p=chances)))
        return tokens

    def _attention(self, parts: list[Floats], vector: VectorFunctions) -> Floats:
        length, width = parts[0].shape
        queries, keys, values = (part.reshape(length, self._heads, -1) for part in parts)
        queries, keys = _rotated(queries), _rotated(keys)
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
