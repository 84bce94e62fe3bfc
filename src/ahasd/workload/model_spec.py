"""What the cost of a decoder-only transformer depends on: its shapes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.block_layer import BlockLayer
from ahasd.workload.blocks.decoder import LAYER, Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.blocks.linear_recurrent_unit import LinearRecurrentUnit
from ahasd.workload.blocks.mamba import Mamba, Mamba2
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.parallel_mixers import ParallelMixers
from ahasd.workload.blocks.short_convolution import ShortConvolution
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.precision import Precision


#: Mixers that a group of layers can have in place of the model's attention.
GroupMixer = (
    Attention
    | LatentAttention
    | GatedDeltaNet
    | Mamba
    | Mamba2
    | ShortConvolution
    | LinearRecurrentUnit
    | ParallelMixers
)


class LayerGroup(BaseModel):
    """Layers of a model that differ from others of it; what is not said here is as the model says.

    Parameters
    ----------
    name
        What tells them from the other groups; the first word of their operators' names.
    layers
        How many there are, wherever they stand.
    sliding_window
        Entries that a token attends to, itself included; None is all.
    mixer
        What mixes their tokens in place of the attention that the model's fields describe.
    feed_forward
        Their feed-forward part or mixture of experts in place of the one that the model's fields describe.
    parts
        Which of mixer and feed-forward part they have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    layers: PositiveInt
    sliding_window: PositiveInt | None = None
    mixer: GroupMixer | None = None
    feed_forward: FeedForward | Experts | None = None
    parts: Literal["both", "mixer", "feed_forward"] = "both"

    @property
    def experts(self) -> Experts | None:
        """Their mixture of experts, if they have one."""
        return self.feed_forward if isinstance(self.feed_forward, Experts) else None


class ModelSpec(BaseModel):
    """Shapes of a decoder-only transformer; the number of parameters follows from them exactly.

    Parameters
    ----------
    name
        Name shown to people; in the zoo also the key.
    family
        Architecture, as `model_type` of `transformers` spells it (``palm`` is our own); costs follow from the shapes.
    layers, hidden_size, heads, key_value_heads, head_dim, feed_forward_size, vocabulary_size
        Sizes in elements. `key_value_heads` is 1 for multi-query attention, `heads` for multi-head attention. Those of
        attention are 0 where every group of layers says its own mixer, and that of the feed-forward part likewise.
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
    normalization, normalization_bias, final_norm
        Kind of norm, whether it has a bias beside its gain, and whether one precedes the head.
    query_key_norm
        Whether queries and keys are normalised per head (Qwen3).
    parallel_layers
        Whether attention and feed-forward read the same norm and are added together (PaLM, arXiv
        2204.02311 §2).
    query_key_value_bias, attention_output_bias, feed_forward_bias
        Which linear layers have a bias.
    activation
        Activation function of the feed-forward layer.
    sliding_window
        Entries that a token attends to, itself included; None is all.
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
    normalization: Literal["layer", "rms"]
    normalization_bias: bool = False
    final_norm: bool = True
    query_key_norm: bool = False
    parallel_layers: bool = False
    query_key_value_bias: bool = False
    attention_output_bias: bool = False
    feed_forward_bias: bool = False
    activation: Literal["relu", "gelu", "silu"]
    sliding_window: PositiveInt | None = None
    layer_groups: tuple[LayerGroup, ...] = ()
    further_token_layers: int = Field(default=0, ge=0)
    tokenizer: str = Field(min_length=1)
    tokenizer_assumed: bool = False
    published_parameters: PositiveInt | None = None
    source: str = ""

    @model_validator(mode="after")
    def _check_sense(self) -> Self:
        self._check_sizes()
        if 0 < self.learned_positions < (self.maximum_positions or 0):
            raise ValueError(
                f"learned_positions ({self.learned_positions}) must cover "
                f"maximum_positions ({self.maximum_positions})"
            )
        if self.learned_positions == 0 and self.head_dim % 2:
            raise ValueError(f"rotary positions need an even head_dim, not {self.head_dim}")
        if self.layer_groups:
            grouped = sum(group.layers for group in self.layer_groups)
            if grouped != self.layers:
                raise ValueError(f"layer_groups hold {grouped} layers, and there are {self.layers}")
            if len({group.name for group in self.layer_groups}) < len(self.layer_groups):
                raise ValueError("two of layer_groups have the same name")
        if self.normalization == "rms" and self.normalization_bias:
            raise ValueError("an RMS norm has no bias; set normalization_bias to false")
        return self

    def _check_sizes(self) -> None:
        """See that what groups of layers leave to the model is there."""
        groups = self.layer_groups
        without_mixer = not groups or any(g.mixer is None and g.parts != "feed_forward" for g in groups)
        without_block = not groups or any(g.feed_forward is None and g.parts != "mixer" for g in groups)
        needed = {"heads", "key_value_heads", "head_dim"} if without_mixer else set()
        for field in sorted(needed | ({"feed_forward_size"} if without_block else set())):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} must be at least 1, not {getattr(self, field)}")
        if self.key_value_heads and self.heads % self.key_value_heads:
            raise ValueError(
                f"heads ({self.heads}) must be a multiple of key_value_heads ({self.key_value_heads})"
            )

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
        inactive = sum(
            group.layers * group.experts.inactive_parameters
            for group in self.layer_groups
            if group.experts is not None
        )
        return self.parameters - inactive

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the table of token embeddings."""
        return self.vocabulary_size * self.embedding_width

    @property
    def experts(self) -> tuple[Experts, ...]:
        """The mixtures of experts that its layers have, each once."""
        return tuple(dict.fromkeys(g.experts for g in self.layer_groups if g.experts is not None))

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


