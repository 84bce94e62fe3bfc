"""Heads that guess later tokens from a hidden state, as Medusa's do, and an early layer's head."""

from dataclasses import replace
from typing import NamedTuple

from ahasd.workload import vector_counts
from ahasd.workload.batched_pass import OperatorList
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind, matmul
from ahasd.workload.precision import Precision

#: The block's activation and its residual.
_SILU_RESIDUAL = vector_counts.ACTIVATION["silu"] + vector_counts.RESIDUAL


class GuessHeads(NamedTuple):
    """Heads of residual blocks, each followed by a matrix to the vocabulary.

    Parameters
    ----------
    heads
        How many.
    blocks
        Square matrices of each, before the one to the vocabulary (Medusa: 1; arXiv 2401.10774).
    own_output
        Whether each head has a matrix to the vocabulary of its own, as Medusa's published ones do, or all use the
        model's, which is then read once for all.
    """

    heads: int
    blocks: int = 1
    own_output: bool = True

    def weight_bytes(self, spec: ModelSpec, precision: Precision) -> int:
        """Bytes that the heads add to the model's."""
        block, output = self._layers(spec)
        own = self.blocks * block.bytes(precision) + (output.bytes(precision) if self.own_output else 0)
        return self.heads * own

    def operators(self, spec: ModelSpec, rows: int, precision: Precision) -> OperatorList:
        """Return the work for so many hidden states, of each of which every head guesses one token."""
        block, output = self._layers(spec)
        found: list[Operator] = []
        blocks = self.heads * self.blocks
        if blocks:
            elements = rows * blocks
            found += [
                _of_each(matmul(block, rows, precision), blocks),
                _vector("guess_heads.activation", elements, spec.hidden_size, precision, _SILU_RESIDUAL),
            ]
        found += [
            _of_each(matmul(output, rows, precision), self.heads)
            if self.own_output
            else matmul(output, rows * self.heads, precision),
            _vector(
                "guess_heads.softmax",
                rows * self.heads,
                spec.vocabulary_size,
                precision,
                vector_counts.SOFTMAX,
            ),
        ]
        return OperatorList(tuple(found))

    def _layers(self, spec: ModelSpec) -> tuple[LinearLayer, LinearLayer]:
        hidden = spec.hidden_size
        return (
            LinearLayer("guess_heads.block", hidden, hidden),
            LinearLayer("guess_heads.output", hidden, spec.vocabulary_size),
        )


#: What an early layer's head takes: a matrix to what the last layer would make, and the model's own output matrix.
EARLY_HEAD = GuessHeads(heads=1, blocks=1, own_output=False)


def _of_each(one: Operator, times: int) -> Operator:
    """The same product with as many matrices, in one launch."""
    return replace(
        one,
        instances=one.instances * times,
        macs=one.macs * times,
        weight_bytes=one.weight_bytes * times,
        input_bytes=one.input_bytes * times,
        output_bytes=one.output_bytes * times,
    )


def _vector(name: str, rows: int, width: int, precision: Precision, operations: int) -> Operator:
    byte_count = precision.activation_bytes(rows * width)
    return Operator(
        name,
        OperatorKind.VECTOR,
        rows,
        width,
        width,
        1,
        1,
        input_bytes=byte_count,
        output_bytes=byte_count,
        vector_operations=operations * rows * width,
    )
