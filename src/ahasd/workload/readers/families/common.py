"""What most families spell alike."""

from typing import Any

from ahasd.workload.readers.fields import ConfigReader

#: Fields of a ModelSpec.
Values = dict[str, Any]


def common(reader: ConfigReader, activation: str = "hidden_act") -> Values:
    """Sizes that all spell alike, and their common choices: gated, RMS norm, no bias."""
    hidden, heads = reader.integer("hidden_size"), reader.integer("num_attention_heads")
    head_dim = reader.optional_integer("head_dim")
    if head_dim is None:
        head_dim = reader.share("hidden_size", hidden, "num_attention_heads", heads)
    return {
        "layers": reader.integer("num_hidden_layers"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": head_dim,
        "feed_forward_size": reader.integer("intermediate_size"),
        "gated_feed_forward": True,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", False),
        "maximum_positions": reader.integer("max_position_embeddings"),
        "normalization": "rms",
        "activation": reader.activation(activation),
    }


def grouped(reader: ConfigReader) -> Values:
    """The common sizes of families whose files always state the key-value heads."""
    return common(reader) | {"key_value_heads": reader.integer("num_key_value_heads")}


def biases(attention: bool, feed_forward: bool = False, output: bool | None = None) -> Values:
    """Which matrices have a bias; that of the attention's output is as the others of attention unless said."""
    return {
        "query_key_value_bias": attention,
        "attention_output_bias": attention if output is None else output,
        "feed_forward_bias": feed_forward,
    }


def window_of_all(reader: ConfigReader) -> int | None:
    """The window of all layers, of a family in which a stated window holds for all of them."""
    kinds = reader.contents.get("layer_types") or []
    return None if "full_attention" in kinds else reader.optional_integer("sliding_window")


def whole_or_grouped(reader: ConfigReader, activation: str = "hidden_act") -> Values:
    """The common sizes of families in which a file that names no key-value heads has one for each query head."""
    values = common(reader, activation)
    return values | {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}


def layer_norm(bias: bool = True) -> Values:
    """Layer norms, which most families give a bias."""
    return {"normalization": "layer", "normalization_bias": bias}


def is_set(reader: ConfigReader, field: str, default: bool = False) -> bool:
    """Whether a field that holds a figure where something is done says so; null says that it is not."""
    return bool(reader.contents.get(field, default))
