"""Mixtures of experts with ordinary attention, each by what it has beyond what all spell alike."""

from typing import Any, Literal

from ahasd.errors import AhasdError
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values, biases, common, grouped
from ahasd.workload.readers.families.experts import (
    behind_dense,
    chosen_experts,
    experts,
    mixture,
    now_and_then,
    number_of_experts,
)
from ahasd.workload.readers.fields import ConfigReader


def mixtral(reader: ConfigReader) -> Values:
    """Mixtral: every layer has experts, as wide as the file says of the feed-forward part."""
    values = grouped(reader) | {"sliding_window": reader.optional_integer("sliding_window")}
    return mixture(values, _local_experts(reader, values))


def phimoe(reader: ConfigReader) -> Values:
    """Phi-3.5-MoE: Mixtral with layer norms, and biases of attention and head."""
    values = grouped(reader) | biases(reader.flag("attention_bias", False))
    values |= {"normalization": "layer", "normalization_bias": True}
    values |= {"head_bias": reader.flag("lm_head_bias", False)}
    values |= {"sliding_window": reader.optional_integer("sliding_window")}
    return mixture(values, _local_experts(reader, values))


def granitemoe(reader: ConfigReader) -> Values:
    """Granite 3's mixtures, with a shared part or (the field is absent) without."""
    values = common(reader) | {"tied_embeddings": reader.flag("tie_word_embeddings", False)}
    values |= {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
    values |= biases(reader.flag("attention_bias", False))
    shared = reader.count("shared_intermediate_size", 0)
    return mixture(values, _local_experts(reader, values, shared))


def qwen2_moe(reader: ConfigReader) -> Values:
    """Qwen1.5's and 2's mixtures: a shared part with a weight of its own, biases of queries, keys and values."""
    _refuse_mixed_windows(reader)
    values = grouped(reader) | {"query_key_value_bias": reader.flag("qkv_bias", True)}
    shared = reader.integer("shared_expert_intermediate_size")
    return _qwen(reader, values, shared)


def qwen3_moe(reader: ConfigReader) -> Values:
    """Qwen3's mixtures: no shared part, queries and keys normalised head by head."""
    _refuse_mixed_windows(reader)
    values = grouped(reader) | {"query_key_norm": True} | biases(reader.flag("attention_bias", False))
    return _qwen(reader, values, 0)


def olmoe(reader: ConfigReader) -> Values:
    """OLMoE: queries and keys are normalised over all heads."""
    values = common(reader) | biases(reader.flag("attention_bias", False))
    values |= {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
    values |= {"query_key_norm": HeadNorm(gains="heads")}
    count, chosen = number_of_experts(reader), chosen_experts(reader)
    return mixture(values, experts(reader, values, values["feed_forward_size"], count, chosen))


def flex_olmo(reader: ConfigReader) -> Values:
    """FlexOlmo: OLMoE with its norms behind the blocks."""
    return olmoe(reader) | {"norm_placement": "behind"}


def minimax_m2(reader: ConfigReader) -> Values:
    """MiniMax M2: queries and keys are normalised over all heads, scores are sigmoids."""
    values = grouped(reader) | {"query_key_norm": HeadNorm(gains="heads")}
    return mixture(values, _local_experts(reader, values, scores="sigmoid"))


def dbrx(reader: ConfigReader) -> Values:
    """DBRX, whose file has parts for attention and experts."""
    attention, block = reader.part("attn_config"), reader.part("ffn_config")
    hidden, heads = reader.integer("d_model"), reader.integer("n_heads")
    values: Values = {
        "layers": reader.integer("n_layers"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": attention.integer("kv_n_heads"),
        "head_dim": reader.share("d_model", hidden, "n_heads", heads),
        "feed_forward_size": block.integer("ffn_hidden_size"),
        "gated_feed_forward": True,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", False),
        "maximum_positions": reader.integer("max_seq_len"),
        "normalization": "layer",
        "activation": block.part("ffn_act_fn").activation("name"),
    }
    count, chosen = block.integer("moe_num_experts"), block.integer("moe_top_k")
    return mixture(values, experts(reader, values, values["feed_forward_size"], count, chosen))


def ernie4_5_moe(reader: ConfigReader) -> Values:
    """ERNIE 4.5's mixtures; every layer of experts keeps a correction of its scores as a parameter."""
    bias = reader.flag("use_bias", False)
    values = grouped(reader) | biases(bias, bias)
    values |= {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
    layers, step = values["layers"], reader.integer("moe_layer_interval", 1)
    start, end = reader.count("moe_layer_start_index"), reader.contents.get("moe_layer_end_index", -1)
    last = layers - 1 if end in (None, -1) else reader.count("moe_layer_end_index")
    width, shared = reader.integer("moe_intermediate_size"), reader.count("moe_num_shared_experts", 0)
    found = experts(
        reader,
        values,
        width,
        number_of_experts(reader),
        chosen_experts(reader),
        shared * width,
        bias,
        score_correction=True,
    )
    return mixture(values, found, [(i + 1) % step == 0 and start <= i <= last for i in range(layers)])


def hunyuan_moe(reader: ConfigReader) -> Values:
    """Hunyuan's mixtures: an expert that all tokens share, as wide as the others."""
    values = common(reader) | {"query_key_norm": True} | biases(reader.flag("attention_bias", False))
    values |= {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
    count, chosen, width = number_of_experts(reader), chosen_experts(reader), values["feed_forward_size"]
    return mixture(values, experts(reader, values, width, count, chosen, width))


def dots1(reader: ConfigReader) -> Values:
    """dots.llm1: queries and keys normalised head by head, dense layers first, then experts with shared ones."""
    values = grouped(reader) | {"query_key_norm": True} | biases(reader.flag("attention_bias", False))
    sparse = behind_dense(reader, values["layers"], 0)
    return mixture(values, shared_experts(reader, values), sparse)


def glm4_moe(reader: ConfigReader) -> Values:
    """GLM 4.5 to 4.7: biases of queries, keys and values; dense layers first, then experts with shared ones."""
    # transformers takes the whole part, where the file does not say.
    head_dim = reader.integer("hidden_size") // reader.integer("num_attention_heads")
    values = grouped(reader.with_defaults(head_dim=head_dim))
    values |= {"query_key_norm": reader.flag("use_qk_norm", False)}
    values |= biases(reader.flag("attention_bias", False), output=False)
    sparse = behind_dense(reader, values["layers"], 1)
    return mixture(values, shared_experts(reader, values), sparse)


def solar_open(reader: ConfigReader) -> Values:
    """Solar Open: biases of queries, keys and values, and experts in every layer."""
    values = grouped(reader.with_defaults(intermediate_size=reader.integer("moe_intermediate_size")))
    values |= biases(reader.flag("attention_bias", False), output=False)
    return mixture(values, shared_experts(reader, values))


def hy_v3(reader: ConfigReader) -> Values:
    """Hunyuan 3: a dense layer, then experts with shared ones."""
    values = grouped(reader) | {"query_key_norm": True}
    values |= biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    found = shared_experts(reader, values, "num_shared_experts")
    return mixture(values, found, behind_dense(reader, values["layers"], 1))


def shared_experts(
    reader: ConfigReader,
    values: Values,
    *shared_fields: str,
    scores: Literal["softmax", "sigmoid"] = "sigmoid",
    score_correction: bool = False,
) -> Experts:
    """Experts of DeepSeek's kind: shared ones are as wide as the others.

    Parameters
    ----------
    shared_fields
        How their number is spelled, in one of several ways; absent are none.
    """
    width = reader.integer("moe_intermediate_size")
    shared = max((reader.count(field, 0) for field in shared_fields or ("n_shared_experts",)), default=0)
    return experts(
        reader,
        values,
        width,
        number_of_experts(reader),
        chosen_experts(reader),
        shared * width,
        scores=scores,
        score_correction=score_correction,
    )


def _local_experts(reader: ConfigReader, values: Values, shared: int = 0, **details: Any) -> Experts:
    """Experts as Mixtral's files spell them, as wide as the feed-forward part."""
    count, chosen = number_of_experts(reader), chosen_experts(reader)
    return experts(reader, values, values["feed_forward_size"], count, chosen, shared, **details)


def _qwen(reader: ConfigReader, values: Values, shared: int) -> Values:
    width, count = reader.integer("moe_intermediate_size"), number_of_experts(reader)
    chosen = chosen_experts(reader)
    found = experts(reader, values, width, count, chosen, shared, shared_weighted=shared > 0)
    return mixture(values, found, now_and_then(reader, values["layers"]))


def _refuse_mixed_windows(reader: ConfigReader) -> None:
    if reader.flag("use_sliding_window", False):
        raise AhasdError(
            f"{reader.origin}: use_sliding_window gives some layers a window and others none, which is not "
            "supported for mixtures; set it to false to cost full attention"
        )
