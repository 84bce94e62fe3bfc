"""Mixtures of experts with ordinary attention."""

from .fields import Published, fields, heads_fields, local_fields, qwen_fields, routed_fields, trinity_fields

_GLM = {"attention_bias": True}
_LLAMA4 = heads_fields(40, 8, 128) | {
    "intermediate_size": 8192,
    "intermediate_size_mlp": 16384,
    "num_experts_per_tok": 1,
    "attention_chunk_size": 8192,
    "no_rope_layer_interval": 4,
}

# fmt: off
MIXTURES: dict[str, Published] = {
    "Mixtral-8x7B-v0.1": Published(
        fields("mixtral", 32, 4096, 32000, **heads_fields(32, 8), **local_fields(8, 2, 14336)),
        46_702_792_704, 12_879_925_248, 2 * 2 * 32 * 8 * 128,
    ),
    "Mixtral-8x22B-v0.1": Published(
        fields("mixtral", 56, 6144, 32000, **heads_fields(48, 8), **local_fields(8, 2, 16384)),
        140_620_634_112, 39_152_031_744, 2 * 2 * 56 * 8 * 128,
    ),
    "Qwen1.5-MoE-A2.7B": Published(
        fields("qwen2_moe", 24, 2048, 151936, **heads_fields(16, 16), **qwen_fields(60, 4, 1408, 5632),
        shared_expert_intermediate_size=5632),
        14_315_784_192, 2_689_173_504, 2 * 2 * 24 * 16 * 128,
    ),
    "Qwen2-57B-A14B": Published(
        fields("qwen2_moe", 28, 3584, 151936, **heads_fields(28, 4), **qwen_fields(64, 8, 2560, 18944),
        shared_expert_intermediate_size=20480),
        57_408_658_944, 14_249_270_784, 2 * 2 * 28 * 4 * 128,
    ),
    "Qwen3-30B-A3B": Published(
        fields("qwen3_moe", 48, 2048, 151936, **heads_fields(32, 4, 128), **qwen_fields(128, 8, 768, 6144)),
        30_532_122_624, 3_353_032_704, 2 * 2 * 48 * 4 * 128,
    ),
    "Qwen3-235B-A22B": Published(
        fields("qwen3_moe", 94, 4096, 151936, **heads_fields(64, 4, 128), **qwen_fields(128, 8, 1536, 12288)),
        235_093_634_560, 22_190_763_520, 2 * 2 * 94 * 4 * 128,
    ),
    "Qwen3-Coder-480B-A35B": Published(
        fields("qwen3_moe", 62, 6144, 151936, **heads_fields(96, 8, 128), **qwen_fields(160, 8, 2560, 8192)),
        480_154_875_392, 35_474_765_312, 2 * 2 * 62 * 8 * 128,
    ),
    "OLMoE-1B-7B": Published(
        fields("olmoe", 16, 2048, 50304, **heads_fields(16, 16), num_experts=64, num_experts_per_tok=8,
        intermediate_size=1024),
        6_919_161_856, 1_282_017_280, 2 * 2 * 16 * 16 * 128,
    ),
    "FlexOlmo-7x7B-1T": Published(
        fields("flex_olmo", 32, 4096, 100352, **heads_fields(32, 32), num_experts=7, num_experts_per_tok=5,
        intermediate_size=11008),
        33_270_665_216, 24_613_621_760, 2 * 2 * 32 * 32 * 128,
    ),
    "Phi-3.5-MoE": Published(
        fields("phimoe", 32, 4096, 32064, **heads_fields(32, 8), **local_fields(16, 2, 6400), attention_bias=True,
        lm_head_bias=True),
        41_873_153_344, 6_640_999_744, 2 * 2 * 32 * 8 * 128,
    ),
    "granite-3.1-1b-a400m": Published(
        fields("granitemoe", 24, 1024, 49155, **heads_fields(16, 8), **local_fields(32, 8, 512),
        tie_word_embeddings=True),
        1_334_628_352, 428_658_688, 2 * 2 * 24 * 8 * 64,
    ),
    "granite-3.1-3b-a800m": Published(
        fields("granitemoe", 32, 1536, 49155, **heads_fields(24, 8), **local_fields(40, 8, 512),
        tie_word_embeddings=True),
        3_298_793_472, 882_874_368, 2 * 2 * 32 * 8 * 64,
    ),
    "dbrx": Published(
        {"model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "max_seq_len": 32768, "vocab_size":
        100352, "attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "rope_theta": 500000}, "ffn_config": {"ffn_act_fn":
        {"name": "silu"}, "ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4}, "tie_word_embeddings":
        False},
        131_596_523_520, 36_469_708_800, 2 * 2 * 40 * 8 * 128,
    ),
    "gpt-oss-20b": Published(
        fields("gpt_oss", 24, 2880, 201088, **heads_fields(64, 8, 64), **local_fields(32, 4, 2880),
        sliding_window=128),
        20_914_757_184, 4_187_440_704, 2 * 2 * 24 * 8 * 64,
    ),
    "gpt-oss-120b": Published(
        fields("gpt_oss", 36, 2880, 201088, **heads_fields(64, 8, 64), **local_fields(128, 4, 2880),
        sliding_window=128),
        116_829_156_672, 5_711_982_912, 2 * 2 * 36 * 8 * 64,
    ),
    "Llama-4-Scout-17B-16E": Published(
        fields("llama4_text", 48, 5120, 202048, **_LLAMA4, num_local_experts=16, interleave_moe_layer_step=1),
        107_769_861_120, 17_172_894_720, 2 * 2 * 48 * 8 * 128,
    ),
    "Llama-4-Maverick-17B-128E": Published(
        fields("llama4_text", 48, 5120, 202048, **_LLAMA4, num_local_experts=128, interleave_moe_layer_step=2,
        use_qk_norm=False),
        400_711_848_960, 17_184_691_200, 2 * 2 * 48 * 8 * 128,
    ),
    "GLM-4.5": Published(
        fields("glm4_moe", 92, 5120, 151552, **heads_fields(96, 8, 128), **_GLM, **routed_fields(160, 8, 1536, 1,
        3), intermediate_size=12288, use_qk_norm=True, num_nextn_predict_layers=1),
        352_797_814_784, 33_632_251_904, 2 * 2 * 92 * 8 * 128,
    ),
    "GLM-4.5-Air": Published(
        fields("glm4_moe", 46, 4096, 151552, **heads_fields(96, 8, 128), **_GLM, **routed_fields(128, 8, 1408, 1,
        1), intermediate_size=10944, use_qk_norm=False, num_nextn_predict_layers=1),
        106_852_245_504, 13_424_123_904, 2 * 2 * 46 * 8 * 128,
    ),
    "ERNIE-4.5-21B-A3B": Published(
        fields("ernie4_5_moe", 28, 2560, 103424, **heads_fields(20, 4), intermediate_size=12288, moe_num_experts=64,
        moe_k=6, moe_intermediate_size=1536, moe_num_shared_experts=2, moe_layer_start_index=1,
        moe_layer_end_index=-1, moe_layer_interval=1, tie_word_embeddings=True),
        21_825_437_888, 3_352_150_208, 2 * 2 * 28 * 4 * 128,
    ),
    "ERNIE-4.5-300B-A47B": Published(
        fields("ernie4_5_moe", 54, 8192, 103424, **heads_fields(64, 8), intermediate_size=28672, moe_num_experts=64,
        moe_k=8, moe_intermediate_size=3584, moe_num_shared_experts=0, moe_layer_start_index=3,
        moe_layer_end_index=53, moe_layer_interval=1),
        299_484_163_264, 47_926_586_560, 2 * 2 * 54 * 8 * 128,
    ),
    "MiniMax-M2": Published(
        fields("minimax_m2", 62, 3072, 200064, **heads_fields(48, 8, 128), **local_fields(256, 8, 1536)),
        228_689_748_992, 11_030_537_216, 2 * 2 * 62 * 8 * 128,
    ),
    "dots.llm1": Published(
        fields("dots1", 62, 4096, 152064, **heads_fields(32, 32, 128), **routed_fields(128, 6, 1408, 2, 1),
        intermediate_size=10944),
        142_774_373_888, 14_016_581_120, 2 * 2 * 62 * 32 * 128,
    ),
    "Hunyuan-A13B": Published(
        fields("hunyuan_v1_moe", 32, 4096, 128167, **heads_fields(32, 8, 128), num_experts=64, moe_topk=[8] * 32,
        intermediate_size=3072, tie_word_embeddings=True),
        80_393_183_232, 12_747_448_320, 2 * 2 * 32 * 8 * 128,
    ),
    "Hunyuan-3-295B-A21B": Published(
        fields("hy_v3", 80, 4096, 120832, **heads_fields(64, 8, 128), num_experts=192, num_experts_per_tok=8,
        num_shared_experts=1, moe_intermediate_size=1536, intermediate_size=13312, first_k_dense_replace=1),
        295_033_528_320, 20_675_715_072, 2 * 2 * 80 * 8 * 128,
    ),
    "K-EXAONE-236B-A23B": Published(
        fields("exaone_moe", 48, 6144, 153600, **heads_fields(64, 8, 128), num_experts=128, num_experts_per_tok=8,
        num_shared_experts=1, moe_intermediate_size=2048, intermediate_size=18432, first_k_dense_replace=1,
        sliding_window=128, sliding_window_pattern=4),
        236_571_150_336, 23_668_279_296, 2 * 2 * 48 * 8 * 128,
    ),
    "Trinity-Nano": Published(
        fields("afmoe", 56, 1024, 200192, **heads_fields(8, 2, 128), **trinity_fields(128, 256, 3072)),
        6_120_003_328, 1_023_923_968, 2 * 2 * 56 * 2 * 128,
    ),
    "Trinity-Mini": Published(
        fields("afmoe", 32, 2048, 200192, **heads_fields(32, 4, 128), **trinity_fields(128, 1024, 6144)),
        26_123_974_400, 3_474_732_800, 2 * 2 * 32 * 4 * 128,
    ),
    "Solar-Open-100B": Published(
        fields("solar_open", 48, 4096, 196608, **heads_fields(64, 8, 128), **routed_fields(128, 8, 1280, 1)),
        102_651_793_408, 12_054_827_008, 2 * 2 * 48 * 8 * 128,
    ),
}
# fmt: on
