"""Passes of a model: prefill, a draft step, the verification of k tokens.

All three are the same pass over `tokens` new tokens with `context` entries already in the key-value cache.
"""

from ahasd.errors import AhasdError
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.precision import Precision


def forward_pass(
    spec: ModelSpec, tokens: int, context: int, precision: Precision, logits: int | None = None
) -> LayeredGraph:
    """Graph of one pass, its operators in order of execution, those of all layers together.

    A draft step has ``tokens=1``, a verification of k tokens ``tokens=k``. The softmax over the vocabulary
    is included, since every stop policy and every verifier of sampled text needs probabilities; entropy and
    sampling themselves are left to whoever controls decoding.

    Parameters
    ----------
    spec
        The model.
    tokens
        New tokens, at least 1.
    context
        Entries already in the cache, at least 0.
    precision
        Widths of weights, cache and activations; a model that says how its weights are kept has them so.
    logits
        Rows for which the head is computed, the last ones; None is all, 0 leaves the head out.

    Raises
    ------
    AhasdError
        A count is out of its range.
    """
    return spec.decoder.forward_pass(tokens, context, precision.storing(spec.stored_weights), logits)


def prefill(spec: ModelSpec, tokens: int, precision: Precision) -> LayeredGraph:
    """Graph that reads a prompt of `tokens` tokens into an empty cache; logits of the last one only.

    Raises
    ------
    AhasdError
        `tokens` is below 1.
    """
    return forward_pass(spec, tokens, 0, precision, logits=1)


def kv_cache_bytes(spec: ModelSpec, entries: int, precision: Precision) -> int:
    """Bytes that are kept of `entries` tokens: keys and values of every layer, or its state.

    A sliding window lets go of entries that no later token attends to.

    Raises
    ------
    AhasdError
        `entries` is negative.
    """
    if entries < 0:
        raise AhasdError(f"a cache holds at least 0 entries, not {entries}")
    return spec.decoder.kept_bytes(entries, precision)


def weight_bytes(spec: ModelSpec, precision: Precision) -> int:
    """Bytes of all parameters at rest, a tied head counted once."""
    return forward_pass(spec, 1, 0, precision).weight_bytes


def layer_matrix_bytes(spec: ModelSpec, precision: Precision) -> int:
    """Bytes of the matrices of one layer, without norm gains and biases; the mean where layers differ."""
    total = sum(
        section.times * value.bytes
        for section in forward_pass(spec, 1, 0, precision).sections
        if section.name
        for value in section.constants
        if value.shape is not None and len(value.shape) > 1
    )
    return -(-total // spec.layers)
