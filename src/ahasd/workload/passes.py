"""Operators of a forward pass: prefill, a draft step, the verification of k tokens.

All three are the same pass over `tokens` new tokens with `context` entries already in the key-value cache.
"""

from ahasd.errors import AhasdError
from ahasd.workload import vector_counts
from ahasd.workload.attention import attention
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, gather, matmul, vector
from ahasd.workload.precision import FINE_PARAMETER_BYTES, Precision


def forward_pass(
    spec: ModelSpec, tokens: int, context: int, precision: Precision, logits: int | None = None
) -> tuple[Operator, ...]:
    """Operators of one pass, in order of execution, those of all layers together.

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
        Widths of weights, cache and activations.
    logits
        Rows for which the head is computed, the last ones; None is all, 0 leaves the head out.

    Raises
    ------
    AhasdError
        A count is out of its range.
    """
    wanted = tokens if logits is None else logits
    if tokens < 1 or context < 0 or not 0 <= wanted <= tokens:
        raise AhasdError(
            f"a pass needs tokens >= 1, context >= 0 and 0 <= logits <= tokens, "
            f"not tokens {tokens}, context {context}, logits {wanted}"
        )
    return (
        *_embedding(spec, tokens, precision),
        *_layers(spec, tokens, context, precision),
        *(_head(spec, wanted, precision) if wanted else ()),
    )


def prefill(spec: ModelSpec, tokens: int, precision: Precision) -> tuple[Operator, ...]:
    """Operators that read a prompt of `tokens` tokens into an empty cache; logits of the last one only.

    Raises
    ------
    AhasdError
        `tokens` is below 1.
    """
    return forward_pass(spec, tokens, 0, precision, logits=1)


def _embedding(spec: ModelSpec, tokens: int, precision: Precision) -> list[Operator]:
    products = {layer.name: layer for layer in spec.linear_layers}
    operators = [gather("embedding", tokens, spec.embedding_width, precision)]
    if "project_in" in products:
        operators.append(matmul(products["project_in"], tokens, precision))
    if spec.learned_positions:
        operators += [
            gather("position_embedding", tokens, spec.hidden_size, precision),
            _residual("position_add", spec, tokens, 1, precision),
        ]
    return operators


def _layers(spec: ModelSpec, tokens: int, context: int, precision: Precision) -> list[Operator]:
    products = {layer.name: matmul(layer, tokens, precision) for layer in spec.linear_layers}
    layers = spec.layers
    operators = [
        _norm(
            "layer.norm" if spec.parallel_layers else "layer.attention_norm", spec, tokens, layers, precision
        ),
        products["layer.query"],
        products["layer.key"],
        products["layer.value"],
        *_query_key_work(spec, tokens, precision),
        *attention(spec, tokens, context, precision),
        products["layer.attention_output"],
        _residual("layer.attention_residual", spec, tokens, layers, precision),
    ]
    if not spec.parallel_layers:
        operators.append(_norm("layer.feed_forward_norm", spec, tokens, layers, precision))
    activation = vector_counts.ACTIVATION[spec.activation]
    operators += [
        *([products["layer.gate"]] if spec.gated_feed_forward else []),
        products["layer.up"],
        vector(
            "layer.activation",
            tokens,
            spec.feed_forward_size,
            layers,
            precision,
            operations_per_element=activation + (vector_counts.GATE if spec.gated_feed_forward else 0),
            operands=2 if spec.gated_feed_forward else 1,
        ),
        products["layer.down"],
        _residual("layer.feed_forward_residual", spec, tokens, layers, precision),
    ]
    return operators


def _query_key_work(spec: ModelSpec, tokens: int, precision: Precision) -> list[Operator]:
    width = spec.query_width + spec.key_value_width
    operators = []
    if spec.query_key_norm:
        operators.append(
            vector(
                "layer.query_key_norm",
                tokens,
                width,
                spec.layers,
                precision,
                operations_per_element=vector_counts.RMS_NORM,
                fine_parameters=2 * spec.head_dim,
            )
        )
    if not spec.learned_positions:
        operators.append(
            vector(
                "layer.rotary",
                tokens,
                width,
                spec.layers,
                precision,
                operations_per_element=vector_counts.ROTARY,
            )
        )
    return operators


def _head(spec: ModelSpec, rows: int, precision: Precision) -> list[Operator]:
    products = {layer.name: layer for layer in spec.linear_layers}
    operators = []
    if spec.final_norm:
        operators.append(_norm("final_norm", spec, rows, 1, precision))
    if "project_out" in products:
        operators.append(matmul(products["project_out"], rows, precision))
    operators += [
        matmul(products["lm_head"], rows, precision),
        vector(
            "lm_head_softmax",
            rows,
            spec.vocabulary_size,
            1,
            precision,
            operations_per_element=vector_counts.SOFTMAX,
        ),
    ]
    return operators


def _norm(name: str, spec: ModelSpec, rows: int, instances: int, precision: Precision) -> Operator:
    return vector(
        name,
        rows,
        spec.hidden_size,
        instances,
        precision,
        operations_per_element=vector_counts.normalization_operations(spec.normalization),
        fine_parameters=spec.norm_parameters,
    )


def _residual(name: str, spec: ModelSpec, rows: int, instances: int, precision: Precision) -> Operator:
    return vector(
        name,
        rows,
        spec.hidden_size,
        instances,
        precision,
        operations_per_element=vector_counts.RESIDUAL,
        operands=2,
    )


def kv_cache_bytes(spec: ModelSpec, entries: int, precision: Precision) -> int:
    """Bytes that the cache of `entries` tokens holds: keys and values of every layer.

    A sliding window lets go of entries that no later token attends to.

    Raises
    ------
    AhasdError
        `entries` is negative.
    """
    if entries < 0:
        raise AhasdError(f"a cache holds at least 0 entries, not {entries}")
    kept = min(entries, spec.sliding_window or entries)
    return 2 * precision.kv_bytes(spec.layers * spec.key_value_width * kept)


def weight_bytes(spec: ModelSpec, precision: Precision) -> int:
    """Bytes of all parameters at rest, a tied head counted once."""
    return precision.matrix_bytes(spec.matrix_parameters) + FINE_PARAMETER_BYTES * spec.fine_parameters
