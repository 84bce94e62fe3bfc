"""Models with multi-head latent attention."""

from .fields import Published, fields, latent_fields, routed_fields

# fmt: off
LATENT: dict[str, Published] = {
    "DeepSeek-V2-Lite": Published(
        fields("deepseek_v2", 27, 2048, 102400, **latent_fields(16, None), **routed_fields(64, 6, 1408, 2, 1),
        intermediate_size=10944),
        15_706_484_224, 2_661_150_208, 2 * 27 * (512 + 64),
    ),
    "DeepSeek-V2": Published(
        fields("deepseek_v2", 60, 5120, 102400, **latent_fields(128, 1536), **routed_fields(160, 6, 1536, 2, 1),
        intermediate_size=12288),
        235_741_434_880, 21_375_800_320, 2 * 60 * (512 + 64),
    ),
    "DeepSeek-V3": Published(
        fields("deepseek_v3", 61, 7168, 129280, **latent_fields(128, 1536), **routed_fields(256, 8, 2048, 1, 3),
        intermediate_size=18432, num_nextn_predict_layers=1),
        671_026_404_352, 37_552_282_624, 2 * 61 * (512 + 64),
    ),
    "DeepSeek-V3.2": Published(
        fields("deepseek_v32", 61, 7168, 129280, **latent_fields(128, 1536), **routed_fields(256, 8, 2048, 1, 3),
        intermediate_size=18432, num_nextn_predict_layers=1, index_n_heads=64, index_head_dim=128, index_topk=2048),
        671_877_929_216, 38_403_807_488, 2 * 61 * (512 + 64 + 128),
    ),
    "Moonlight-16B-A3B": Published(
        fields("deepseek_v3", 27, 2048, 163840, **latent_fields(16, None), **routed_fields(64, 6, 1408, 2, 1),
        intermediate_size=11264),
        15_960_108_544, 2_914_774_528, 2 * 27 * (512 + 64),
    ),
    "Kimi-K2": Published(
        fields("kimi_k2", 61, 7168, 163840, **latent_fields(64, 1536), **routed_fields(384, 8, 2048, 1, 1),
        intermediate_size=18432),
        1_026_408_209_408, 32_861_477_888, 2 * 61 * (512 + 64),
    ),
    "GLM-4.7-Flash": Published(
        fields("glm4_moe_lite", 47, 2048, 154880, **latent_fields(20, 768, 512, 192, 64, 256), **routed_fields(64,
        4, 1536, 1, 1), intermediate_size=10240, num_nextn_predict_layers=1),
        29_943_390_976, 3_896_763_136, 2 * 47 * (512 + 64),
    ),
    "MiniCPM3-4B": Published(
        fields("minicpm3", 62, 2560, 73448, **latent_fields(40, 768, 256, 64, 32, 64), intermediate_size=6400,
        tie_word_embeddings=True),
        4_073_875_968, 4_073_875_968, 2 * 62 * (256 + 32),
    ),
    "Youtu-LLM-2B": Published(
        fields("youtu", 32, 2048, 128256, **latent_fields(16, 1536), intermediate_size=6144,
        tie_word_embeddings=True),
        1_961_560_064, 1_961_560_064, 2 * 32 * (512 + 64),
    ),
}
# fmt: on
