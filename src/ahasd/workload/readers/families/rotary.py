"""Families with rotary positions, each by what it has beyond what all spell alike.

Positions that turn only a part of a head (GLM, StableLM), or only some layers' heads (SmolLM3), are counted as if
they turned all of it: a matter of vector work alone. Constants that scale embeddings, residuals or logits have no
shape.
"""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, common, grouped, window_of_all
from ahasd.workload.readers.fields import ConfigReader


def _refuse_mixed_windows(reader: ConfigReader) -> None:
    if reader.flag("use_sliding_window", False):
        raise AhasdError(
            f"{reader.origin}: use_sliding_window gives some layers a window and others none, which is not "
            "supported; set it to false to cost full attention"
        )


def llama(reader: ConfigReader) -> Values:
    """LLaMA; version 1 had no grouped heads and its files do not name them. Granite has its shapes."""
    values = common(reader)
    return (
        values
        | {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
        | biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    )


def mistral(reader: ConfigReader) -> Values:
    """Mistral and Ministral 3: LLaMA with a window in every layer, or none. Phi-3 and 4 have its shapes."""
    return grouped(reader) | {"sliding_window": window_of_all(reader)}


def qwen2(reader: ConfigReader) -> Values:
    """Qwen2 and 2.5; their code fixes biases of queries, keys and values."""
    _refuse_mixed_windows(reader)
    return grouped(reader) | {"query_key_value_bias": True}


def qwen3(reader: ConfigReader) -> Values:
    """Qwen3; its code fixes norms of queries and keys, head by head."""
    _refuse_mixed_windows(reader)
    bias = reader.flag("attention_bias", False)
    head = {"head_dim": reader.integer("head_dim"), "query_key_norm": True}
    return grouped(reader) | head | biases(bias)


def smollm3(reader: ConfigReader) -> Values:
    """SmolLM3: LLaMA with a tied head, and without positions in every fourth layer."""
    _refuse_mixed_windows(reader)
    tied = {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
    return (
        grouped(reader) | tied | biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    )


def gemma(reader: ConfigReader) -> Values:
    """Gemma 1; `hidden_activation` of later files says what `hidden_act` then means."""
    activation = "hidden_activation" if reader.contents.get("hidden_activation") else "hidden_act"
    return (
        common(reader, activation)
        | {
            "key_value_heads": reader.integer("num_key_value_heads"),
            "head_dim": reader.integer("head_dim"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
        }
        | biases(reader.flag("attention_bias", False))
    )


def seed_oss(reader: ConfigReader) -> Values:
    """Seed-OSS, which says of the output's bias apart."""
    attention, output = reader.flag("attention_bias", True), reader.flag("attention_out_bias", False)
    return grouped(reader) | biases(attention, reader.flag("mlp_bias", False), output)


def ernie4_5(reader: ConfigReader) -> Values:
    """ERNIE 4.5, dense: biases everywhere or nowhere."""
    bias = reader.flag("use_bias", False)
    tied = {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
    return grouped(reader) | tied | biases(bias, bias)


def glm(reader: ConfigReader) -> Values:
    """GLM 4 of 9B and its kind (`glm`): biases of queries, keys and values only."""
    return grouped(reader) | biases(reader.flag("attention_bias", False), output=False)


def starcoder2(reader: ConfigReader) -> Values:
    """StarCoder2: layer norms, two matrices in the feed-forward layer, biases everywhere or nowhere."""
    bias = reader.flag("use_bias", True)
    return (
        grouped(reader)
        | {
            "gated_feed_forward": False,
            "normalization": "layer",
            "normalization_bias": True,
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "sliding_window": window_of_all(reader),
        }
        | biases(bias, bias)
    )


def stablelm(reader: ConfigReader) -> Values:
    """StableLM: LLaMA with layer norms, and with both blocks side by side in some models."""
    return grouped(reader) | {
        "normalization": "layer",
        "normalization_bias": True,
        "parallel_layers": reader.flag("use_parallel_residual", False),
        "query_key_value_bias": reader.flag("use_qkv_bias", False),
    }


def cohere(reader: ConfigReader) -> Values:
    """Command R: layer norms without a bias, both blocks side by side, a tied head."""
    values = common(reader)
    return (
        values
        | {
            "key_value_heads": reader.integer("num_key_value_heads", values["heads"]),
            "normalization": "layer",
            "parallel_layers": True,
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
        }
        | biases(reader.flag("attention_bias", False))
    )


def palm(reader: ConfigReader) -> Values:
    """Spell PaLM-like models as LLaMA does; "palm" is our own model_type, the hub has none."""
    return common(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads", 1),
        "gated_feed_forward": reader.flag("gated_feed_forward", True),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "normalization": "layer",
        "parallel_layers": True,
    }
