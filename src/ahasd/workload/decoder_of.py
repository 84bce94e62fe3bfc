"""The blocks that the shapes of a model make."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ahasd.workload.blocks.alternating_updates import AlternatingUpdates
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.block_layer import BlockLayer
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.per_layer_embedding import PerLayerEmbedding, PerLayerInput
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.layer_group import LayerGroup

if TYPE_CHECKING:
    from ahasd.workload.model_spec import ModelSpec


@lru_cache(maxsize=64)
def decoder_of(spec: "ModelSpec") -> Decoder:
    """Make the blocks that a model's shapes tell."""
    norm, vocabulary, hidden = _norm(spec), spec.vocabulary_size, spec.hidden_size
    width, per_layer, alternating = spec.embedding_width, None, _alternating(spec)
    if spec.per_layer_width:
        own = replace(norm, width=spec.per_layer_width)
        per_layer = PerLayerEmbedding(spec.per_layer_rows, spec.per_layer_width, spec.layers, hidden, own)
    return Decoder(
        Embedding(
            vocabulary,
            width,
            hidden,
            spec.learned_positions,
            spec.fixed_positions,
            norm if spec.embedding_norm else None,
            per_layer,
            alternating,
        ),
        tuple(Stack(_layer(spec, group), group.layers, group.name) for group in spec.groups),
        Head(
            vocabulary,
            width,
            hidden,
            norm if spec.final_norm else None,
            spec.tied_embeddings,
            spec.head_bias,
            spec.logit_soft_cap,
            alternating,
        ),
    )


def _norm(spec: "ModelSpec") -> Norm:
    return Norm(spec.hidden_size, spec.normalization, spec.normalization_bias, spec.normalization_gain)


def _layer(spec: "ModelSpec", group: LayerGroup) -> TransformerLayer[TokenMixer] | BlockLayer:
    norm, block = _norm(spec), group.experts or _feed_forward(spec, group)
    if group.parts == "feed_forward":
        return BlockLayer(block, norm)
    return TransformerLayer(
        group.mixer or _attention(spec, group),
        None if group.parts == "mixer" else block,
        norm,
        spec.parallel_layers,
        norm_placement=group.norm_placement or spec.norm_placement,
        norm_apart=spec.parallel_norm_apart,
        per_layer_input=_per_layer_input(spec, norm),
        alternating=_alternating(spec),
    )


def _attention(spec: "ModelSpec", group: LayerGroup) -> Attention:
    bias, positions = spec.query_key_value_bias, spec.positions_of(group)
    heads, head_dim = group.heads or spec.heads, group.head_dim or spec.head_dim
    return Attention(
        spec.hidden_size,
        heads,
        group.key_value_heads or spec.key_value_heads,
        head_dim,
        query_bias=bias,
        key_bias=bias,
        value_bias=bias,
        output_bias=spec.attention_output_bias,
        query_key_norm=spec.query_key_norm,
        rotary=positions == "rotary",
        position_bias=positions == "bias",
        soft_cap=spec.attention_soft_cap,
        sliding_window=group.sliding_window,
        chunk=group.chunk,
        sinks=spec.attention_sinks,
        gated=spec.attention_gate,
        value_projection=group.value_projection,
        shares_cache=group.shares_cache,
        inner_norm=replace(_norm(spec), width=heads * head_dim) if spec.inner_norms else None,
    )


def _feed_forward(spec: "ModelSpec", group: LayerGroup) -> FeedForward:
    width = group.feed_forward_size or spec.feed_forward_size
    return FeedForward(
        spec.hidden_size,
        width,
        spec.activation,
        spec.gated_feed_forward,
        spec.feed_forward_bias,
        replace(_norm(spec), width=width) if spec.inner_norms else None,
    )


def _alternating(spec: "ModelSpec") -> AlternatingUpdates | None:
    if spec.streams == 1:
        return None
    return AlternatingUpdates(spec.streams, spec.hidden_size, spec.augmented_residual_rank, _norm(spec))


def _per_layer_input(spec: "ModelSpec", norm: Norm) -> PerLayerInput | None:
    if not spec.per_layer_width:
        return None
    return PerLayerInput(spec.hidden_size, spec.per_layer_width, spec.activation, norm)
