"""Families with a learned table of positions."""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.fields import ConfigReader


def opt(reader: ConfigReader) -> Values:
    """OPT; the 350M model projects its embeddings and has norms behind its blocks."""
    if not reader.flag("layer_norm_elementwise_affine", True):
        raise AhasdError(f"{reader.origin}: layer_norm_elementwise_affine false is not supported")
    hidden, heads = reader.integer("hidden_size"), reader.integer("num_attention_heads")
    positions = reader.integer("max_position_embeddings")
    embedding = reader.integer("word_embed_proj_dim", hidden)
    bias = reader.flag("enable_bias", True)
    norm_first = reader.flag("do_layer_norm_before", True)
    return {
        "layers": reader.integer("num_hidden_layers"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": reader.share("hidden_size", hidden, "num_attention_heads", heads),
        "feed_forward_size": reader.integer("ffn_dim"),
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "maximum_positions": positions,
        "learned_positions": positions + 2,  # OPTLearnedPositionalEmbedding: positions start at row 2
        "embedding_size": None if embedding == hidden else embedding,
        "normalization": "layer",
        "normalization_bias": True,
        "final_norm": norm_first and not reader.flag("_remove_final_layer_norm", False),
        "query_key_value_bias": bias,
        "attention_output_bias": bias,
        "feed_forward_bias": bias,
        "activation": reader.activation("activation_function"),
    }


def gpt2(reader: ConfigReader) -> Values:
    """GPT-2, whose fields have names of their own."""
    hidden, heads = reader.integer("n_embd"), reader.integer("n_head")
    positions = reader.integer("n_positions")
    return {
        "layers": reader.integer("n_layer"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": reader.share("n_embd", hidden, "n_head", heads),
        "feed_forward_size": reader.integer("n_inner", 4 * hidden),
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "maximum_positions": positions,
        "learned_positions": positions,
        "normalization": "layer",
        "normalization_bias": True,
        "query_key_value_bias": True,
        "attention_output_bias": True,
        "feed_forward_bias": True,
        "activation": reader.activation("activation_function"),
    }


def gpt_bigcode(reader: ConfigReader) -> Values:
    """GPT-2 with one key-value head for all (``multi_query``)."""
    shared = reader.flag("multi_query", True)
    return gpt2(reader) | ({"key_value_heads": 1} if shared else {})