@lru_cache(maxsize=64)
def _decoder(spec: ModelSpec) -> Decoder:
    groups = spec.layer_groups or (
        LayerGroup(name=LAYER, layers=spec.layers, sliding_window=spec.sliding_window),
    )
    norm = _norm(spec)
    vocabulary, width, hidden = spec.vocabulary_size, spec.embedding_width, spec.hidden_size
    return Decoder(
        Embedding(vocabulary, width, hidden, spec.learned_positions),
        tuple(Stack(_layer(spec, group), group.layers, group.name) for group in groups),
        Head(vocabulary, width, hidden, norm if spec.final_norm else None, spec.tied_embeddings),
    )


def _norm(spec: ModelSpec) -> Norm:
    return Norm(spec.hidden_size, spec.normalization, spec.normalization_bias)


def _layer(spec: ModelSpec, group: LayerGroup) -> TransformerLayer[TokenMixer] | BlockLayer:
    block = None if group.parts == "mixer" else group.feed_forward or _feed_forward(spec)
    if group.parts == "feed_forward":
        assert block is not None
        return BlockLayer(block, _norm(spec))
    mixer = group.mixer or _attention(spec, group)
    return TransformerLayer(mixer, block, _norm(spec), spec.parallel_layers)


def _attention(spec: ModelSpec, group: LayerGroup) -> Attention:
    bias = spec.query_key_value_bias
    return Attention(
        spec.hidden_size,
        spec.heads,
        spec.key_value_heads,
        spec.head_dim,
        query_bias=bias,
        key_bias=bias,
        value_bias=bias,
        output_bias=spec.attention_output_bias,
        query_key_norm=spec.query_key_norm,
        rotary=not spec.learned_positions,
        sliding_window=group.sliding_window,
    )


def _feed_forward(spec: ModelSpec) -> FeedForward:
    return FeedForward(
        spec.hidden_size,
        spec.feed_forward_size,
        spec.activation,
        spec.gated_feed_forward,
        spec.feed_forward_bias,
    )


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
