"""A GGUF file of the size of the largest models whose weights are a hole: a header, and nothing behind it."""

import struct
import sys
from pathlib import Path

#: Shapes of a model of some 370 GB in Q5_K with 1,500 tensors.
LAYERS, HIDDEN, INNER, KEYS = 166, 16384, 53248, 1024
TOKENS, MERGES = 256_000, 250_000
_F32, _Q5_K = 0, 13


def write_sparse_gguf(path: Path) -> None:
    """Write it; the disk holds the header only."""
    shapes = {
        "attn_q": (HIDDEN, HIDDEN),
        "attn_k": (HIDDEN, KEYS),
        "attn_v": (HIDDEN, KEYS),
        "attn_output": (HIDDEN, HIDDEN),
        "ffn_gate": (HIDDEN, INNER),
        "ffn_up": (HIDDEN, INNER),
        "ffn_down": (INNER, HIDDEN),
        "attn_norm": (HIDDEN,),
        "ffn_norm": (HIDDEN,),
    }
    tensors: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd", (HIDDEN, TOKENS)),
        ("output_norm", (HIDDEN,)),
        ("output", (HIDDEN, TOKENS)),
        *((f"blk.{layer}.{name}", shape) for layer in range(LAYERS) for name, shape in shapes.items()),
    ]
    sizes = {
        "block_count": LAYERS,
        "context_length": 131072,
        "embedding_length": HIDDEN,
        "feed_forward_length": INNER,
        "attention.head_count": 128,
        "attention.head_count_kv": KEYS // 128,
    }
    values = [
        _text("general.architecture") + struct.pack("<I", 8) + _text("llama"),
        *(_text(f"llama.{key}") + struct.pack("<II", 4, value) for key, value in sizes.items()),
        _array("tokenizer.ggml.tokens", 8, TOKENS, b"".join(_text(f"token{n}") for n in range(TOKENS))),
        _array("tokenizer.ggml.scores", 6, TOKENS, bytes(4 * TOKENS)),
        _array("tokenizer.ggml.token_type", 5, TOKENS, struct.pack("<i", 1) * TOKENS),
        _array("tokenizer.ggml.merges", 8, MERGES, b"".join(_text(f"to ken{n}") for n in range(MERGES))),
    ]
    place, infos = 0, b""
    for name, shape in tensors:
        matrix = len(shape) > 1
        kind = _Q5_K if matrix else _F32
        infos += _text(f"{name}.weight") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, place)
        place += shape[0] * shape[1] // 256 * 176 if matrix else 4 * shape[0]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values)) + b"".join(values) + infos
    size = -(-len(head) // 32) * 32 + place
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _array(key: str, kind: int, count: int, elements: bytes) -> bytes:
    return _text(key) + struct.pack("<IIQ", 9, kind, count) + elements


if __name__ == "__main__":
    write_sparse_gguf(Path(sys.argv[1]))
