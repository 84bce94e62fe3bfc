"""The weights of a Llama-shaped model, laid out for a lean forward; a worker can take them without transformers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.named_head import NamedHead

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

MODEL_TYPES = frozenset({"llama", "mistral", "qwen2"})

#: Rotary embeddings whose frequencies are the same at every length.
ROTARY_TYPES = frozenset({"default", "linear", "llama3", "yarn"})

#: Projections are put side by side (a copy) in models up to this size, where the calls cost more than the work; ours.
FUSED_BYTES_AT_MOST = 256e6


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer; every tensor is on the model's device and in its type.

    Parameters
    ----------
    attention_norm, mlp_norm
        Weights of the RMS norms, (width,).
    attention_in
        Projections to queries, keys and values, each with its bias or None: one fused pair or three.
    attention_out
        Projection back, transposed, (heads · head width, width).
    mlp_in
        Projections to gate and up: one fused or two.
    mlp_out
        Projection down, transposed, (inner width, width).
    """

    attention_norm: Any
    attention_in: tuple[tuple[Any, Any], ...]
    attention_out: Any
    mlp_norm: Any
    mlp_in: tuple[tuple[Any, Any], ...]
    mlp_out: Any


@dataclass(frozen=True, slots=True)
class LlamaWeights:
    """A whole model: RMS norms, rotary positions, grouped-query attention, SwiGLU.

    Parameters
    ----------
    name, context_limit, end_tokens
        As in `LanguageModel`.
    embedding, norm, head
        (vocabulary, width), (width,), (vocabulary, width); embedding and head may be one tensor.
    layers
        At least one.
    heads, key_value_heads, head_width
        Shape of the attention.
    epsilon
        Of the norms.
    frequencies
        Inverse frequencies of the rotary positions, (head_width / 2,), float32.
    rotary_scale
        Factor on their cosines and sines (yarn).
    named
        The tokens whose logits the head gives, (named,), where that is not the whole vocabulary; then the head is
        (named, width).
    """

    name: str
    context_limit: int | None
    end_tokens: frozenset[int]
    embedding: Any
    norm: Any
    head: Any
    layers: tuple[LayerWeights, ...]
    heads: int
    key_value_heads: int
    head_width: int
    epsilon: float
    frequencies: Any
    rotary_scale: float
    named: Any = None


def llama_weights(language_model: "LanguageModel") -> LlamaWeights | None:
    """Take the weights out of a model of transformers.

    Returns
    -------
    LlamaWeights or None
        None if the model has something that the lean forward does not do.
    """
    model, config = language_model.model, language_model.model.config
    if not is_llama(model, config):
        return None
    size = sum(parameter.nbytes for parameter in model.parameters())
    fuse = size <= FUSED_BYTES_AT_MOST
    body = model.model
    with torch.no_grad():
        layers = tuple(_layer(layer, fuse) for layer in body.layers)
    attention = body.layers[0].self_attn
    return LlamaWeights(
        name=language_model.name,
        context_limit=language_model.context_limit,
        end_tokens=language_model.end_tokens,
        embedding=body.embed_tokens.weight.detach(),
        norm=body.norm.weight.detach(),
        head=model.lm_head.weight.detach(),
        layers=layers,
        heads=config.num_attention_heads,
        key_value_heads=config.num_key_value_heads,
        head_width=attention.head_dim,
        epsilon=config.rms_norm_eps,
        frequencies=body.rotary_emb.inv_freq.detach().float(),
        rotary_scale=float(body.rotary_emb.attention_scaling),
        named=model.lm_head.tokens if isinstance(model.lm_head, NamedHead) else None,
    )


def is_llama(model: Any, config: Any) -> bool:
    """Whether the lean forward knows all that a model of transformers does."""
    if config.model_type not in MODEL_TYPES or config.hidden_act != "silu":
        return False
    if (config.rope_parameters or {}).get("rope_type", "default") not in ROTARY_TYPES:
        return False
    kinds = getattr(config, "layer_types", None)
    if any(kind != "full_attention" for kind in kinds or []):
        return False
    if kinds is None and getattr(config, "sliding_window", None) is not None:
        return False
    if len({parameter.device for parameter in model.parameters()}) != 1:
        return False
    # Quantised and adapted layers are of other classes; the lean forward knows biases in front of the attention only.
    linear = [module for name, module in model.named_modules() if name.endswith(("_proj", "lm_head"))]
    biased = [name for name, _ in model.named_parameters() if name.endswith("bias")]
    return (
        all(type(module) in (torch.nn.Linear, NamedHead) for module in linear)
        and all(name.split(".")[-2] in ("q_proj", "k_proj", "v_proj") for name in biased)
        and not model.training
    )


def _layer(layer: Any, fuse: bool) -> LayerWeights:
    attention, mlp = layer.self_attn, layer.mlp
    return LayerWeights(
        attention_norm=layer.input_layernorm.weight.detach(),
        attention_in=_projections((attention.q_proj, attention.k_proj, attention.v_proj), fuse),
        attention_out=attention.o_proj.weight.detach().t(),
        mlp_norm=layer.post_attention_layernorm.weight.detach(),
        mlp_in=_projections((mlp.gate_proj, mlp.up_proj), fuse),
        mlp_out=mlp.down_proj.weight.detach().t(),
    )


def _projections(modules: tuple[Any, ...], fuse: bool) -> tuple[tuple[Any, Any], ...]:
    pairs = tuple(
        (module.weight.detach(), None if module.bias is None else module.bias.detach()) for module in modules
    )
    if not fuse or len({bias is None for _, bias in pairs}) > 1:
        return pairs
    biases = [bias for _, bias in pairs if bias is not None]
    return ((torch.cat([weight for weight, _ in pairs]), torch.cat(biases) if biases else None),)
