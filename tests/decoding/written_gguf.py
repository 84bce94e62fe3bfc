"""Writes .gguf files as llama.cpp's converter does, from models of transformers that take no time."""

import gguf
import numpy as np

from ahasd.decoding.models.gguf_architectures import ARCHITECTURES, WHOLE

#: Bytes as GPT-2 spells them, two merges, and an end token.
LETTERS = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))]
MERGES = ["Ġ Ġ", "a b"]
TOKENS = [*LETTERS, "ĠĠ", "ab", "<|end|>"]


def pairs(weight, heads):
    """llama.cpp's order of the rows of each head: (2, pair) becomes (pair, 2)."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_gguf(
    path, model, architecture="llama", *, quantised=False, without=(), tensors=(), metadata=(), pre="gpt-2"
):
    """Write a model; `tensors` and `metadata` are added to what it has, or put in its place."""
    config, known = model.config, ARCHITECTURES[architecture]
    writer = gguf.GGUFWriter(path, architecture)
    values = {
        f"{architecture}.block_count": config.num_hidden_layers,
        f"{architecture}.context_length": config.max_position_embeddings,
        f"{architecture}.embedding_length": config.hidden_size,
        f"{architecture}.feed_forward_length": config.intermediate_size,
        f"{architecture}.attention.head_count": config.num_attention_heads,
        f"{architecture}.attention.head_count_kv": config.num_key_value_heads,
        f"{architecture}.attention.layer_norm_rms_epsilon": config.rms_norm_eps,
        f"{architecture}.rope.freq_base": 10_000.0,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.eos_token_id": len(TOKENS) - 1,
    } | dict(metadata)
    if getattr(config, "head_dim", None):
        values[f"{architecture}.attention.key_length"] = config.head_dim
    for key, value in values.items():
        if value is None:
            continue
        add = {
            str: writer.add_string,
            float: writer.add_float32,
            bool: writer.add_bool,
            int: writer.add_uint32,
        }
        add[type(value)](key, value)
    if "tokenizer.ggml.tokens" not in values:
        writer.add_token_list(TOKENS)
        writer.add_token_merges(MERGES)
        writer.add_token_types([1] * (len(TOKENS) - 1) + [3])
    names = {ours: name for name, ours in WHOLE.items()} | {
        f"model.layers.{index}.{ours}": f"blk.{index}.{name}"
        for index in range(config.num_hidden_layers)
        for name, ours in known.layer.items()
    }
    weights = {}
    for ours, tensor in model.state_dict().items():
        if ours == "lm_head.weight" and config.tie_word_embeddings:
            continue
        weight, name = tensor.detach().numpy(), names[ours]
        if known.interleaved and name.endswith(("attn_q.weight", "attn_k.weight")):
            weight = pairs(
                weight, config.num_attention_heads if "attn_q" in name else config.num_key_value_heads
            )
        if known.norms_plus_one and name.endswith("norm.weight"):
            weight = weight + 1
        weights[name] = weight
    for name, weight in (weights | dict(tensors)).items():
        if name in without:
            continue
        weight = np.ascontiguousarray(weight, dtype=np.float32)
        if quantised and weight.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quantize(weight, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
