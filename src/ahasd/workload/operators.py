"""The unit of work that devices cost: one operator of a forward pass, with its shape and its traffic."""

from dataclasses import dataclass
from enum import StrEnum

from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision


class OperatorKind(StrEnum):
    """What an operator asks of a device."""

    MATMUL = "matmul"
    """Product with a weight matrix."""
    CONVOLUTION = "convolution"
    """Product with a kernel that slides over its input."""
    SCORE = "score"
    """Product of queries and keys: an output for each entry that is attended to."""
    CONTEXT = "context"
    """Product of probabilities and values: an input for each entry that is attended to."""
    APPEND = "append"
    """Writing new keys and values to the cache."""
    RECURRENCE = "recurrence"
    """Reading a state of fixed size, rewriting it token by token and writing it back."""
    VECTOR = "vector"
    """Element-wise or non-linear work: softmax, norm, activation function, rotary, residual, pooling."""
    GATHER = "gather"
    """Look-up of rows in a table."""

    @property
    def is_attention(self) -> bool:
        """Whether it is a product with keys or values."""
        return self in (OperatorKind.SCORE, OperatorKind.CONTEXT)

    @property
    def has_weights(self) -> bool:
        """Whether it is a product with weights."""
        return self in (OperatorKind.MATMUL, OperatorKind.CONVOLUTION)

    @property
    def is_product(self) -> bool:
        """Whether it multiplies matrices."""
        return self.has_weights or self.is_attention


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator, all its instances together.

    Shapes are those of one instance; counts and bytes are totals over all instances.

    Parameters
    ----------
    name
        Where it stands: ``layer.query``, ``layer.score``, ``layer.softmax``, ``lm_head``, …
    kind
        What it asks of a device.
    rows, inputs, outputs
        M, K and N of one instance: (M × K) by (K × N). For attention, M is tokens × query heads per
        key-value head, and the longer of the other two is the entries that the last token attends to, so
        M·K·N × instances exceeds `macs` by the causal half. For a convolution, M is the positions of the output, K
        the elements of one group's kernel and N its outputs. For vector work K = N = the width of a row, for an
        append that of a head. For a recurrence, M is the tokens, and K × N the state of a head.
    instances
        Identical products: of layers, key-value heads, experts, groups. Experts take different numbers of tokens: M
        is then the mean, rounded up (`mean_rows`).
    launches
        Kernel launches: heads, experts and groups go in one launch, so layers.
    macs
        Multiply-accumulates of products; 0 for vector work and look-ups.
    weight_bytes
        Matrix weights, biases and norm gains read, each once however many rows there are.
    kv_read_bytes, kv_write_bytes
        Key-value cache read (once per pass, the new entries included) and appended; state read and written.
    input_bytes, output_bytes
        Activations that enter and leave.
    vector_operations
        Element operations of vector work (see `ahasd.workload.vector_counts`); 0 for other kinds.
    within_attention
        Whether it makes or takes attention scores, which a device that fuses attention keeps to itself.
    weight_word_bits, weight_stored_bits
        Width as which arithmetic counts its weights, and bits that one of them takes with its scales, where the model
        says how they are kept; None is the width of the run.
    within_layer
        Whether it belongs to the layers, which a model repeats, rather than to what stands before or after them.
    reads_again
        Whether the cache that it reads is what the scores before it have just read, as values of latent attention are
        a part of its keys: fused attention has them at hand.
    """

    name: str
    kind: OperatorKind
    rows: int
    inputs: int
    outputs: int
    instances: int
    launches: int
    macs: int = 0
    weight_bytes: int = 0
    kv_read_bytes: int = 0
    kv_write_bytes: int = 0
    input_bytes: int = 0
    output_bytes: int = 0
    vector_operations: int = 0
    within_attention: bool = False
    within_layer: bool = False
    weight_word_bits: int | None = None
    weight_stored_bits: float | None = None
    reads_again: bool = False

    @property
    def mean_rows(self) -> float:
        """Rows of an instance of a product with weights in the mean: fewer than `rows` where experts differ."""
        return self.macs / (self.inputs * self.outputs * self.instances)

    @property
    def on_cache(self) -> bool:
        """Whether it reads or writes the cache or a state, which lies in one place and one layout."""
        return self.kv_read_bytes > 0 or self.kv_write_bytes > 0

    def in_layers(self, name: str, layers: int) -> "Operator":
        """Return the operators of so many equal layers as one, named ``<name>.<own name>``."""
        return Operator(
            f"{name}.{self.name}",
            self.kind,
            self.rows,
            self.inputs,
            self.outputs,
            self.instances * layers,
            self.launches * layers,
            self.macs * layers,
            self.weight_bytes * layers,
            self.kv_read_bytes * layers,
            self.kv_write_bytes * layers,
            self.input_bytes * layers,
            self.output_bytes * layers,
            self.vector_operations * layers,
            self.within_attention,
            True,
            self.weight_word_bits,
            self.weight_stored_bits,
            self.reads_again,
        )


def matmul(layer: LinearLayer, rows: int, precision: Precision) -> Operator:
    """Operator of a linear layer applied to `rows` rows.

    A bias is added inside the matrix unit's accumulators: its bytes count, its additions do not.
    """
    return Operator(
        name=layer.name,
        kind=OperatorKind.MATMUL,
        rows=rows,
        inputs=layer.inputs,
        outputs=layer.outputs,
        instances=1,
        launches=1,
        macs=rows * layer.weights,
        weight_bytes=layer.bytes(precision),
        input_bytes=precision.activation_bytes(rows * layer.inputs),
        output_bytes=precision.activation_bytes(rows * layer.outputs),
    )
