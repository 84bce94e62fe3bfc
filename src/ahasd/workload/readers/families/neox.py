"""GPT-NeoX, GPT-J, CodeGen and Phi: blocks side by side, layer norms, biases."""

from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values, biases, common, layer_norm, whole_or_grouped
from ahasd.workload.readers.families.gpt2 import gpt2
from ahasd.workload.readers.fields import ConfigReader


def gpt_neox(reader: ConfigReader) -> Values:
    """GPT-NeoX and Pythia: each block has a norm of its own, side by side or not."""
    parallel = reader.flag("use_parallel_residual", True)
    return (
        common(reader)
        | {"gated_feed_forward": False, "parallel_layers": parallel, "parallel_norm_apart": parallel}
        | layer_norm()
        | biases(reader.flag("attention_bias", True), feed_forward=True)
    )


def gptj(reader: ConfigReader) -> Values:
    """GPT-J and CodeGen: GPT-2's fields, rotary positions, one norm for both blocks, a head with a bias."""
    return (
        gpt2(reader)
        | {
            "learned_positions": 0,
            "tied_embeddings": reader.flag("tie_word_embeddings", False),
            "parallel_layers": True,
            "head_bias": True,
        }
        | biases(attention=False, feed_forward=True)
    )


def phi(reader: ConfigReader) -> Values:
    """Phi 1, 1.5 and 2: GPT-J's layout with biases everywhere."""
    norm = HeadNorm("layer", "head", bias=True) if reader.flag("qk_layernorm", False) else None
    return (
        whole_or_grouped(reader)
        | {
            "gated_feed_forward": False,
            "parallel_layers": True,
            "query_key_norm": norm,
            "head_bias": True,
        }
        | layer_norm()
        | biases(attention=True, feed_forward=True)
    )
