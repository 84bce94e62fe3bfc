"""Falcon 1 and 2 in all their layouts; Falcon 3 is a LLaMA."""

from ahasd.workload.readers.families.common import Values, biases, layer_norm
from ahasd.workload.readers.fields import ConfigReader


def falcon(reader: ConfigReader) -> Values:
    """Falcon: of 7B with one key-value head, of 40B with groups and two norms, and RefinedWeb's with ALiBi.

    A file that does not say is read as `FalconConfig` of transformers does.
    """
    hidden = reader.integer("n_embed" if reader.contents.get("n_embed") else "hidden_size")
    heads = reader.integer("num_attention_heads", reader.optional_integer("n_head"))
    newer, parallel = reader.flag("new_decoder_architecture", False), reader.flag("parallel_attn", True)
    shared = heads
    if newer:
        shared = reader.integer("num_kv_heads", heads)
    elif reader.flag("multi_query", True):
        shared = 1
    bias = reader.flag("bias", False)
    return (
        {
            "layers": reader.integer("num_hidden_layers", reader.optional_integer("n_layer")),
            "hidden_size": hidden,
            "heads": heads,
            "key_value_heads": shared,
            "head_dim": reader.share("hidden_size", hidden, "num_attention_heads", heads),
            "feed_forward_size": reader.integer("ffn_hidden_size", 4 * hidden),
            "gated_feed_forward": False,
            "vocabulary_size": reader.integer("vocab_size"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "maximum_positions": reader.integer("max_position_embeddings", 2048),
            "positions": "bias" if reader.flag("alibi", False) else "rotary",
            "parallel_layers": parallel,
            "parallel_norm_apart": parallel and newer and reader.integer("num_ln_in_parallel_attn", 2) == 2,
            "activation": reader.activation("activation") if reader.contents.get("activation") else "gelu",
        }
        | layer_norm()
        | biases(bias, bias)
    )
