"""What the cost of a decoder-only transformer depends on: its shapes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from ahasd.errors import AhasdError
from ahasd.workload.blocks.alternating_updates import AlternatingUpdates
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.block_layer import BlockLayer
from ahasd.workload.blocks.decoder import LAYER, Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import Activation, FeedForward
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.blocks.indexed_attention import IndexedAttention
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.blocks.linear_recurrent_unit import LinearRecurrentUnit
from ahasd.workload.blocks.mamba import Mamba, Mamba2
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.parallel_mixers import ParallelMixers
from ahasd.workload.blocks.per_layer_embedding import PerLayerEmbedding, PerLayerInput
from ahasd.workload.blocks.short_convolution import ShortConvolution
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.blocks.transformer_layer import NormPlacement, TransformerLayer
from ahasd.workload.precision import Precision

#: How a layer knows places: queries and keys are rotated, or scores are lowered by distance; or it does not, since
#: the embedding says or nothing does.
Positions = Literal["rotary", "bias", "none"]


#: Mixers that a group of layers can have in place of the model's attention.
GroupMixer = (
    Attention
    | LatentAttention
    | IndexedAttention
    | GatedDeltaNet
    | Mamba
    | Mamba2
    | ShortConvolution
    | LinearRecurrentUnit
    | ParallelMixers
)


class LayerGroup(BaseModel):
    """Layers of a model that differ from others of it; a size that is not said here is the model's.

    Parameters
    ----------
    name
        What tells them from the other groups; the first word of their operators' names.
    layers
        How many there are, wherever they stand.
    sliding_window
        Entries that a token attends to, itself included; None is all.
    heads, key_value_heads, head_dim, feed_forward_size, positions
        As in the model, where these layers' are others.
    value_projection
        Whether values have a matrix of their own; else they are the keys before norm and rotation (Gemma 4).
    shares_cache
        Whether keys and values are those of another layer, which keeps them (Gemma 3n).
    chunk
        Length of the parts of the text that do not attend to each other (Llama 4); None is one part.
    mixer
        What mixes their tokens in place of the attention that the fields describe.
    experts
        Their mixture of experts in place of the feed-forward part that the fields describe.
    parts
        Which of mixer and feed-forward part they have.
    norm_placement
        Where their norms stand, if not where the model's do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    layers: PositiveInt
    sliding_window: PositiveInt | None = None
    heads: PositiveInt | None = None
    key_value_heads: PositiveInt | None = None
    head_dim: PositiveInt | None = None
    feed_forward_size: PositiveInt | None = None
    positions: Positions | None = None
    value_projection: bool = True
    shares_cache: bool = False
    chunk: PositiveInt | None = None
    mixer: GroupMixer | None = None
    experts: Experts | None = None
    parts: Literal["both", "mixer", "feed_forward"] = "both"
    norm_placement: NormPlacement | None = None


