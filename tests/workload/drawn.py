"""Models of every architectural choice, and their parameters counted from their shapes."""

from hypothesis import strategies as st

from ahasd.workload.model_spec import ModelSpec


@st.composite
def specs(draw: st.DrawFn) -> ModelSpec:
    """Sensible small models of every architectural choice."""
    key_value_heads = draw(st.integers(1, 4))
    learned = draw(st.booleans())
    normalization = draw(st.sampled_from(["layer", "rms"]))
    return ModelSpec(
        name="drawn",
        family="llama",
        layers=draw(st.integers(1, 4)),
        hidden_size=draw(st.integers(1, 40)),
        heads=key_value_heads * draw(st.integers(1, 4)),
        key_value_heads=key_value_heads,
        head_dim=2 * draw(st.integers(1, 8)),
        feed_forward_size=draw(st.integers(1, 60)),
        gated_feed_forward=draw(st.booleans()),
        vocabulary_size=draw(st.integers(1, 100)),
        tied_embeddings=draw(st.booleans()),
        maximum_positions=64,
        learned_positions=66 if learned else 0,
        embedding_size=draw(st.none() | st.integers(1, 20)),
        normalization=normalization,
        normalization_bias=normalization == "layer" and draw(st.booleans()),
        final_norm=draw(st.booleans()),
        query_key_norm=draw(st.booleans()),
        parallel_layers=draw(st.booleans()),
        query_key_value_bias=draw(st.booleans()),
        attention_output_bias=draw(st.booleans()),
        feed_forward_bias=draw(st.booleans()),
        activation=draw(st.sampled_from(["relu", "gelu", "silu"])),
        sliding_window=draw(st.none() | st.integers(1, 20)),
        tokenizer="drawn",
    )


def matrix_elements(spec: ModelSpec) -> int:
    """Elements of all matrices that a pass multiplies by, a tied head among them."""
    attention = spec.hidden_size * (2 * spec.query_width + 2 * spec.key_value_width)
    feed_forward = (3 if spec.gated_feed_forward else 2) * spec.hidden_size * spec.feed_forward_size
    head = spec.vocabulary_size * spec.embedding_width
    narrow = 2 * spec.embedding_width * spec.hidden_size if spec.embedding_width != spec.hidden_size else 0
    return spec.layers * (attention + feed_forward) + head + narrow


def table_elements(spec: ModelSpec) -> int:
    """Elements of the tables that only look-ups read."""
    embedding = 0 if spec.tied_embeddings else spec.vocabulary_size * spec.embedding_width
    return embedding + spec.learned_positions * spec.hidden_size


def biases(spec: ModelSpec) -> int:
    """Elements of all biases of matrices."""
    inner = (2 if spec.gated_feed_forward else 1) * spec.feed_forward_size
    return spec.layers * (
        spec.query_key_value_bias * (spec.query_width + 2 * spec.key_value_width)
        + spec.attention_output_bias * spec.hidden_size
        + spec.feed_forward_bias * (inner + spec.hidden_size)
    )


def fine_parameters(spec: ModelSpec) -> int:
    """Elements of all biases and norm gains."""
    norms = spec.layers * (1 if spec.parallel_layers else 2) + spec.final_norm
    gains = norms * spec.hidden_size * (2 if spec.normalization_bias else 1)
    return biases(spec) + gains + spec.query_key_norm * 2 * spec.head_dim * spec.layers
