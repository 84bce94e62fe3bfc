"""LLaMA and those that differ from it in a few choices.

Positions that turn only a part of a head (GLM, StableLM) are counted as if they turned all of it: a matter of vector
work alone. Constants that scale embeddings, residuals or logits have no shape.
"""

from ahasd.workload.readers.families.common import (
    Values,
    biases,
    common,
    grouped,
    whole_or_grouped,
    window_of_all,
)
from ahasd.workload.readers.families.layer_kinds import FULL, SLIDING, by_layer, stated_or, with_windows
from ahasd.workload.readers.fields import ConfigReader


def llama(reader: ConfigReader) -> Values:
    """LLaMA; version 1 had no grouped heads and its files do not name them. Granite has its shapes."""
    biased = biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    return whole_or_grouped(reader) | biased


def mistral(reader: ConfigReader) -> Values:
    """Mistral and Ministral 3: LLaMA with a window in every layer, or none. Phi-3 and 4 have its shapes."""
    return grouped(reader) | {"sliding_window": window_of_all(reader)}


def ministral(reader: ConfigReader) -> Values:
    """Ministral of 2024: Mistral with windows in some layers."""
    values = whole_or_grouped(reader)
    kind = SLIDING if reader.optional_integer("sliding_window") else FULL
    return with_windows(reader, values, stated_or(reader, [kind] * values["layers"]))


def cwm(reader: ConfigReader) -> Values:
    """Code World Model: LLaMA with windows in three layers of four, beginning with one that has none."""
    values = whole_or_grouped(reader) | biases(False, reader.flag("mlp_bias", False))
    kinds = [SLIDING if index % 4 else FULL for index in range(values["layers"])]
    return with_windows(reader, values, stated_or(reader, kinds))


def smollm3(reader: ConfigReader) -> Values:
    """SmolLM3: LLaMA with a tied head, and without positions in every fourth layer."""
    values = (
        whole_or_grouped(reader)
        | {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
        | biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    )
    layers = values["layers"]
    period = reader.integer("no_rope_layer_interval", 4)
    turned = reader.contents.get("no_rope_layers") or [(index + 1) % period for index in range(layers)]
    windowed = reader.flag("use_sliding_window", False) and reader.optional_integer("sliding_window")
    kinds = stated_or(reader, [FULL if turn or not windowed else SLIDING for turn in turned])
    window: dict[str, Values] = {}
    if SLIDING in kinds:
        window[SLIDING] = {"sliding_window": reader.integer("sliding_window")}
    each: list[Values] = []
    for turn, kind in zip(turned, kinds, strict=True):
        name = f"{'rotary' if turn else 'unplaced'}_{kind.split('_')[0]}_layer"
        positions = "rotary" if turn else "none"
        each.append({"name": name, "positions": positions} | window.get(kind, {}))
    return by_layer(values, each)


def helium(reader: ConfigReader) -> Values:
    """Helium: LLaMA whose attention has no bias behind it."""
    bias = reader.flag("attention_bias", False)
    return grouped(reader) | biases(bias, reader.flag("mlp_bias", False), output=False)


def hunyuan_dense(reader: ConfigReader) -> Values:
    """Hunyuan, dense: LLaMA with norms of queries and keys."""
    biased = biases(reader.flag("attention_bias", False))
    return whole_or_grouped(reader) | biased | {"query_key_norm": True}


def hyperclovax(reader: ConfigReader) -> Values:
    """HyperCLOVA X: LLaMA with norms on both sides of each block."""
    both = {"norm_placement": "both"} if reader.flag("use_post_norm", True) else {}
    return llama(reader) | both


def seed_oss(reader: ConfigReader) -> Values:
    """Seed-OSS, which says of the output's bias apart."""
    attention, output = reader.flag("attention_bias", True), reader.flag("attention_out_bias", False)
    return grouped(reader) | biases(attention, reader.flag("mlp_bias", False), output)


def ernie4_5(reader: ConfigReader) -> Values:
    """ERNIE 4.5, dense: biases everywhere or nowhere."""
    bias = reader.flag("use_bias", False)
    tied = {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
    return grouped(reader) | tied | biases(bias, bias)


def palm(reader: ConfigReader) -> Values:
    """Spell PaLM-like models as LLaMA does; "palm" is our own model_type, the hub has none."""
    return common(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads", 1),
        "gated_feed_forward": reader.flag("gated_feed_forward", True),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "normalization": "layer",
        "parallel_layers": True,
    }