class ModelSpec(BaseModel):
    """Shapes of a decoder-only transformer; the number of parameters follows from them exactly.

    Parameters
    ----------
    name
        Name shown to people; in the zoo also the key.
    family
        Architecture, as `model_type` of `transformers` spells it (``palm`` is our own); costs follow from the shapes.
    layers, hidden_size, heads, key_value_heads, head_dim, feed_forward_size, vocabulary_size
        Sizes in elements. `key_value_heads` is 1 for multi-query attention, `heads` for multi-head attention. Those
        of attention are 0 where every group of layers says its own mixer, and that of the feed-forward part likewise.
    gated_feed_forward
        Whether an up projection is multiplied by an activated gate (three matrices rather than two).
    tied_embeddings
        Whether the language-model head is the embedding table.
    maximum_positions
        Longest text, in tokens, that the model was made for; None where its file says none (Mamba).
    learned_positions
        Rows of a learned position table (OPT: maximum_positions + 2); 0 means rotary positions.
    embedding_size
        Width of the token embedding where it differs from the hidden size (OPT-350m), else None.
    fixed_positions
        Whether positions are added to the embedding that are computed rather than learned (XGLM).
    positions
        How layers know places, if not by a table of either kind.
    normalization, normalization_bias, normalization_gain
        Kind of norm, whether it has a bias, and whether it has a gain.
    final_norm, embedding_norm, inner_norms
        Whether a norm precedes the head, follows the embedding (BLOOM), or precedes the last matrix of each block
        (BitNet).
    norm_placement
        Whether the norms of the blocks stand before them, behind them (OLMo 2) or on both sides (Gemma 2).
    query_key_norm
        How queries and keys are normalised, if they are; true is an RMS norm head by head (Qwen3).
    parallel_layers, parallel_norm_apart
        Whether attention and feed-forward read what enters the layer and are added together (PaLM, arXiv
        2204.02311 §2), and whether each then has a norm of its own (GPT-NeoX).
    query_key_value_bias, attention_output_bias, feed_forward_bias, head_bias
        Which linear layers have a bias.
    attention_soft_cap, logit_soft_cap
        Whether scores and logits are capped by a tanh (Gemma 2).
    attention_sinks, attention_gate
        Whether each query head has a score of its own that takes a part of the probability (gpt-oss), and whether
        what was attended to is multiplied by a gate (Qwen3-Next).
    activation
        Activation function of the feed-forward layer.
    sliding_window
        Entries that a token attends to, itself included; None is all.
    per_layer_rows, per_layer_width
        A second embedding, of which each layer reads channels of its own: rows of its table and channels for a layer
        (Gemma 3n); 0 where there is none.
    streams, augmented_residual_rank
        Streams of hidden_size side by side, of which layers work on one, and channels inside of the augmented
        residual that each layer then has (Gemma 3n).
    layer_groups
        Where layers differ, the groups of equal ones, which together are `layers`; empty where all are equal.
    further_token_layers
        Layers that predict tokens beyond the next one (DeepSeek-V3's MTP), counted apart: a plain pass has none of
        them, and neither `layers` nor `parameters` do.
    tokenizer
        Family of tokenizers: two models with the same one give a text the same token numbers.
    tokenizer_assumed
        Whether that is only what architecture and vocabulary size suggest, since no tokenizer was at hand.
    published_parameters
        Parameters as published, in `source`; None where nobody published a number.
    source
        Where shapes and published count come from.

    Raises
    ------
    pydantic.ValidationError
        A value makes no sense; `build_spec` turns it into an AhasdError that names the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    family: str = Field(min_length=1)
    layers: PositiveInt
    hidden_size: PositiveInt
    heads: int = Field(ge=0)
    key_value_heads: int = Field(ge=0)
    head_dim: int = Field(ge=0)
    feed_forward_size: int = Field(ge=0)
    gated_feed_forward: bool
    vocabulary_size: PositiveInt
    tied_embeddings: bool
    maximum_positions: PositiveInt | None
    learned_positions: int = Field(default=0, ge=0)
    embedding_size: PositiveInt | None = None
    fixed_positions: bool = False
    positions: Positions = "rotary"
    normalization: Literal["layer", "rms"]
    normalization_bias: bool = False
    normalization_gain: bool = True
    final_norm: bool = True
    embedding_norm: bool = False
    inner_norms: bool = False
    norm_placement: NormPlacement = "before"
    query_key_norm: HeadNorm | None = None
    parallel_layers: bool = False
    parallel_norm_apart: bool = False
    query_key_value_bias: bool = False
    attention_output_bias: bool = False
    feed_forward_bias: bool = False
    head_bias: bool = False
    attention_soft_cap: bool = False
    logit_soft_cap: bool = False
    attention_sinks: bool = False
    attention_gate: bool = False
    activation: Activation
    sliding_window: PositiveInt | None = None
    per_layer_rows: int = Field(default=0, ge=0)
    per_layer_width: int = Field(default=0, ge=0)
    streams: PositiveInt = 1
    augmented_residual_rank: int = Field(default=0, ge=0)
    layer_groups: tuple[LayerGroup, ...] = ()
    further_token_layers: int = Field(default=0, ge=0)
    tokenizer: str = Field(min_length=1)
    tokenizer_assumed: bool = False
    published_parameters: PositiveInt | None = None
    source: str = ""

    @field_validator("query_key_norm", mode="before")
    @classmethod
    def _plain_query_key_norm(cls, value: object) -> object:
        return (HeadNorm() if value else None) if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _check_sense(self) -> Self:
        if 0 < self.learned_positions < (self.maximum_positions or 0):
            raise ValueError(
                f"learned_positions ({self.learned_positions}) must cover "
                f"maximum_positions ({self.maximum_positions})"
            )
        for group in self.groups:
            if group.mixer is None and group.parts != "feed_forward":
                self._check_attention(group)
            if group.experts is None and group.parts != "mixer":
                _at_least_one(feed_forward_size=group.feed_forward_size or self.feed_forward_size)
        if self.layer_groups:
            grouped = sum(group.layers for group in self.layer_groups)
            if grouped != self.layers:
                raise ValueError(f"layer_groups hold {grouped} layers, and there are {self.layers}")
            if len({group.name for group in self.layer_groups}) < len(self.layer_groups):
                raise ValueError("two of layer_groups have the same name")
        if self.normalization == "rms" and self.normalization_bias:
            raise ValueError("an RMS norm has no bias; set normalization_bias to false")
        if self.parallel_layers and self.norm_placement != "before":
            raise ValueError("parallel layers have their norms before them, not behind")
        if self.parallel_norm_apart and not self.parallel_layers:
            raise ValueError("parallel_norm_apart is for parallel_layers")
        if self.positions != "rotary" and self.learned_positions:
            raise ValueError("learned_positions are all positions that a model has; leave positions out")
        if (self.per_layer_rows > 0) != (self.per_layer_width > 0):
            raise ValueError("per_layer_rows and per_layer_width go together")
        if (self.streams > 1) != (self.augmented_residual_rank > 0):
            raise ValueError("several streams and augmented_residual_rank go together")
        plain = self.parallel_layers or self.norm_placement == "behind"
        if self.streams > 1 and (plain or not self.per_layer_width):
            raise ValueError(
                "several streams need per_layer_width, and norms before blocks that are not parallel"
            )
        return self

    def _check_attention(self, group: LayerGroup) -> None:
        heads, shared = group.heads or self.heads, group.key_value_heads or self.key_value_heads
        head_dim = group.head_dim or self.head_dim
        _at_least_one(heads=heads, key_value_heads=shared, head_dim=head_dim)
        if heads % shared:
            raise ValueError(f"heads ({heads}) must be a multiple of key_value_heads ({shared})")
        if self.positions_of(group) == "rotary" and head_dim % 2:
            raise ValueError(f"rotary positions need an even head_dim, not {head_dim}")

    @property
    def groups(self) -> tuple[LayerGroup, ...]:
        """The groups of equal layers; one where all are equal."""
        alone = LayerGroup(name=LAYER, layers=self.layers, sliding_window=self.sliding_window)
        return self.layer_groups or (alone,)

    def positions_of(self, group: LayerGroup) -> Positions:
        """How the layers of a group know places."""
        in_embedding = self.learned_positions or self.fixed_positions
        return "none" if in_embedding else group.positions or self.positions

    @property
    def query_width(self) -> int:
        """Elements of all query heads of one token."""
        return self.heads * self.head_dim

    @property
    def key_value_width(self) -> int:
        """Elements of all key heads of one token (as many again for the values)."""
        return self.key_value_heads * self.head_dim

    @property
    def embedding_width(self) -> int:
        """Elements of one token's embedding."""
        return self.embedding_size or self.hidden_size

    @property
    def decoder(self) -> Decoder:
        """The blocks that these shapes make."""
        return _decoder(self)

    @property
    def parameters(self) -> int:
        """Parameters, exactly, from the shapes."""
        return self.decoder.forward_pass(1, 0, Precision()).parameters

    @property
    def active_parameters(self) -> int:
        """Parameters but those of experts that a token does not take, exactly; all of a dense model.

        The tables of embeddings are among them, of which a token reads a row: some publishers leave that of the
        tokens out where the head has a matrix of its own (`embedding_parameters`).
        """
        mixtures = [(group.layers, group.experts) for group in self.groups if group.experts is not None]
        return self.parameters - sum(layers * experts.inactive_parameters for layers, experts in mixtures)

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the table of token embeddings."""
        return self.vocabulary_size * self.embedding_width

    @property
    def experts(self) -> tuple[Experts, ...]:
        """The mixtures of experts that its layers have, each once."""
        return tuple(dict.fromkeys(group.experts for group in self.groups if group.experts is not None))

    def require_positions(self, entries: int) -> None:
        """Refuse a text of `entries` tokens that the position table cannot number.

        Rotary positions have no table and are never refused here: beyond `maximum_positions` quality
        suffers, cost does not.

        Raises
        ------
        AhasdError
            The model has learned positions and fewer of them than `entries`.
        """
        if self.learned_positions and self.maximum_positions and entries > self.maximum_positions:
            raise AhasdError(
                f"{self.name} has positions for {self.maximum_positions} tokens, and the run needs "
                f"{entries}: use a shorter prompt or fewer tokens"
            )


def _at_least_one(**sizes: int) -> None:
    for field, size in sizes.items():
        if size < 1:
            raise ValueError(f"{field} must be at least 1, not {size}")


@lru_cache(maxsize=64)
def _decoder(spec: ModelSpec) -> Decoder:
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


def _norm(spec: ModelSpec) -> Norm:
    return Norm(spec.hidden_size, spec.normalization, spec.normalization_bias, spec.normalization_gain)


def _layer(spec: ModelSpec, group: LayerGroup) -> TransformerLayer[TokenMixer] | BlockLayer:
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


def _attention(spec: ModelSpec, group: LayerGroup) -> Attention:
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


def _feed_forward(spec: ModelSpec, group: LayerGroup) -> FeedForward:
    width = group.feed_forward_size or spec.feed_forward_size
    return FeedForward(
        spec.hidden_size,
        width,
        spec.activation,
        spec.gated_feed_forward,
        spec.feed_forward_bias,
        replace(_norm(spec), width=width) if spec.inner_norms else None,
    )


def _alternating(spec: ModelSpec) -> AlternatingUpdates | None:
    if spec.streams == 1:
        return None
    return AlternatingUpdates(spec.streams, spec.hidden_size, spec.augmented_residual_rank, _norm(spec))


def _per_layer_input(spec: ModelSpec, norm: Norm) -> PerLayerInput | None:
    if not spec.per_layer_width:
        return None
    return PerLayerInput(spec.hidden_size, spec.per_layer_width, spec.activation, norm)


def build_spec(values: Mapping[str, Any], origin: str) -> ModelSpec:
    """Make a ModelSpec, turning what is wrong into an error that names where it came from.

    Parameters
    ----------
    values
        Fields of ModelSpec.
    origin
        File or other origin to name in errors.

    Raises
    ------
    AhasdError
        A field is missing, unknown or makes no sense.
    """
    try:
        return ModelSpec.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'model'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise AhasdError(f"{origin}: {faults}") from error
