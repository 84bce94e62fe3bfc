"""Gemma 1 to 4, and VaultGemma."""

from typing import Any

from .row import Config, Row, sizes

COMMON = {"hidden_activation": "gelu_pytorch_tanh", "tie_word_embeddings": True}


def gemma(family: str, *shape: int, **more: Any) -> Config:
    return sizes(family, *shape, **COMMON | more)


def later(*shape: int, **more: Any) -> Config:
    """Gemma 3n, whose first layers let only some of their gates act."""
    return gemma("gemma3n_text", *shape, head_dim=256, num_kv_shared_layers=more.pop("shared"), **more)


#: Four layers with a window, one without.
FIVE = [*["sliding_attention"] * 4, "full_attention"]
SIX = [*["sliding_attention"] * 5, "full_attention"]

GEMMA = [
    Row("google/gemma-2b", 2_506_172_416, [(18, 256, None)],
        gemma("gemma", 256000, 2048, 16384, 18, 8, 1, head_dim=256)),
    Row("google/gemma-7b", 8_537_680_896, [(28, 16 * 256, None)],
        gemma("gemma", 256000, 3072, 24576, 28, 16, 16, head_dim=256)),
    Row("google/gemma-2-2b", 2_614_341_888, [(13, 4 * 256, 4096), (13, 4 * 256, None)],
        gemma("gemma2", 256000, 2304, 9216, 26, 8, 4, head_dim=256, sliding_window=4096)),
    Row("google/gemma-2-9b", 9_241_705_984, [(21, 8 * 256, 4096), (21, 8 * 256, None)],
        gemma("gemma2", 256000, 3584, 14336, 42, 16, 8, head_dim=256, sliding_window=4096)),
    Row("google/gemma-2-27b", 27_227_128_320, [(23, 16 * 128, 4096), (23, 16 * 128, None)],
        gemma("gemma2", 256000, 4608, 36864, 46, 32, 16, head_dim=128, sliding_window=4096)),
    Row("google/gemma-3-270m", 268_098_176, [(15, 256, 512), (3, 256, None)],
        gemma("gemma3_text", 262144, 640, 2048, 18, 4, 1, head_dim=256, sliding_window=512)),
    Row("google/gemma-3-1b-it", 999_885_952, [(22, 256, 512), (4, 256, None)],
        gemma("gemma3_text", 262144, 1152, 6912, 26, 4, 1, head_dim=256, sliding_window=512,
            sliding_window_pattern=6)),
    Row("google/gemma-3-4b-it", 3_880_263_168, [(29, 4 * 256, 1024), (5, 4 * 256, None)],
        gemma("gemma3_text", 262208, 2560, 10240, 34, 8, 4, head_dim=256, sliding_window=1024)),
    Row("google/gemma-3-12b-it", 11_766_034_176, [(40, 8 * 256, 1024), (8, 8 * 256, None)],
        gemma("gemma3_text", 262208, 3840, 15360, 48, 16, 8, head_dim=256, sliding_window=1024)),
    Row("google/gemma-3-27b-it", 27_009_346_304, [(52, 16 * 128, 1024), (10, 16 * 128, None)],
        gemma("gemma3_text", 262208, 5376, 21504, 62, 32, 16, head_dim=128, sliding_window=1024)),
    Row("google/gemma-3n-E2B-it", 4_435_182_688, [(16, 2 * 256, 512), (4, 2 * 256, None)],
        later(262400, 2048, 8192, 30, 8, 2, shared=10, sliding_window=512, layer_types=FIVE * 6)),
    Row("google/gemma-3n-E4B-it", 6_835_235_568, [(16, 2 * 256, 512), (4, 2 * 256, None)],
        later(262400, 2048, 16384, 35, 8, 2, shared=15, sliding_window=512, layer_types=FIVE * 7)),
    Row("google/gemma-4-E2B-it", 4_628_569_344, [(12, 256, 512), (3, 512, None)],
        gemma("gemma4_text", 262144, 1536, 6144, 35, 8, 1, head_dim=256, sliding_window=512,
            num_kv_shared_layers=20, use_double_wide_mlp=True, layer_types=FIVE * 7)),
    Row("google/gemma-4-E4B-it", 7_463_013_376, [(20, 2 * 256, 512), (4, 2 * 512, None)],
        gemma("gemma4_text", 262144, 2560, 10240, 42, 8, 2, head_dim=256, sliding_window=512,
            num_kv_shared_layers=18, layer_types=SIX * 7)),
    Row("google/gemma-4-31B-it", 30_697_345_280, [(50, 16 * 256, 1024), (10, 4 * 512, None)],
        gemma("gemma4_text", 262144, 5376, 21504, 60, 32, 16, head_dim=256, sliding_window=1024,
            hidden_size_per_layer_input=0, attention_k_eq_v=True, num_global_key_value_heads=4,
            global_head_dim=512, layer_types=SIX * 10)),
    Row("gemma4_unified_text: defaults of transformers", 3_010_758_400, [(25, 4 * 256, 1024), (5, 4 * 512, None)],
        gemma("gemma4_unified_text", 262144, 2304, 9216, 30, 8, 4, head_dim=256, sliding_window=1024)),
    Row("google/vaultgemma-1b", 1_038_741_120, [(13, 4 * 256, 512), (13, 4 * 256, None)],
        gemma("vaultgemma", 256000, 1152, 6912, 26, 4, 4, head_dim=256, sliding_window=512)),
]  # fmt: skip
