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
        Sizes in elements. `key_value_heads` is 1 for multi-query attention, `heads` for multi-head attention.
    gated_feed_forward
        Whether an up projection is multiplied by an activated gate (three matrices rather than two).
    tied_embeddings
        Whether the language-model head is the embedding table.
    maximum_positions
        Longest text, in tokens, that the model was made for.
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
    heads: PositiveInt
    key_value_heads: PositiveInt
    head_dim: PositiveInt
    feed_forward_size: PositiveInt
    gated_feed_forward: bool
    vocabulary_size: PositiveInt
    tied_embeddings: bool
    maximum_positions: PositiveInt
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
    activation: Activation
    sliding_window: PositiveInt | None = None
    per_layer_rows: int = Field(default=0, ge=0)
    per_layer_width: int = Field(default=0, ge=0)
    streams: PositiveInt = 1
    augmented_residual_rank: int = Field(default=0, ge=0)
    layer_groups: tuple[LayerGroup, ...] = ()
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

    def require_positions(self, entries: int) -> None:
        """Refuse a text of `entries` tokens that the position table cannot number.

        Rotary positions have no table and are never refused here: beyond `maximum_positions` quality
        suffers, cost does not.

        Raises
        ------
        AhasdError
            The model has learned positions and fewer of them than `entries`.
        """
        if self.learned_positions and entries > self.maximum_positions:
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
