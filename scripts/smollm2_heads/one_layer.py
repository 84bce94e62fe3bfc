"""A draft of one Llama layer that reads the target's states, in training (EAGLE, arXiv 2401.15077; 2503.01840)."""

from dataclasses import dataclass

import torch
from transformers import LlamaForCausalLM

_linear = torch.nn.functional.linear
_rms_norm = torch.nn.functional.rms_norm
_attention = torch.nn.functional.scaled_dot_product_attention


@dataclass(frozen=True, slots=True)
class Start:
    """What the layer begins with.

    Parameters
    ----------
    layer
        Of the target that it is a copy of; None for noise.
    levels
        How many of the kept levels of states it reads, the last ones.
    """

    layer: int | None
    levels: int


class OneLayer(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """At place u it reads token u and the state behind token u − 1, and gives a state behind token u.

    That state stands for the target's state behind its last norm: the target's output rows turn it into logits, and
    the next step reads it where the target has not been yet.

    Attributes
    ----------
    named
        The tokens that it can name, ascending.
    slot_of
        Where each token of the vocabulary lies among them; -1 for the others.
    """

    def __init__(self, target: LlamaForCausalLM, start: Start, named: torch.Tensor) -> None:
        super().__init__()
        config = target.config
        width, inner = config.hidden_size, config.intermediate_size
        self.heads, self.key_value_heads = config.num_attention_heads, config.num_key_value_heads
        self.head_width = width // self.heads
        self.epsilon, self.levels = config.rms_norm_eps, start.levels
        kv = self.key_value_heads * self.head_width

        def matrix(rows: int, columns: int, scale: float = 1.0) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.randn(rows, columns) * scale / columns**0.5)

        self.query, self.key, self.value = matrix(width, width), matrix(kv, width), matrix(kv, width)
        self.attention_out = matrix(width, width, 0.1)
        self.gate, self.up, self.down = matrix(inner, width), matrix(inner, width), matrix(width, inner, 0.1)
        self.attention_norm = torch.nn.Parameter(torch.ones(width))
        self.mlp_norm = torch.nn.Parameter(torch.ones(width))
        # States behind the norm are what comes in and goes out: scaled alike within, so that it begins as a copy.
        norm = target.model.norm.weight.detach().clone()
        self.norm = torch.nn.Parameter(norm)
        self.token_in, self.state_in = matrix(width, width, 0.5), torch.nn.Parameter(torch.diag(1 / norm))
        if start.levels > 1:
            self.levels_in = torch.nn.Parameter(torch.zeros(width, (start.levels - 1) * width))
        if start.layer is not None:
            self._copy(target.model.layers[start.layer])
        embedding = target.model.embed_tokens.weight.detach()
        self.register_buffer("embedding", _rms_norm(embedding, (width,), None, self.epsilon), persistent=False)
        self.register_buffer("head", target.lm_head.weight.detach()[named], persistent=False)
        self.register_buffer("named", named)
        slots = torch.full((config.vocab_size,), -1)
        slots[named] = torch.arange(len(named))
        self.register_buffer("slot_of", slots, persistent=False)
        self.register_buffer("frequencies", target.model.rotary_emb.inv_freq.float(), persistent=False)

    def _copy(self, layer: torch.nn.Module) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        for own, other in (
            (self.query, attention.q_proj),
            (self.key, attention.k_proj),
            (self.value, attention.v_proj),
            (self.attention_out, attention.o_proj),
            (self.gate, mlp.gate_proj),
            (self.up, mlp.up_proj),
            (self.down, mlp.down_proj),
            (self.attention_norm, layer.input_layernorm),
            (self.mlp_norm, layer.post_attention_layernorm),
        ):
            own.data.copy_(other.weight.detach())

    def states_read(self, states: torch.Tensor) -> torch.Tensor:
        """Mix the levels of the target's states (…, levels, width) into one, (…, width)."""
        if self.levels == 1:
            return states[..., -1, :]
        levels = _rms_norm(states[..., -self.levels : -1, :], (states.shape[-1],), None, self.epsilon)
        return states[..., -1, :] + _linear(levels.flatten(-2), self.levels_in)

    def unrolled(self, tokens: torch.Tensor, states: torch.Tensor, steps: int) -> list[torch.Tensor]:
        """Run so many steps from every place at once, along the text (training-time test of EAGLE-3).

        Step j at place u follows j − 1 steps of its own: it sees what was read with the target's states up to place
        u − j + 1, and what the steps between made.

        Parameters
        ----------
        tokens, states
            (texts, length), (texts, length, levels, width).

        Returns
        -------
        list of torch.Tensor
            States after step 1, 2, …, (texts, length, width).
        """
        length = tokens.shape[1]
        embedded = _linear(torch.nn.functional.embedding(tokens, self.embedding), self.token_in)
        angles = torch.arange(length).float()[:, None] * self.frequencies
        cosine, sine = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        feature = self.states_read(states)
        made: list[torch.Tensor] = []
        before: list[tuple[torch.Tensor, torch.Tensor]] = []
        for _ in range(steps):
            feature = _later(feature, 1, 1)
            x = embedded + _linear(feature, self.state_in)
            h = _rms_norm(x, (x.shape[-1],), self.attention_norm, self.epsilon)
            query, key, value = (
                _linear(h, weight).unflatten(-1, (-1, self.head_width)).transpose(1, 2)
                for weight in (self.query, self.key, self.value)
            )
            groups = self.heads // self.key_value_heads
            key = _turned(key, cosine, sine).repeat_interleave(groups, 1)
            before.append((key, value.repeat_interleave(groups, 1)))
            h = self._attended(_turned(query, cosine, sine), before).transpose(1, 2).flatten(2)
            x = x + _linear(h, self.attention_out)
            h = _rms_norm(x, (x.shape[-1],), self.mlp_norm, self.epsilon)
            x = x + _linear(torch.nn.functional.silu(_linear(h, self.gate)) * _linear(h, self.up), self.down)
            feature = _rms_norm(x, (x.shape[-1],), self.norm, self.epsilon)
            made.append(feature)
        return made

    def _attended(self, query: torch.Tensor, before: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
        keys, values = before[0]
        if len(before) == 1:
            return _attention(query, keys, values, is_causal=True)
        length, own = query.shape[2], len(before) - 1
        scores = query @ keys.mT
        hidden = torch.ones(length, length, dtype=torch.bool).triu(1 - own)
        scores = scores.masked_fill(hidden, -torch.inf)
        # Of every step between, each place sees the one place on its own way.
        ways = [(_later(key, age, 2), _later(value, age, 2)) for key, value, age in _aged(before[1:])]
        between = torch.stack([(query * key).sum(-1) for key, _ in ways], -1)
        weights = (torch.cat([scores, between], -1) * self.head_width**-0.5).softmax(-1)
        out = weights[..., :length] @ values
        for index, (_, value) in enumerate(ways):
            out = out + weights[..., length + index, None] * value
        return out

    @property
    def trained(self) -> int:
        """Number of parameters that are the draft's own."""
        return sum(parameter.numel() for parameter in self.parameters())


def _aged(
    before: list[tuple[torch.Tensor, torch.Tensor]],
) -> list[tuple[torch.Tensor, torch.Tensor, int]]:
    return [(key, value, len(before) - 1 - index) for index, (key, value) in enumerate(before)]


def _later(x: torch.Tensor, places: int, dim: int) -> torch.Tensor:
    """Move along the text, zeros coming in."""
    if places == 0:
        return x
    gap = torch.zeros_like(x.narrow(dim, 0, min(places, x.shape[dim])))
    return torch.cat([gap, x.narrow(dim, 0, max(0, x.shape[dim] - places))], dim)


def _turned(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine
