"""A draft of one Llama layer that reads the target's states (EAGLE, arXiv 2401.15077 and 2503.01840).

At place u it reads token u and the state behind token u − 1, the target's own as far as the target has read, its own
beyond; it gives a state that stands for the target's behind token u, and the target's output rows make logits of it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import add_product, linear
from ahasd.decoding.models.named_head import spread
from ahasd.speculation.trees.guesses import Probabilities

_rms_norm = torch.nn.functional.rms_norm

#: Keys and values of these places are kept, and queries get what they attend to: (rows, new, heads, head width) of
#: queries, then of keys and of values, to (rows, new, heads · head width).
Attend = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True, slots=True)
class OneLayerDraft:
    """The weights, in single precision on the target's device.

    Parameters
    ----------
    name
        What traces and reports call it.
    context_limit, vocabulary_size
        Of the target.
    embedding
        Of the target, (vocabulary, width).
    fused_in
        What token and state are projected with, side by side, (width, 2 · width).
    attention_norm, mlp_norm, norm
        Weights of RMS norms, (width,).
    attention_in, mlp_in
        Queries, keys and values in one matrix; gate and up in one.
    attention_out, mlp_out
        Transposed.
    named, head
        The tokens that it can name, (named,), and their output rows, (named, width).
    heads, key_value_heads
        Of the attention.
    epsilon, frequencies
        As the target's.
    accuracy
        How often each candidate of each step was right on held-out text, those of the steps before being so, (steps,
        candidates) by rank.
    """

    name: str
    context_limit: int | None
    vocabulary_size: int
    embedding: Any
    fused_in: Any
    attention_norm: Any
    attention_in: Any
    attention_out: Any
    mlp_norm: Any
    mlp_in: Any
    mlp_out: Any
    norm: Any
    named: Any
    head: Any
    heads: int
    key_value_heads: int
    epsilon: float
    frequencies: Any
    accuracy: Probabilities

    @property
    def width(self) -> int:
        """Of states."""
        return int(self.norm.shape[0])

    @property
    def head_width(self) -> int:
        """Of one head of the attention."""
        return self.width // self.heads

    def digest(self) -> str:
        """Give a hash of its own weights."""
        own = (self.fused_in, self.attention_norm, self.attention_in, self.attention_out)
        found = hashlib.sha256()
        for tensor in (*own, self.mlp_norm, self.mlp_in, self.mlp_out, self.norm, self.named):
            found.update(tensor.contiguous().cpu().numpy().tobytes())
        return found.hexdigest()

    def states(self, tokens: Any, features: Any, positions: Any, attend: Attend) -> Any:
        """Give the states behind tokens.

        Parameters
        ----------
        tokens
            (rows, new).
        features
            The state behind the token before each, (rows, new, width).
        positions
            Of the tokens in the text, (rows, new).

        Returns
        -------
        torch.Tensor
            (rows, new, width).
        """
        rows, new = tokens.shape
        width, shape = self.width, (self.width,)
        embedded = _rms_norm(torch.nn.functional.embedding(tokens, self.embedding), shape, None, self.epsilon)
        x = linear(torch.cat([embedded, features], -1).view(rows * new, 2 * width), self.fused_in)
        h = linear(_rms_norm(x, shape, self.attention_norm, self.epsilon), self.attention_in)
        h = h.view(rows, new, -1, self.head_width)
        rotated = self.heads + self.key_value_heads
        turned = self._turned(h[:, :, :rotated], positions)
        h = attend(turned[:, :, : self.heads], turned[:, :, self.heads :], h[:, :, rotated:])
        x = add_product(x, h.reshape(rows * new, width), self.attention_out)
        h = linear(_rms_norm(x, shape, self.mlp_norm, self.epsilon), self.mlp_in)
        gate, up = h.chunk(2, -1)
        x = add_product(x, torch.nn.functional.silu(gate) * up, self.mlp_out)
        return _rms_norm(x, shape, self.norm, self.epsilon).view(rows, new, width)

    def named_logits(self, states: Any) -> Any:
        """Give the logits of the named tokens, (rows, named), of states (rows, width)."""
        return linear(states, self.head)

    def logits(self, states: Any) -> Any:
        """Give those of the whole vocabulary, (rows, vocabulary)."""
        return spread(self.named_logits(states), self.named, self.vocabulary_size)

    def _turned(self, x: Any, positions: Any) -> Any:
        angles = positions[..., None].float() * self.frequencies
        cosine, sine = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        first, second = x.chunk(2, -1)
        return x * cosine[:, :, None] + torch.cat([-second, first], -1) * sine[:, :, None]
