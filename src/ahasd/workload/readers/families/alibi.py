"""BLOOM and MPT: positions are a bias of the scores (ALiBi, arXiv 2108.12409)."""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, layer_norm
from ahasd.workload.readers.fields import ConfigReader


def bloom(reader: ConfigReader) -> Values:
    """BLOOM: GPT-2 with ALiBi and a norm behind the embedding."""
    hidden = reader.integer("n_embed" if reader.contents.get("n_embed") else "hidden_size")
    heads = reader.integer("n_head", reader.optional_integer("num_attention_heads"))
    return (
        _common(reader, "hidden_size", hidden, "n_head", heads)
        | {
            "layers": reader.integer("n_layer", reader.optional_integer("num_hidden_layers")),
            "feed_forward_size": 4 * hidden,
            # No table bounds it; the published files tell the length of the texts it was trained on, or nothing.
            "maximum_positions": reader.integer("seq_length", 2048),
            "embedding_norm": True,
        }
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )


def mpt(reader: ConfigReader) -> Values:
    """MPT: no bias anywhere, as its published files say and transformers builds it.

    Raises
    ------
    AhasdError
        The file says more than transformers builds.
    """
    attention = reader.contents.get("attn_config") or {}
    stated = {
        "no_bias false": not reader.flag("no_bias", True),
        "alibi false": not attention.get("alibi", True),
        "qk_ln": attention.get("qk_ln", False),
        "attn_type": attention.get("attn_type", "multihead_attention") != "multihead_attention",
    }
    for field, found in stated.items():
        if found:
            raise AhasdError(
                f"{reader.origin}: {field} makes it another MPT than transformers builds: not supported"
            )
    hidden, heads = reader.integer("d_model"), reader.integer("n_heads")
    return (
        _common(reader, "d_model", hidden, "n_heads", heads)
        | {
            "layers": reader.integer("n_layers"),
            "feed_forward_size": reader.integer("expansion_ratio", 4) * hidden,
            "maximum_positions": reader.integer("max_seq_len"),
        }
        | layer_norm(bias=False)
    )


def _common(reader: ConfigReader, width: str, hidden: int, count: str, heads: int) -> Values:
    return {
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": reader.share(width, hidden, count, heads),
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "positions": "bias",
        "activation": "gelu",
    }
