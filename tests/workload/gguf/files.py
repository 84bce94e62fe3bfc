"""Small GGUF files: written byte by byte, so that they can also be wrong, and the tensors of small models."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: Name, shape (innermost axis first) and number of the type of a tensor.
TensorInfo = tuple[str, tuple[int, ...], int]

F32, F16, Q4_0, Q8_0, Q4_K, Q6_K = 0, 1, 2, 8, 12, 14

#: Elements and bytes of a block.
BLOCKS = {F32: (1, 4), F16: (1, 2), Q4_0: (32, 18), Q8_0: (32, 34), Q4_K: (256, 144), Q6_K: (256, 210)}

HIDDEN, HEADS, KEY_VALUE_HEADS, HEAD_DIM, INNER, LAYERS, VOCABULARY = 256, 4, 2, 64, 512, 3, 96

TOKENS = [f"token{number}" for number in range(90)] + ["<s>", "</s>", "<pad>", "<a>", "<b>", "<c>"]
KINDS = [1] * 90 + [3, 3, 4, 5, 5, 5]


def text(value: str, order: str = "<") -> bytes:
    raw = value.encode()
    return struct.pack(f"{order}Q", len(raw)) + raw


def encoded(value: Any, order: str = "<") -> bytes:
    """A value with the number of its kind before it."""
    if isinstance(value, bool):
        return struct.pack(f"{order}I?", 7, value)
    if isinstance(value, int):
        return struct.pack(f"{order}II", 4, value)
    if isinstance(value, float):
        return struct.pack(f"{order}If", 6, value)
    if isinstance(value, str):
        return struct.pack(f"{order}I", 8) + text(value, order)
    head = struct.pack(f"{order}I", 9)
    if value and isinstance(value[0], str):
        return head + struct.pack(f"{order}IQ", 8, len(value)) + b"".join(text(one, order) for one in value)
    return head + struct.pack(f"{order}IQ{len(value)}i", 5, len(value), *value)


def tensor_bytes(info: TensorInfo) -> int:
    elements = 1
    for axis in info[1]:
        elements *= axis
    block, size = BLOCKS[info[2]]
    return elements // block * size


def gguf_bytes(
    values: Mapping[str, Any],
    tensors: Sequence[TensorInfo] = (),
    version: int = 3,
    order: str = "<",
    counts: tuple[int, int] | None = None,
) -> tuple[bytes, int]:
    """The header, and the bytes of the whole file."""
    stated = (len(tensors), len(values)) if counts is None else counts
    head = b"GGUF" + struct.pack(f"{order}IQQ", version, *stated)
    for key, value in values.items():
        head += text(key, order) + encoded(value, order)
    place = 0
    for name, shape, kind in tensors:
        head += text(name, order) + struct.pack(f"{order}I{len(shape)}QIQ", len(shape), *shape, kind, place)
        place += -(-tensor_bytes((name, shape, kind)) // 32) * 32
    return head, -(-len(head) // 32) * 32 + place


def write_gguf(path: Path, values: Mapping[str, Any], tensors: Sequence[TensorInfo] = (), **how: Any) -> Path:
    """Write a file whose weights are a hole."""
    head, size = gguf_bytes(values, tensors, **how)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(max(size, len(head)))
    return path


def keys(architecture: str, **others: Any) -> dict[str, Any]:
    """Keys of a small model; others go before them, and None takes one away."""
    found = {
        "block_count": LAYERS,
        "context_length": 128,
        "embedding_length": HIDDEN,
        "feed_forward_length": INNER,
        "attention.head_count": HEADS,
        "attention.head_count_kv": KEY_VALUE_HEADS,
        "attention.key_length": HEAD_DIM,
        "attention.value_length": HEAD_DIM,
        "rope.freq_base": 10000.0,
    } | others
    return {
        "general.architecture": architecture,
        "general.file_type": 15,
        **{f"{architecture}.{key}": value for key, value in found.items() if value is not None},
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.token_type": KINDS,
    }


def matrix(name: str, inputs: int, outputs: int, kind: int = Q4_K) -> TensorInfo:
    return (f"{name}.weight", (inputs, outputs), kind)


def vector(name: str, length: int, end: str = "weight") -> TensorInfo:
    return (f"{name}.{end}", (length,), F32)


def dense(
    *,
    head: bool = True,
    gate: bool = True,
    fused: bool = False,
    fused_gate: bool = False,
    norms: Sequence[str] = ("attn_norm", "ffn_norm"),
    head_norms: Sequence[str] = (),
    biases: Sequence[str] = (),
    norm_bias: bool = False,
    positions: int = 0,
    layers: int = LAYERS,
    heads: int = KEY_VALUE_HEADS,
) -> list[TensorInfo]:
    """Tensors of a dense model; every other down projection is of Q6_K, as in a mix."""
    query, key = HEADS * HEAD_DIM, heads * HEAD_DIM
    found = [matrix("token_embd", HIDDEN, VOCABULARY, Q6_K), vector("output_norm", HIDDEN)]
    if norm_bias:
        found.append(vector("output_norm", HIDDEN, "bias"))
    if head:
        found.append(matrix("output", HIDDEN, VOCABULARY, Q6_K))
    if positions:
        found.append(("position_embd.weight", (HIDDEN, positions), F16))
    for layer in range(layers):
        name = f"blk.{layer}"
        shapes = {"attn_qkv": query + 2 * key} if fused else {"attn_q": query, "attn_k": key, "attn_v": key}
        shapes |= {"ffn_up": 2 * INNER if fused_gate else INNER}
        shapes |= {"ffn_gate": INNER} if gate and not fused_gate else {}
        found += [matrix(f"{name}.{own}", HIDDEN, outputs) for own, outputs in shapes.items()]
        found.append(matrix(f"{name}.attn_output", query, HIDDEN))
        found.append(matrix(f"{name}.ffn_down", INNER, HIDDEN, Q6_K if layer % 2 else Q4_K))
        widths = shapes | {"attn_output": HIDDEN, "ffn_down": HIDDEN}
        found += [vector(f"{name}.{own}", widths[own], "bias") for own in biases]
        for own in norms:
            found.append(vector(f"{name}.{own}", HIDDEN))
            if norm_bias:
                found.append(vector(f"{name}.{own}", HIDDEN, "bias"))
        found += [vector(f"{name}.{own}", HEAD_DIM) for own in head_norms]
    return found


_ALL = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down")
_FUSED = ("attn_qkv", "attn_output", "ffn_up", "ffn_down")

#: Keys and tensors of a small model of every architecture whose family is read, as llama.cpp converts it.
MODELS: dict[str, tuple[dict[str, Any], list[TensorInfo]]] = {
    "llama": (keys("llama"), [*dense(), ("rope_freqs.weight", (32,), F32)]),
    "mistral3": (keys("mistral3"), dense()),
    "qwen2": (keys("qwen2"), dense(head=False, biases=("attn_q", "attn_k", "attn_v"))),
    "qwen3": (keys("qwen3"), dense(head_norms=("attn_q_norm", "attn_k_norm"))),
    "gemma": (keys("gemma"), dense(head=False)),
    "phi3": (keys("phi3", **{"attention.sliding_window": 64}), dense(fused=True, fused_gate=True)),
    "starcoder2": (keys("starcoder2"), dense(gate=False, norm_bias=True, biases=_ALL, head=False)),
    "stablelm": (keys("stablelm"), dense(norm_bias=True)),
    "granite": (keys("granite"), dense(head=False)),
    "gpt2": (
        keys("gpt2", **{"attention.head_count_kv": None}),
        dense(fused=True, gate=False, norm_bias=True, biases=_FUSED, positions=128, heads=HEADS),
    ),
    "command-r": (keys("command-r"), dense(head=False, norms=("attn_norm",))),
    "smollm3": (keys("smollm3"), dense(head=False)),
    "ernie4_5": (keys("ernie4_5"), dense(head=False)),
    "seed_oss": (
        keys("seed_oss"),
        dense(biases=("attn_q", "attn_k", "attn_v"), norms=("attn_norm", "post_attention_norm")),
    ),
}

_FOUR_NORMS = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")

#: The same of architectures that are translated and tested as soon as their family is read.
LATER: dict[str, tuple[dict[str, Any], list[TensorInfo]]] = {
    "gemma2": (keys("gemma2", **{"attention.sliding_window": 64}), dense(head=False, norms=_FOUR_NORMS)),
    "gemma3": (
        keys("gemma3", **{"attention.sliding_window": 64}),
        dense(head=False, norms=_FOUR_NORMS, head_norms=("attn_q_norm", "attn_k_norm")),
    ),
}
