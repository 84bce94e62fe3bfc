"""What the cost of a decoder-only transformer depends on: its shapes."""

from collections.abc import Mapping
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
from ahasd.workload.blocks.decoder import LAYER, Decoder
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import Activation
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.blocks.transformer_layer import NormPlacement
from ahasd.workload.decoder_of import decoder_of
from ahasd.workload.layer_group import LayerGroup, Positions
from ahasd.workload.precision import Precision
from ahasd.workload.spec_faults import faults_of
from ahasd.workload.stored_weights import StoredWeights


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
    stored_weights
        How the weights are kept, where a file says so; None leaves that to the run.
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
    stored_weights: StoredWeights | None = None
    source: str = ""

    @field_validator("query_key_norm", mode="before")
    @classmethod
    def _plain_query_key_norm(cls, value: object) -> object:
        return (HeadNorm() if value else None) if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _check_sense(self) -> Self:
        fault = next(faults_of(self), None)
        if fault is not None:
            raise ValueError(fault)
        return self

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
        return decoder_of(self)

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
