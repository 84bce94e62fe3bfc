"""LLaMA's layout with layer norms: StableLM and StarCoder2."""

from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values, biases, grouped, layer_norm, window_of_all
from ahasd.workload.readers.fields import ConfigReader


def starcoder2(reader: ConfigReader) -> Values:
    """StarCoder2: two matrices in the feed-forward layer, biases everywhere or nowhere."""
    bias = reader.flag("use_bias", True)
    return (
        grouped(reader)
        | {
            "gated_feed_forward": False,
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
            "sliding_window": window_of_all(reader),
        }
        | layer_norm()
        | biases(bias, bias)
    )


def stablelm(reader: ConfigReader) -> Values:
    """StableLM: both blocks side by side in some models, and norms of each head in the 12B."""
    norm = HeadNorm("layer", "heads") if reader.flag("qk_layernorm", False) else None
    return (
        grouped(reader)
        | {"parallel_layers": reader.flag("use_parallel_residual", False), "query_key_norm": norm}
        | layer_norm()
        | biases(reader.flag("use_qkv_bias", False), output=False)
    )
