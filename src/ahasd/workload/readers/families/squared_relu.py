"""Feed-forward layers with a squared ReLU or xIELU, mostly without a gate."""

from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import (
    Values,
    biases,
    common,
    is_set,
    layer_norm,
    whole_or_grouped,
)
from ahasd.workload.readers.families.llama import llama
from ahasd.workload.readers.fields import ConfigReader


def arcee(reader: ConfigReader) -> Values:
    """Arcee (AFM): LLaMA without gates."""
    return llama(reader) | {"gated_feed_forward": False}


def nemotron(reader: ConfigReader) -> Values:
    """Nemotron 3, 4 and Minitron: layer norms besides; Jais 2 has its layout."""
    return arcee(reader) | layer_norm()


def jais2(reader: ConfigReader) -> Values:
    """Jais 2: Nemotron's layout with biases."""
    biased = biases(reader.flag("attention_bias", True), reader.flag("mlp_bias", True))
    return nemotron(reader) | biased


def persimmon(reader: ConfigReader) -> Values:
    """Persimmon: biases everywhere but in the head, norms of queries and keys."""
    norm = HeadNorm("layer", "head", bias=True) if reader.flag("qk_layernorm", True) else None
    return (
        common(reader)
        | {"gated_feed_forward": False, "query_key_norm": norm}
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )


def apertus(reader: ConfigReader) -> Values:
    """Apertus: xIELU, whose two parameters each layer learns, and norms of queries and keys."""
    return (
        whole_or_grouped(reader)
        | {"gated_feed_forward": False, "query_key_norm": True}
        | biases(reader.flag("attention_bias", False))
    )


def bitnet(reader: ConfigReader) -> Values:
    """BitNet b1.58: LLaMA with a gated squared ReLU, and a norm before the last matrix of each block."""
    return whole_or_grouped(reader) | biases(reader.flag("attention_bias", False)) | {"inner_norms": True}


def nanochat(reader: ConfigReader) -> Values:
    """nanochat: RMS norms without gains, also behind the embedding and of queries and keys; capped logits."""
    return (
        whole_or_grouped(reader)
        | {
            "gated_feed_forward": False,
            "normalization_gain": False,
            "embedding_norm": True,
            "query_key_norm": HeadNorm(gains="none"),
            "logit_soft_cap": is_set(reader, "final_logit_softcapping", True),
        }
        | biases(reader.flag("attention_bias", False))
    )
