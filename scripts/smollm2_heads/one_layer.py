"""A draft of one Llama layer that reads the target's states, in training (EAGLE, arXiv 2401.15077; 2503.01840)."""

import torch
from transformers import LlamaForCausalLM

_linear = torch.nn.functional.linear
_rms_norm = torch.nn.functional.rms_norm
_attention = torch.nn.functional.scaled_dot_product_attention


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

    def __init__(self, target: LlamaForCausalLM, named: torch.Tensor) -> None:
        super().__init__()
        config = target.config
        width, inner = config.hidden_size, config.intermediate_size
        self.heads, self.key_value_heads = config.num_attention_heads, config.num_key_value_heads
        self.head_width = width // self.heads
        self.epsilon = config.rms_norm_eps
        kv = self.key_value_heads * self.head_width

        def matrix(rows: int, columns: int) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.randn(rows, columns) / columns**0.5)

        def nothing(rows: int, columns: int) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.zeros(rows, columns))

        self.query, self.key, self.value = matrix(width, width), matrix(kv, width), matrix(kv, width)
        self.attention_out = nothing(width, width)
        self.gate, self.up, self.down = matrix(inner, width), matrix(inner, width), nothing(width, inner)
        self.attention_norm = torch.nn.Parameter(torch.ones(width))
        self.mlp_norm = torch.nn.Parameter(torch.ones(width))
        self.norm = torch.nn.Parameter(target.model.norm.weight.detach().clone())
        # Set by `smollm2_heads.linear_start`; the layer itself adds nothing at first.
        self.token_in, self.state_in = nothing(width, width), nothing(width, width)
        embedding = target.model.embed_tokens.weight.detach()
        self.register_buffer(
            "embedding", _rms_norm(embedding, (width,), None, self.epsilon), persistent=False
        )
        self.register_buffer("head", target.lm_head.weight.detach()[named], persistent=False)
        self.register_buffer("named", named)
        slots = torch.full((config.vocab_size,), -1)
        slots[named] = torch.arange(len(named))
        self.register_buffer("slot_of", slots, persistent=False)
        self.register_buffer("frequencies", target.model.rotary_emb.inv_freq.float(), persistent=False)

    def unrolled(self, tokens: torch.Tensor, states: torch.Tensor, steps: int) -> list[torch.Tensor]:
        """Run so many steps from every place at once, along the text (training-time test of EAGLE-3).

        Step j at place u follows j − 1 steps of its own: it sees what was read with the target's states up to place
        u − j + 1, and what the steps between made.

        Parameters
        ----------
        tokens, states
            (texts, length), (texts, length, width).

        Returns
        -------
        list of torch.Tensor
            States after step 1, 2, …, (texts, length, width).
        """
        length = tokens.shape[1]
        embedded = _linear(torch.nn.functional.embedding(tokens, self.embedding), self.token_in)
        angles = torch.arange(length).float()[:, None] * self.frequencies
        cosine, sine = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        feature = states
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
