"""What a GGUF file's tensors show of a model, where the `config.json` of its family has a field for it."""

from collections.abc import Callable
from typing import Any

from ahasd.workload.readers.gguf.fields import HeaderFields


def biases(
    attention: str, feed_forward: str | None = None, output: str | None = None
) -> Callable[[HeaderFields], dict[str, Any]]:
    """Whether attention, feed-forward layer and attention's output have biases, by the fields' names."""

    def found(header: HeaderFields) -> dict[str, Any]:
        fields = {attention: header.has("blk.0.attn_q.bias", "blk.0.attn_qkv.bias")}
        if feed_forward is not None:
            fields[feed_forward] = header.has("blk.0.ffn_up.bias")
        if output is not None:
            fields[output] = header.has("blk.0.attn_output.bias")
        return fields

    return found


def norms(field: str) -> Callable[[HeaderFields], dict[str, Any]]:
    """Whether queries and keys are normalised, by the field's name."""
    return lambda header: {field: header.has("blk.0.attn_q_norm.weight")}


def parallel(header: HeaderFields) -> dict[str, Any]:
    """Whether attention and feed-forward layer share a norm (StableLM)."""
    return {"use_parallel_residual": not header.has("blk.0.ffn_norm.weight")}


def multi_query(header: HeaderFields) -> dict[str, Any]:
    """Whether all query heads share one key-value head (StarCoder)."""
    return {"multi_query": header.number("attention.head_count_kv") == 1}


def windows(period: int) -> Callable[[HeaderFields], dict[str, Any]]:
    """Which layers have a window: all but the last of each period, as llama.cpp's code has it."""

    def found(header: HeaderFields) -> dict[str, Any]:
        if not header.number("attention.sliding_window"):
            return {}
        kinds = [
            "full_attention" if layer % period == period - 1 else "sliding_attention"
            for layer in range(header.layers)
        ]
        return {"layer_types": kinds}

    return found


def falcon(header: HeaderFields) -> dict[str, Any]:
    """Falcon's layouts: one key-value head (7B) or a norm for each block (40B)."""
    heads = header.number("attention.head_count_kv")
    return {
        "num_kv_heads": heads,
        "multi_query": heads == 1,
        "new_decoder_architecture": header.has("blk.0.attn_norm_2.weight"),
        "parallel_attn": True,
        "bias": header.has("blk.0.attn_qkv.bias"),
    }
