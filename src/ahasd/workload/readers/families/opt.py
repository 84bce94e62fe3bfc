"""OPT, and those whose positions are a computed table: XGLM and CTRL."""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, layer_norm
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


def xglm(reader: ConfigReader) -> Values:
    """XGLM: OPT with computed positions and the names of a translator's decoder."""
    hidden, heads = reader.integer("d_model"), reader.integer("attention_heads")
    return (
        {
            "layers": reader.integer("num_layers"),
            "hidden_size": hidden,
            "heads": heads,
            "key_value_heads": heads,
            "head_dim": reader.share("d_model", hidden, "attention_heads", heads),
            "feed_forward_size": reader.integer("ffn_dim"),
            "gated_feed_forward": False,
            "vocabulary_size": reader.integer("vocab_size"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "maximum_positions": reader.integer("max_position_embeddings"),
            "fixed_positions": True,
            "activation": reader.activation("activation_function"),
        }
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )


def ctrl(reader: ConfigReader) -> Values:
    """CTRL: GPT-2's fields, computed positions, ReLU, a tied head with a bias of its own."""
    hidden, heads = reader.integer("n_embd"), reader.integer("n_head")
    return (
        {
            "layers": reader.integer("n_layer"),
            "hidden_size": hidden,
            "heads": heads,
            "key_value_heads": heads,
            "head_dim": reader.share("n_embd", hidden, "n_head", heads),
            "feed_forward_size": reader.integer("dff"),
            "gated_feed_forward": False,
            "vocabulary_size": reader.integer("vocab_size"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "maximum_positions": reader.integer("n_positions"),
            "fixed_positions": True,
            "head_bias": True,
            "activation": "relu",
        }
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )
