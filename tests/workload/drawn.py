"""Models of every architectural choice, and their parameters counted from their shapes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.model_spec import ModelSpec


@st.composite
def specs(draw: st.DrawFn) -> ModelSpec:
    """Sensible small models of every architectural choice, of equal layers or of two kinds."""
    key_value_heads = draw(st.integers(1, 4))
    heads = key_value_heads * draw(st.integers(1, 4))
    learned = draw(st.booleans())
    normalization = draw(st.sampled_from(["layer", "rms"]))
    layers = draw(st.integers(1, 4))
    parallel = draw(st.booleans())
    per_layer = draw(st.booleans())
    streams = draw(st.integers(1, 3)) if per_layer and not parallel else 1
    placements = ["before", "both"] if streams > 1 else ["before", "both", "behind"]
    groups = []
    if layers > 1 and draw(st.booleans()):
        first = draw(st.integers(1, layers - 1))
        groups = [draw(group("first", first, heads)), draw(group("second", layers - first, heads))]
        groups[0]["shares_cache"] = False
    return ModelSpec(
        name="drawn",
        family="llama",
        layers=layers,
        hidden_size=draw(st.integers(1, 40)),
        heads=heads,
        key_value_heads=key_value_heads,
        head_dim=2 * draw(st.integers(1, 8)),
        feed_forward_size=draw(st.integers(1, 60)),
        gated_feed_forward=draw(st.booleans()),
        vocabulary_size=draw(st.integers(1, 100)),
        tied_embeddings=draw(st.booleans()),
        maximum_positions=64,
        learned_positions=66 if learned else 0,
        fixed_positions=not learned and draw(st.booleans()),
        positions="rotary" if learned else draw(st.sampled_from(["rotary", "bias", "none"])),
        embedding_size=draw(st.none() | st.integers(1, 20)),
        normalization=normalization,
        normalization_bias=normalization == "layer" and draw(st.booleans()),
        normalization_gain=draw(st.booleans()),
        final_norm=draw(st.booleans()),
        embedding_norm=draw(st.booleans()),
        inner_norms=draw(st.booleans()),
        norm_placement="before" if parallel else draw(st.sampled_from(placements)),
        query_key_norm=draw(st.none() | head_norms()),
        parallel_layers=parallel,
        parallel_norm_apart=parallel and draw(st.booleans()),
        query_key_value_bias=draw(st.booleans()),
        attention_output_bias=draw(st.booleans()),
        feed_forward_bias=draw(st.booleans()),
        head_bias=draw(st.booleans()),
        attention_soft_cap=draw(st.booleans()),
        logit_soft_cap=draw(st.booleans()),
        activation=draw(st.sampled_from(["relu", "gelu", "silu", "relu2", "xielu"])),
        sliding_window=draw(st.none() | st.integers(1, 20)),
        per_layer_rows=50 if per_layer else 0,
        per_layer_width=draw(st.integers(1, 6)) if per_layer else 0,
        streams=streams,
        augmented_residual_rank=draw(st.integers(1, 5)) if streams > 1 else 0,
        layer_groups=tuple(groups),
        tokenizer="drawn",
    )


@st.composite
def group(draw: st.DrawFn, name: str, layers: int, heads: int) -> dict[str, Any]:
    """Layers of one kind."""
    return {
        "name": name,
        "layers": layers,
        "sliding_window": draw(st.none() | st.integers(1, 20)),
        "key_value_heads": draw(st.none() | st.just(1) | st.just(heads)),
        "head_dim": draw(st.none() | st.sampled_from([2, 6])),
        "feed_forward_size": draw(st.none() | st.integers(1, 60)),
        "positions": draw(st.none() | st.sampled_from(["rotary", "none"])),
        "value_projection": draw(st.booleans()),
        "shares_cache": draw(st.booleans()),
    }


def head_norms() -> st.SearchStrategy[HeadNorm]:
    """Norms of queries and keys of every kind."""
    gains = st.sampled_from(["head", "heads", "none"])
    return st.builds(HeadNorm, st.sampled_from(["layer", "rms"]), gains, st.booleans(), st.booleans())


class Widths(NamedTuple):
    """Of the layers of one kind: channels of queries, of keys, of values that are projected, and of the inside."""

    query: int
    key: int
    value: int
    inner: int
    head_dim: int


def over_layers(spec: ModelSpec, count: Callable[[Widths], int]) -> int:
    """Sum over all layers of what one with such widths has."""
    total = 0
    for group in spec.groups:
        head_dim = group.head_dim or spec.head_dim
        shared = 0 if group.shares_cache else (group.key_value_heads or spec.key_value_heads) * head_dim
        inner = group.feed_forward_size or spec.feed_forward_size
        value = shared if group.value_projection else 0
        total += group.layers * count(Widths(spec.heads * head_dim, shared, value, inner, head_dim))
    return total


def matrix_elements(spec: ModelSpec) -> int:
    """Elements of all matrices that a pass multiplies by, a tied head among them."""
    hidden, own = spec.hidden_size, spec.per_layer_width
    coefficients = spec.streams**3 + spec.streams**2 if spec.streams > 1 else 0

    def of_layer(widths: Widths) -> int:
        inner = (3 if spec.gated_feed_forward else 2) * widths.inner
        plain = 2 * widths.query + widths.key + widths.value + inner + 2 * own
        return hidden * (plain + 2 * spec.augmented_residual_rank) + coefficients + router_elements(spec)

    head = spec.vocabulary_size * spec.embedding_width
    narrow = 2 * spec.embedding_width * hidden if spec.embedding_width != hidden else 0
    streams = 2 * (spec.streams - 1) * hidden**2
    return over_layers(spec, of_layer) + head + narrow + streams + hidden * spec.layers * own


def read_again(spec: ModelSpec) -> int:
    """Bytes at 8 bits of what each layer reads twice: its router of streams, and the gains before that."""
    gains = spec.normalization_gain + spec.normalization_bias
    return spec.layers * router_elements(spec) + (
        2 * gains * spec.layers * spec.hidden_size if spec.streams > 1 else 0
    )


def router_elements(spec: ModelSpec) -> int:
    """Elements of a layer's router of streams, which a pass multiplies by twice."""
    return spec.streams * spec.hidden_size if spec.streams > 1 else 0


