"""GPT-2 and its kin: a learned table of positions, biases in all matrices, a tied head."""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, common, layer_norm
from ahasd.workload.readers.families.layer_kinds import FULL, SLIDING, with_windows
from ahasd.workload.readers.fields import ConfigReader


def gpt2(reader: ConfigReader, activation: str = "activation_function") -> Values:
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
        "activation": reader.activation(activation),
    }


def gpt_bigcode(reader: ConfigReader) -> Values:
    """GPT-2 with one key-value head for all (``multi_query``)."""
    shared = reader.flag("multi_query", True)
    return gpt2(reader) | ({"key_value_heads": 1} if shared else {})


def openai_gpt(reader: ConfigReader) -> Values:
    """GPT-1, whose norms stand behind the sums: as many as in GPT-2, but for the last."""
    return gpt2(reader, "afn") | {"final_norm": False}


def gpt_neo(reader: ConfigReader) -> Values:
    """GPT-Neo: biases of attention at its output only, windows in every other layer."""
    hidden, heads = reader.integer("hidden_size"), reader.integer("num_heads")
    positions, layers = reader.integer("max_position_embeddings"), reader.integer("num_layers")
    values = (
        {
            "layers": layers,
            "hidden_size": hidden,
            "heads": heads,
            "key_value_heads": heads,
            "head_dim": reader.share("hidden_size", hidden, "num_heads", heads),
            "feed_forward_size": reader.integer("intermediate_size", 4 * hidden),
            "gated_feed_forward": False,
            "vocabulary_size": reader.integer("vocab_size"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "maximum_positions": positions,
            "learned_positions": positions,
            "activation": reader.activation("activation_function"),
        }
        | layer_norm()
        | biases(attention=False, feed_forward=True, output=True)
    )
    return with_windows(reader, values, _neo_kinds(reader, layers), window="window_size")


def biogpt(reader: ConfigReader) -> Values:
    """BioGPT: the fields of a BERT, and OPT's table of positions."""
    positions = reader.integer("max_position_embeddings")
    return (
        common(reader)
        | {
            "gated_feed_forward": False,
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "learned_positions": positions + 2,  # BioGptLearnedPositionalEmbedding: positions start at row 2
        }
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )


def _neo_kinds(reader: ConfigReader, layers: int) -> list[str]:
    """Kinds of layers by `attention_types`: lists of kinds, each with how often it comes."""
    stated, names = reader.contents.get("attention_types"), {"global": FULL, "local": SLIDING}
    try:
        parts = [(list(kinds), int(times)) for kinds, times in stated or [[["global", "local"], layers // 2]]]
        found = [names[kind] for kinds, times in parts for _ in range(times) for kind in kinds]
    except (TypeError, ValueError, KeyError) as error:
        raise AhasdError(
            f"{reader.origin}: field 'attention_types' must list kinds (global, local), each with a number, "
            f"not {stated!r}"
        ) from error
    if len(found) != layers:
        raise AhasdError(f"{reader.origin}: field 'attention_types' names {len(found)} of {layers} layers")
    return found
