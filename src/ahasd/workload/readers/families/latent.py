"""Families with multi-head latent attention."""

from dataclasses import replace

from ahasd.workload.blocks.indexed_attention import IndexedAttention
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.layer_group import LayerGroup
from ahasd.workload.readers.families.common import Values, common
from ahasd.workload.readers.families.experts import behind_dense
from ahasd.workload.readers.families.layers import grouped_layers, kinds_of_layers
from ahasd.workload.readers.families.mixtures import shared_experts
from ahasd.workload.readers.fields import ConfigReader

#: What layers are called that attend to what an index picks, which are all.
_INDEXED = {"deepseek_sparse_attention", "indexed_attention"}


def latent_attention(reader: ConfigReader, hidden: int, heads: int) -> LatentAttention:
    """Read latent attention as DeepSeek's files spell it; a null `q_lora_rank` is one matrix for queries."""
    return LatentAttention(
        hidden,
        heads,
        reader.integer("kv_lora_rank"),
        reader.integer("qk_rope_head_dim"),
        reader.integer("qk_nope_head_dim"),
        reader.integer("v_head_dim"),
        reader.optional_integer("q_lora_rank"),
        reader.flag("attention_bias", False),
    )


def dense_latent(reader: ConfigReader) -> Values:
    """MiniCPM3 and Youtu: latent attention, and a feed-forward part in every layer."""
    values = sizes(reader)
    mixer = latent_attention(reader, values["hidden_size"], values["heads"])
    group = LayerGroup(name="layer", layers=values["layers"], mixer=mixer)
    return values | {"layer_groups": (group,)}


def deepseek_v2(reader: ConfigReader) -> Values:
    """DeepSeek-V2 and V2-Lite: scores are a softmax."""
    return _deepseek(reader, sigmoid=False)


def deepseek_v3(reader: ConfigReader) -> Values:
    """DeepSeek-V3, R1, and what has their layout: Kimi K2, GLM 4.7 Flash."""
    return _deepseek(reader, sigmoid=True)


def deepseek_v32(reader: ConfigReader) -> Values:
    """DeepSeek-V3.2: DeepSeek-V3 whose tokens attend to the entries that an index picks."""
    kinds_of_layers(reader, reader.integer("num_hidden_layers"), _INDEXED)
    attention = latent_attention(reader, reader.integer("hidden_size"), reader.integer("num_attention_heads"))
    heads, width = reader.integer("index_n_heads"), reader.integer("index_head_dim")
    attention = replace(attention, always_absorbed=True)
    return _deepseek(reader, True, IndexedAttention(attention, heads, width, reader.integer("index_topk")))


def _deepseek(reader: ConfigReader, sigmoid: bool, indexed: IndexedAttention | None = None) -> Values:
    values = sizes(reader)
    mixer = indexed or latent_attention(reader, values["hidden_size"], values["heads"])
    experts = shared_experts(reader, values, scores="sigmoid" if sigmoid else "softmax")
    groups = grouped_layers(
        LayerGroup(
            name="expert_layer" if sparse else "dense_layer",
            layers=1,
            mixer=mixer,
            experts=experts if sparse else None,
        )
        for sparse in behind_dense(reader, values["layers"], 0)
    )
    return values | {"layer_groups": groups}


def sizes(reader: ConfigReader) -> Values:
    """The common sizes; a head's channels are those of its queries, of which only a part carries the position."""
    head_dim = reader.integer("qk_nope_head_dim") + reader.integer("qk_rope_head_dim")
    # `head_dim` of these files is that part alone.
    plain = ConfigReader({**reader.contents, "head_dim": head_dim}, reader.origin)
    return common(plain) | {"tied_embeddings": reader.flag("tie_word_embeddings", False)}
