"""The drafts that are tried: small Llama stacks between the target's own embeddings and head, which stay frozen."""

from dataclasses import dataclass

import torch
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaModel

_linear = torch.nn.functional.linear


@dataclass(frozen=True, slots=True)
class Shape:
    """A candidate.

    Parameters
    ----------
    layers
        Of the target that the draft begins with, as a copy; none for a stack that starts from noise.
    count
        Number of layers, if they start from noise.
    width, inner_width, heads
        Of such a stack; its input and output are projected from and to the target's width.
    tokens
        How many tokens the draft can name.
    """

    layers: tuple[int, ...] = ()
    count: int = 0
    width: int = 576
    inner_width: int = 1536
    heads: int = 9
    tokens: int = 8192


class Student(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A draft in training.

    Attributes
    ----------
    named
        The tokens that it can name, ascending, (tokens,).
    slot_of
        Where each token of the vocabulary lies among them; -1 for the others.
    """

    def __init__(self, target: LlamaForCausalLM, shape: Shape, named: torch.Tensor) -> None:
        super().__init__()
        config, wide = target.config, target.config.hidden_size
        self.projected = shape.width != wide
        self.body = LlamaModel(
            LlamaConfig(
                vocab_size=1,  # the embeddings are the target's
                hidden_size=shape.width,
                intermediate_size=shape.inner_width,
                num_hidden_layers=len(shape.layers) or shape.count,
                num_attention_heads=shape.heads,
                num_key_value_heads=config.num_key_value_heads if shape.layers else shape.heads,
                max_position_embeddings=config.max_position_embeddings,
                rms_norm_eps=config.rms_norm_eps,
                rope_parameters=dict(config.rope_parameters),
                pad_token_id=None,
                bos_token_id=None,
                eos_token_id=None,
                attn_implementation="sdpa",
            )
        )
        self.body.embed_tokens = None
        for own, index in zip(self.body.layers, shape.layers, strict=False):
            own.load_state_dict(target.model.layers[index].state_dict())
        self.register_buffer("embedding", target.model.embed_tokens.weight.detach(), persistent=False)
        self.register_buffer("head", target.lm_head.weight.detach()[named], persistent=False)
        self.register_buffer("named", named)
        slots = torch.full((config.vocab_size,), -1)
        slots[named] = torch.arange(len(named))
        self.register_buffer("slot_of", slots, persistent=False)
        if self.projected:
            # The directions in which the embeddings differ most keep most of what they say.
            basis = torch.linalg.eigh(self.head.T @ self.head)[1][:, -shape.width :].T
            # Inputs of about 1, and logits of about 1 from the normed states.
            self.into = torch.nn.Parameter(basis / (self.embedding @ basis.T).std())
            self.out_of = torch.nn.Parameter(basis / (self.head @ basis.T).norm(dim=-1).mean())
        else:
            self.body.norm.load_state_dict(target.model.norm.state_dict())

    def forward(self, tokens: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Give the logits of the named tokens at the wanted places, (places, tokens)."""
        return _linear(self.states(tokens, wanted), self.head_weight())

    def states(self, tokens: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Give the hidden states behind the last norm at the wanted places, (places, width)."""
        x = torch.nn.functional.embedding(tokens, self.embedding)
        if self.projected:
            x = _linear(x, self.into)
        return self.body(inputs_embeds=x, use_cache=False).last_hidden_state[wanted]

    def head_weight(self) -> torch.Tensor:
        """Give the output layer, (tokens, width)."""
        return _linear(self.head, self.out_of) if self.projected else self.head

    @property
    def width(self) -> int:
        """Hidden size."""
        return int(self.body.config.hidden_size)

    @property
    def trained(self) -> int:
        """Number of parameters that are the draft's own."""
        return sum(parameter.numel() for parameter in self.parameters())
