"""Qwen 1.5 to 3; 2 and 2.5 share their sizes of 0.5B, 1.5B, 7B and 72B."""

from typing import Any

from .row import Config, Row, sizes

TIED = {"tie_word_embeddings": True}


def qwen2(*shape: int, **more: Any) -> Config:
    windows = {"use_sliding_window": False, "max_window_layers": 21, "sliding_window": 131072}
    return sizes("qwen2", *shape, **windows | more)


def qwen3(*shape: int, **more: Any) -> Config:
    return sizes("qwen3", *shape, head_dim=128, **more)


QWEN = [
    Row("Qwen/Qwen1.5-7B", 7_721_324_544, [(32, 32 * 128, None)], qwen2(151936, 4096, 11008, 32, 32, 32)),
    Row("Qwen/Qwen2-0.5B", 494_032_768, [(24, 2 * 64, None)], qwen2(151936, 896, 4864, 24, 14, 2, **TIED)),
    Row("Qwen/Qwen2-1.5B", 1_543_714_304, [(28, 2 * 128, None)],
        qwen2(151936, 1536, 8960, 28, 12, 2, **TIED)),
    Row("Qwen/Qwen2-72B", 72_706_203_648, [(80, 8 * 128, None)], qwen2(152064, 8192, 29568, 80, 64, 8)),
    Row("Qwen/Qwen2.5-3B", 3_085_938_688, [(36, 2 * 128, None)],
        qwen2(151936, 2048, 11008, 36, 16, 2, **TIED)),
    Row("Qwen/Qwen2.5-7B", 7_615_616_512, [(28, 4 * 128, None)], qwen2(152064, 3584, 18944, 28, 28, 4)),
    Row("Qwen/Qwen2.5-14B", 14_770_033_664, [(48, 8 * 128, None)], qwen2(152064, 5120, 13824, 48, 40, 8)),
    Row("Qwen/Qwen2.5-32B", 32_763_876_352, [(64, 8 * 128, None)], qwen2(152064, 5120, 27648, 64, 40, 8)),
    Row(
        "Qwen/Qwen2.5-7B with windows", 7_615_616_512, [(21, 4 * 128, None), (7, 4 * 128, 32768)],
        qwen2(152064, 3584, 18944, 28, 28, 4, use_sliding_window=True, sliding_window=32768),
    ),
    Row("Qwen/Qwen3-0.6B", 596_049_920, [(28, 8 * 128, None)],
        qwen3(151936, 1024, 3072, 28, 16, 8, **TIED)),
    Row("Qwen/Qwen3-1.7B", 1_720_574_976, [(28, 8 * 128, None)],
        qwen3(151936, 2048, 6144, 28, 16, 8, **TIED)),
    Row("Qwen/Qwen3-4B", 4_022_468_096, [(36, 8 * 128, None)],
        qwen3(151936, 2560, 9728, 36, 32, 8, **TIED)),
    Row("Qwen/Qwen3-8B", 8_190_735_360, [(36, 8 * 128, None)], qwen3(151936, 4096, 12288, 36, 32, 8)),
    Row("Qwen/Qwen3-14B", 14_768_307_200, [(40, 8 * 128, None)], qwen3(151936, 5120, 17408, 40, 40, 8)),
    Row("Qwen/Qwen3-32B", 32_762_123_264, [(64, 8 * 128, None)], qwen3(151936, 5120, 25600, 64, 64, 8)),
]  # fmt: skip
