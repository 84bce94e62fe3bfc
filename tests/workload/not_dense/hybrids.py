"""Models that keep a state in all layers or most."""

from .fields import (
    Published,
    delta_fields,
    falcon_h1_fields,
    fields,
    granite4_fields,
    heads_fields,
    latent_fields,
    lfm2_fields,
    mamba_fields,
    nemotron_fields,
    qwen_fields,
    routed_fields,
)

_KIMI_FULL = [4, 8, 12, 16, 20, 24, 27]
_JAMBA = {
    "num_experts": 16,
    "num_experts_per_tok": 2,
    "expert_layer_period": 2,
    "expert_layer_offset": 1,
    "attn_layer_period": 8,
    "attn_layer_offset": 4,
    "mamba_d_state": 16,
    "mamba_d_conv": 4,
    "mamba_expand": 2,
}

# fmt: off
HYBRIDS: dict[str, Published] = {
    "Qwen3-Next-80B-A3B": Published(
        fields("qwen3_next", 48, 2048, 151936, **heads_fields(16, 2, 256), **delta_fields(16, 32),
        **qwen_fields(512, 10, 512, 5120), shared_expert_intermediate_size=512),
        79_674_391_296, 3_874_929_408, 2 * 2 * 12 * 2 * 256, 36 * (4 * 32 * 128 * 128 + 2 * 3 * (2 * 16 + 32) * 128),
    ),
    "Qwen3.5-9B": Published(
        fields("qwen3_5_text", 32, 4096, 248320, **heads_fields(16, 4, 256), **delta_fields(16, 32),
        intermediate_size=12288, mtp_num_hidden_layers=1),
        8_953_803_264, 8_953_803_264, 2 * 2 * 8 * 4 * 256, 24 * (4 * 32 * 128 * 128 + 2 * 3 * (2 * 16 + 32) * 128),
    ),
    "Qwen3.5-27B": Published(
        fields("qwen3_5_text", 64, 5120, 248320, **heads_fields(24, 4, 256), **delta_fields(16, 48),
        intermediate_size=17408, mtp_num_hidden_layers=1),
        26_895_998_464, 26_895_998_464, 2 * 2 * 16 * 4 * 256, 48 * (4 * 48 * 128 * 128 + 2 * 3 * (2 * 16 + 48) * 128),
    ),
    "Qwen3.5-35B-A3B": Published(
        fields("qwen3_5_moe_text", 40, 2048, 248320, **heads_fields(16, 2, 256), **delta_fields(16, 32),
        num_experts=256, num_experts_per_tok=8, moe_intermediate_size=512, shared_expert_intermediate_size=512,
        mtp_num_hidden_layers=1),
        34_660_610_688, 3_454_988_928, 2 * 2 * 10 * 2 * 256, 30 * (4 * 32 * 128 * 128 + 2 * 3 * (2 * 16 + 32) * 128),
    ),
    "Qwen3.5-397B-A17B": Published(
        fields("qwen3_5_moe_text", 60, 4096, 248320, **heads_fields(32, 2, 256), **delta_fields(16, 64),
        num_experts=512, num_experts_per_tok=10, moe_intermediate_size=1024, shared_expert_intermediate_size=1024,
        mtp_num_hidden_layers=1),
        396_346_350_336, 17_349_040_896, 2 * 2 * 15 * 2 * 256,
        45 * (4 * 64 * 128 * 128 + 2 * 3 * (2 * 16 + 64) * 128),
    ),
    "Olmo-Hybrid-7B": Published(
        fields("olmo_hybrid", 32, 3840, 100352, **heads_fields(30, 30), intermediate_size=11008,
        linear_num_key_heads=30, linear_num_value_heads=30, linear_key_head_dim=96, linear_value_head_dim=192,
        linear_conv_kernel_dim=4),
        7_430_870_688, 7_430_870_688, 2 * 2 * 8 * 30 * 128,
        24 * (4 * 30 * 96 * 192 + 2 * 3 * (2 * 30 * 96 + 30 * 192)),
    ),
    "Kimi-Linear-48B-A3B": Published(
        fields("kimi_linear", 27, 2304, 163840, **latent_fields(32, None), **routed_fields(256, 8, 1024, 1, 1),
        intermediate_size=9216, linear_attn_config={"full_attn_layers": _KIMI_FULL, "kda_layers": [n for n in
        range(1, 28) if n not in _KIMI_FULL], "num_heads": 32, "head_dim": 128, "short_conv_kernel_size": 4}),
        49_122_675_072, 3_484_453_248, 2 * 7 * (512 + 64), 20 * (4 * 32 * 128 * 128 + 2 * 3 * 3 * 32 * 128),
    ),
    "mamba-130m": Published(
        fields("mamba", 24, 768, 50280, **mamba_fields()),
        129_135_360, 129_135_360, 0, 24 * (4 * 1536 * 16 + 2 * 1536 * 3),
    ),
    "mamba-2.8b": Published(
        fields("mamba", 64, 2560, 50280, **mamba_fields()),
        2_768_345_600, 2_768_345_600, 0, 64 * (4 * 5120 * 16 + 2 * 5120 * 3),
    ),
    "falcon-mamba-7b": Published(
        fields("falcon_mamba", 64, 4096, 65024, **mamba_fields(tied=False)),
        7_272_665_088, 7_272_665_088, 0, 64 * (4 * 8192 * 16 + 2 * 8192 * 3),
    ),
    "Mamba-Codestral-7B": Published(
        fields("mamba2", 64, 4096, 32768, **mamba_fields(128, tied=False), num_heads=128, head_dim=64, n_groups=8),
        7_285_403_648, 7_285_403_648, 0, 64 * (4 * 8192 * 128 + 2 * 3 * (8192 + 2 * 8 * 128)),
    ),
    "Falcon-H1-0.5B": Published(
        fields("falcon_h1", 36, 1024, 32784, **heads_fields(8, 2, 64), **falcon_h1_fields(1536, 24, 128, 2048)),
        521_411_104, 521_411_104, 2 * 2 * 36 * 2 * 64, 36 * (4 * 1536 * 128 + 2 * 3 * (1536 + 2 * 128)),
    ),
    "Falcon-H1-7B": Published(
        fields("falcon_h1", 44, 3072, 130048, **heads_fields(12, 2, 128), **falcon_h1_fields(3072, 24, 256, 12288)),
        7_585_513_568, 7_585_513_568, 2 * 2 * 44 * 2 * 128, 44 * (4 * 3072 * 256 + 2 * 3 * (3072 + 2 * 256)),
    ),
    "Falcon-H1-34B": Published(
        fields("falcon_h1", 72, 5120, 261120, **heads_fields(20, 4, 128), **falcon_h1_fields(4096, 32, 256, 21504,
        2)),
        33_642_221_312, 33_642_221_312, 2 * 2 * 72 * 4 * 128, 72 * (4 * 4096 * 256 + 2 * 3 * (4096 + 4 * 256)),
    ),
    "Jamba-v0.1": Published(
        fields("jamba", 32, 4096, 65536, **heads_fields(32, 8), **_JAMBA, intermediate_size=14336),
        51_570_323_328, 12_110_311_296, 2 * 2 * 4 * 8 * 128, 28 * (4 * 8192 * 16 + 2 * 3 * 8192),
    ),
    "Jamba-1.5-Large": Published(
        fields("jamba", 72, 8192, 65536, **heads_fields(64, 8), **_JAMBA, intermediate_size=24576),
        398_555_145_696, 94_149_338_592, 2 * 2 * 9 * 8 * 128, 63 * (4 * 16384 * 16 + 2 * 3 * 16384),
    ),
    "Bamba-9B": Published(
        fields("bamba", 32, 4096, 128256, **heads_fields(32, 8), intermediate_size=14336, attn_layer_indices=[9, 18,
        27], mamba_n_heads=128, mamba_d_head=64, mamba_d_state=128, mamba_n_groups=1, mamba_d_conv=4,
        mamba_expand=2),
        9_780_235_392, 9_780_235_392, 2 * 2 * 3 * 8 * 128, 29 * (4 * 8192 * 128 + 2 * 3 * (8192 + 2 * 128)),
    ),
    "granite-4.0-h-micro": Published(
        fields("granitemoehybrid", 40, 2048, 100352, **heads_fields(32, 8), **granite4_fields(64, 0, 0, 8192,
        8192)),
        3_191_396_096, 3_191_396_096, 2 * 2 * 4 * 8 * 64, 36 * (4 * 4096 * 128 + 2 * 3 * (4096 + 2 * 128)),
    ),
    "granite-4.0-h-tiny": Published(
        fields("granitemoehybrid", 40, 1536, 100352, **heads_fields(12, 4), **granite4_fields(48, 64, 6, 512,
        1024)),
        6_939_037_248, 1_465_470_528, 2 * 2 * 4 * 4 * 128, 36 * (4 * 3072 * 128 + 2 * 3 * (3072 + 2 * 128)),
    ),
    "granite-4.0-h-small": Published(
        fields("granitemoehybrid", 40, 4096, 100352, **heads_fields(32, 8), **granite4_fields(128, 72, 10, 768,
        1536)),
        32_207_337_984, 8_803_121_664, 2 * 2 * 4 * 8 * 128, 36 * (4 * 8192 * 128 + 2 * 3 * (8192 + 2 * 128)),
    ),
    "Nemotron-H-8B": Published(
        fields("nemotron_h", 52, 4096, 131072, **heads_fields(32, 8, 128),
        **nemotron_fields("M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-", 128), intermediate_size=21504),
        8_100_852_736, 8_100_852_736, 2 * 2 * 4 * 8 * 128, 24 * (4 * 8192 * 128 + 2 * 3 * (8192 + 2 * 8 * 128)),
    ),
    "Nemotron-3-Nano-30B-A3B": Published(
        fields("nemotron_h", 52, 2688, 131072, **heads_fields(32, 2, 128),
        **nemotron_fields("MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME", 64), **routed_fields(128, 6, 1856,
        1), moe_shared_expert_intermediate_size=3712, intermediate_size=1856),
        31_577_937_344, 3_580_073_408, 2 * 2 * 6 * 2 * 128, 23 * (4 * 4096 * 128 + 2 * 3 * (4096 + 2 * 8 * 128)),
    ),
    "LFM2-350M": Published(
        fields("lfm2", 16, 1024, 65536, **heads_fields(16, 8), **lfm2_fields(6656, [2, 5, 8, 10, 12, 14], 16),
        block_auto_adjust_ff_dim=True, block_ffn_dim_multiplier=1.0, block_multiple_of=256),
        354_483_968, 354_483_968, 2 * 2 * 6 * 8 * 64, 10 * 2 * 2 * 1024,
    ),
    "LFM2-1.2B": Published(
        fields("lfm2", 16, 2048, 65536, **heads_fields(32, 8), **lfm2_fields(12288, [2, 5, 8, 10, 12, 14], 16),
        block_auto_adjust_ff_dim=True, block_ffn_dim_multiplier=1.0, block_multiple_of=256),
        1_170_340_608, 1_170_340_608, 2 * 2 * 6 * 8 * 64, 10 * 2 * 2 * 2048,
    ),
    "LFM2-8B-A1B": Published(
        fields("lfm2_moe", 24, 2048, 65536, **heads_fields(32, 8), **lfm2_fields(7168, [2, 6, 10, 14, 18, 21], 24),
        num_experts=32, num_experts_per_tok=4, moe_intermediate_size=1792, num_dense_layers=2),
        8_339_929_856, 1_557_740_288, 2 * 2 * 6 * 8 * 64, 18 * 2 * 2 * 2048,
    ),
    "recurrentgemma-2b": Published(
        fields("recurrent_gemma", 26, 2560, 256000, **heads_fields(10, 1), intermediate_size=15360, lru_width=2560,
        attention_window_size=2048, conv1d_width=4, hidden_activation="gelu_pytorch_tanh", block_types=["recurrent",
        "recurrent", "attention"], tie_word_embeddings=True),
        2_682_862_080, 2_682_862_080, 2 * 2 * 8 * 256, 18 * (4 * 2560 + 2 * 3 * 2560),
    ),
    "recurrentgemma-9b": Published(
        fields("recurrent_gemma", 38, 4096, 256000, **heads_fields(16, 1), intermediate_size=24576, lru_width=4096,
        attention_window_size=2048, conv1d_width=4, hidden_activation="gelu_pytorch_tanh", block_types=["recurrent",
        "recurrent", "attention"], tie_word_embeddings=True),
        8_579_977_216, 8_579_977_216, 2 * 2 * 12 * 256, 26 * (4 * 4096 + 2 * 3 * 4096),
    ),
}
# fmt: on
