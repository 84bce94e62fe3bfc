"""What layers keep instead of keys and values: a state of fixed size that every token rewrites."""

from dataclasses import dataclass
from math import prod

from ahasd.workload import vector_counts
from ahasd.workload.blocks.token_mixer import Mixed
from ahasd.workload.element_type import ElementType
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.value import ValueKind, tensor


@dataclass(frozen=True, slots=True)
class State:
    """A state.

    Parameters
    ----------
    heads, inputs, outputs
        So many matrices of inputs × outputs.
    element_type
        Of its elements, whatever the width of caches. Recurrent states are kept as FP32, since every token adds to
        them (llama.cpp, and the kernels of Mamba and of gated delta nets); the last inputs of a convolution as
        activations mostly are, FP16.
    """

    heads: int
    inputs: int
    outputs: int
    element_type: ElementType = ElementType.FLOAT32

    @property
    def elements(self) -> int:
        """Elements of all heads."""
        return self.heads * self.inputs * self.outputs

    @property
    def bytes(self) -> int:
        """Bytes of all heads."""
        return self.element_type.bytes_of(self.elements)


def rewrite(
    graph: GraphBuilder,
    name: str,
    state: State,
    inputs: tuple[str, ...],
    shape: tuple[int, int],
    macs: int,
    operations: int,
    constants: tuple[str, ...] = (),
) -> Mixed:
    """Add the walk of the tokens of a pass over a state, which is read once before and written once after it.

    Parameters
    ----------
    name
        Of the node.
    state
        What is rewritten.
    inputs
        What the tokens bring.
    shape
        Of what comes out: tokens × channels.
    macs, operations
        Multiply-accumulates and other element operations of a token.
    constants
        Kernels, decays and biases.
    """
    tokens, precision = shape[0], graph.precision
    held = graph.input(f"{name}_state", (state.heads, state.inputs, state.outputs), state.element_type)
    operator = Operator(
        name,
        OperatorKind.RECURRENCE,
        tokens,
        state.inputs,
        state.outputs,
        state.heads,
        1,
        macs=tokens * macs,
        weight_bytes=sum(map(graph.bytes, constants)),
        kv_read_bytes=state.bytes,
        kv_write_bytes=state.bytes,
        input_bytes=sum(map(graph.bytes, inputs)),
        output_bytes=precision.activation_bytes(prod(shape)),
        vector_operations=tokens * operations,
    )
    made = tensor(name, ValueKind.ACTIVATION, shape, precision.activation_type)
    after = tensor(f"{held}.rewritten", ValueKind.OUTPUT, graph.shape(held), state.element_type, held)
    graph.add(operator, (*inputs, held, *constants), made, after)
    return Mixed(made.name, (after.name,))


@dataclass(frozen=True, slots=True)
class CausalConvolution:
    """A short kernel for each channel over the last tokens; what it keeps is their channels.

    Parameters
    ----------
    channels, kernel
        How many, and how many tokens a kernel covers, its own among them.
    bias
        Whether each channel has one.
    activated
        Whether a SiLU follows.
    """

    channels: int
    kernel: int
    bias: bool = False
    activated: bool = True

    @property
    def state(self) -> State:
        """The tokens before that a kernel still covers."""
        return State(1, self.channels, self.kernel - 1, ElementType.FLOAT16)

    def build(self, graph: GraphBuilder, name: str, x: str) -> Mixed:
        """Add its node; `x` may hold other channels too, which it leaves out."""
        kernels = graph.matrix(f"{name}.weight", (self.channels, self.kernel))
        biases = (graph.fine(f"{name}.bias", self.channels),) if self.bias else ()
        operations = vector_counts.ACTIVATION["silu"] * self.channels if self.activated else 0
        shape, macs = (graph.shape(x)[0], self.channels), self.channels * self.kernel
        return rewrite(graph, name, self.state, (x,), shape, macs, operations, (kernels, *biases))
