"""The unit of work that devices cost: one operator of a forward pass, with its shape and its traffic."""

from dataclasses import dataclass
from enum import StrEnum

from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import FINE_PARAMETER_BYTES, Precision


class OperatorKind(StrEnum):
    """What an operator asks of a device."""

    MATMUL = "matmul"
    """Product with a weight matrix."""
    SCORE = "score"
    """Product of queries and cached keys: an output for each entry of the cache."""
    CONTEXT = "context"
    """Product of probabilities and cached values: an input for each entry of the cache."""
    APPEND = "append"
    """Writing new keys and values to the cache."""
    VECTOR = "vector"
    """Element-wise or non-linear work: softmax, norm, activation function, rotary, residual."""
    GATHER = "gather"
    """Look-up of rows in a table."""

    @property
    def is_attention(self) -> bool:
        """Whether it is a product with the key-value cache."""
        return self in (OperatorKind.SCORE, OperatorKind.CONTEXT)

    @property
    def is_product(self) -> bool:
        """Whether it multiplies matrices."""
        return self is OperatorKind.MATMUL or self.is_attention


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator, all its instances in the pass together.

    Shapes are those of one instance; counts and bytes are totals over all instances.

    Parameters
    ----------
    name
        Where it stands: ``layer.query``, ``layer.score``, ``layer.softmax``, ``lm_head``, …
    kind
        What it asks of a device.
    rows, inputs, outputs
        M, K and N of one instance: (M × K) by (K × N). For attention, M is tokens × query heads per
        key-value head, and the longer of the other two is the cache entries of the last token, so
        M·K·N × instances exceeds `macs` by the causal half. For vector work K = N = the width of a row, for an
        append that of a head.
    instances
        Identical products: layers, or layers × key-value heads for attention.
    launches
        Kernel launches: heads go in one launch, so layers.
    macs
        Multiply-accumulates of products; 0 for vector work and look-ups.
    weight_bytes
        Matrix weights, biases and norm gains read, each once however many rows there are.
    kv_read_bytes, kv_write_bytes
        Key-value cache read (once per pass, the new entries included) and appended.
    input_bytes, output_bytes
        Activations that enter and leave.
    vector_operations
        Element operations of vector work (see `ahasd.workload.vector_counts`); 0 for other kinds.
    within_attention
        Whether it makes or takes attention scores, which a device that fuses attention keeps to itself.
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
        instances=layer.instances,
        launches=layer.instances,
        macs=rows * layer.weights,
        weight_bytes=precision.matrix_bytes(layer.weights) + FINE_PARAMETER_BYTES * layer.biases,
        input_bytes=precision.activation_bytes(layer.instances * rows * layer.inputs),
        output_bytes=precision.activation_bytes(layer.instances * rows * layer.outputs),
    )


def gather(name: str, rows: int, width: int, precision: Precision) -> Operator:
    """Look-up of `rows` rows of `width` elements in a table kept at the weight width.

    The token numbers themselves are not counted.
    """
    return Operator(
        name=name,
        kind=OperatorKind.GATHER,
        rows=rows,
        inputs=width,
        outputs=width,
        instances=1,
        launches=1,
        weight_bytes=precision.matrix_bytes(rows * width),
        output_bytes=precision.activation_bytes(rows * width),
    )


def vector(
    name: str,
    rows: int,
    width: int,
    instances: int,
    precision: Precision,
    *,
    operations_per_element: int,
    operands: int = 1,
    fine_parameters: int = 0,
) -> Operator:
    """Element-wise work on `rows` × `width` elements in each instance.

    Parameters
    ----------
    operations_per_element
        Element operations per output element.
    operands
        Inputs of the result's size that are read: 2 for a residual addition or a gate.
    fine_parameters
        Gains and biases read, in one instance.
    """
    elements = instances * rows * width
    return Operator(
        name=name,
        kind=OperatorKind.VECTOR,
        rows=rows,
        inputs=width,
        outputs=width,
        instances=instances,
        launches=instances,
        weight_bytes=FINE_PARAMETER_BYTES * fine_parameters * instances,
        input_bytes=precision.activation_bytes(operands * elements),
        output_bytes=precision.activation_bytes(elements),
        vector_operations=operations_per_element * elements,
    )
