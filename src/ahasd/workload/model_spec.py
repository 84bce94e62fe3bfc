"""What the cost of a decoder-only transformer depends on: its shapes."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from ahasd.errors import AhasdError
from ahasd.workload.linear_layer import LinearLayer


class ModelSpec(BaseModel):
    """Shapes of a decoder-only transformer; the number of parameters follows from them exactly.

    Parameters
    ----------
    name
        Name shown to people; in the zoo also the key.
    family
        Architecture: opt, gpt2, llama, mistral, qwen2, qwen3 or palm.
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
    tokenizer
        Family of tokenizers: two models with the same one give a text the same token numbers.
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
    family: Literal["opt", "gpt2", "llama", "mistral", "qwen2", "qwen3", "palm"]
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
    tokenizer: str = Field(min_length=1)
    published_parameters: PositiveInt | None = None
    source: str = ""

    @model_validator(mode="after")
    def _check_sense(self) -> Self:
        if self.heads % self.key_value_heads:
            raise ValueError(
                f"heads ({self.heads}) must be a multiple of key_value_heads ({self.key_value_heads})"
            )
        if 0 < self.learned_positions < self.maximum_positions:
            raise ValueError(
                f"learned_positions ({self.learned_positions}) must cover "
                f"maximum_positions ({self.maximum_positions})"
            )
        if self.learned_positions == 0 and self.head_dim % 2:
            raise ValueError(f"rotary positions need an even head_dim, not {self.head_dim}")
        if self.normalization == "rms" and self.normalization_bias:
            raise ValueError("an RMS norm has no bias; set normalization_bias to false")
        return self

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
    def norms_per_layer(self) -> int:
        """Norms in a layer: parallel layers share one."""
        return 1 if self.parallel_layers else 2

    @property
    def norm_parameters(self) -> int:
        """Gain and bias elements of one norm over the hidden size."""
        return self.hidden_size * (2 if self.normalization_bias else 1)

    @property
    def linear_layers(self) -> tuple[LinearLayer, ...]:
        """All products with a weight matrix, the head included, in order of execution."""
        hidden, feed_forward, layers = self.hidden_size, self.feed_forward_size, self.layers
        attention_bias, output_bias = self.query_key_value_bias, self.attention_output_bias
        feed_forward_bias = self.feed_forward_bias
        products = [
            LinearLayer("layer.query", hidden, self.query_width, layers, attention_bias),
            LinearLayer("layer.key", hidden, self.key_value_width, layers, attention_bias),
            LinearLayer("layer.value", hidden, self.key_value_width, layers, attention_bias),
            LinearLayer("layer.attention_output", self.query_width, hidden, layers, output_bias),
            LinearLayer("layer.up", hidden, feed_forward, layers, feed_forward_bias),
            LinearLayer("layer.down", feed_forward, hidden, layers, feed_forward_bias),
            LinearLayer("lm_head", self.embedding_width, self.vocabulary_size, 1),
        ]
        if self.gated_feed_forward:
            products.insert(4, LinearLayer("layer.gate", hidden, feed_forward, layers, feed_forward_bias))
        if self.embedding_width != hidden:
            products.insert(0, LinearLayer("project_in", self.embedding_width, hidden, 1))
            products.insert(-1, LinearLayer("project_out", hidden, self.embedding_width, 1))
        return tuple(products)

    @property
    def matrix_parameters(self) -> int:
        """Elements of all matrices and tables, a tied head counted once."""
        products = sum(layer.weights for layer in self.linear_layers)
        embedding = 0 if self.tied_embeddings else self.vocabulary_size * self.embedding_width
        return products + embedding + self.learned_positions * self.hidden_size

    @property
    def fine_parameters(self) -> int:
        """Elements of all biases and norm gains."""
        biases = sum(layer.biases for layer in self.linear_layers)
        norms = self.layers * self.norms_per_layer + (1 if self.final_norm else 0)
        query_key_gains = 2 * self.head_dim * self.layers if self.query_key_norm else 0
        return biases + norms * self.norm_parameters + query_key_gains

    @property
    def parameters(self) -> int:
        """Parameters, exactly, from the shapes."""
        return self.matrix_parameters + self.fine_parameters

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