def table_elements(spec: ModelSpec) -> int:
    """Elements of the tables that only look-ups read."""
    embedding = 0 if spec.tied_embeddings else spec.vocabulary_size * spec.embedding_width
    own = spec.per_layer_rows * spec.per_layer_width * spec.layers
    return embedding + spec.learned_positions * spec.hidden_size + own


def biases(spec: ModelSpec) -> int:
    """Elements of all biases of matrices."""

    def of_layer(widths: Widths) -> int:
        inner = (2 if spec.gated_feed_forward else 1) * widths.inner
        return (
            spec.query_key_value_bias * (widths.query + widths.key + widths.value)
            + spec.attention_output_bias * spec.hidden_size
            + spec.feed_forward_bias * (inner + spec.hidden_size)
        )

    return over_layers(spec, of_layer) + spec.head_bias * spec.vocabulary_size


def fine_parameters(spec: ModelSpec) -> int:
    """Elements of all biases, norm gains and parameters of activation functions."""
    each = spec.normalization_gain + spec.normalization_bias
    of_block = 2 if spec.norm_placement == "both" else 1
    norms = of_block * (1 if spec.parallel_layers and not spec.parallel_norm_apart else 2)
    norms += (spec.per_layer_width > 0) + (2 if spec.streams > 1 else 0)
    scales = spec.hidden_size if spec.streams > 1 else 0

    def of_layer(widths: Widths) -> int:
        inner = spec.inner_norms * (widths.query + widths.inner)
        own = scales + (2 if spec.activation == "xielu" else 0)
        return each * (norms * spec.hidden_size + inner) + own + _head_gains(spec.query_key_norm, widths)

    outside = (spec.final_norm + spec.embedding_norm) * spec.hidden_size + spec.per_layer_width
    return biases(spec) + over_layers(spec, of_layer) + each * outside


def _head_gains(norm: HeadNorm | None, widths: Widths) -> int:
    if norm is None or norm.gains == "none":
        return 0
    one_head = (2 if widths.key else 1) * widths.head_dim
    return (one_head if norm.gains == "head" else widths.query + widths.key) * (2 if norm.bias else 1)
