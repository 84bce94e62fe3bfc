"""GPT-1 to GPT-NeoX, OPT, Pythia, BLOOM, MPT, Falcon, Phi, StarCoder and others of their time."""

from typing import Any

from .row import Config, Row, sizes, small_gpt


def pythia(vocabulary: int, hidden: int, layers: int, heads: int, **more: Any) -> Config:
    return sizes("gpt_neox", vocabulary, hidden, 4 * hidden, layers, heads, hidden_act="gelu", **more)


def opt(hidden: int, inner: int, layers: int, heads: int, **more: Any) -> Config:
    return {
        "model_type": "opt", "vocab_size": 50272, "hidden_size": hidden, "ffn_dim": inner,
        "num_hidden_layers": layers, "num_attention_heads": heads, "max_position_embeddings": 2048,
        "word_embed_proj_dim": hidden, "activation_function": "relu", "do_layer_norm_before": True,
    } | more  # fmt: skip


def bloom(hidden: int, layers: int, heads: int) -> Config:
    return {
        "model_type": "bloom",
        "vocab_size": 250880,
        "hidden_size": hidden,
        "n_layer": layers,
        "n_head": heads,
    }


def mpt(width: int, layers: int, heads: int) -> Config:
    return {
        "model_type": "mpt", "vocab_size": 50432, "d_model": width, "n_layers": layers, "n_heads": heads,
        "max_seq_len": 2048, "expansion_ratio": 4, "no_bias": True, "attn_config": {"alibi": True},
    }  # fmt: skip


def falcon(vocabulary: int, hidden: int, layers: int, heads: int, **more: Any) -> Config:
    return {
        "model_type": "falcon", "vocab_size": vocabulary, "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": heads, "bias": False, "alibi": False, "multi_query": True, "parallel_attn": True,
        "new_decoder_architecture": False,
    } | more  # fmt: skip


def neo(hidden: int, layers: int, heads: int) -> Config:
    return {
        "model_type": "gpt_neo", "vocab_size": 50257, "hidden_size": hidden, "num_layers": layers, "num_heads": heads,
        "attention_types": [[["global", "local"], layers // 2]], "window_size": 256, "max_position_embeddings": 2048,
        "intermediate_size": None, "activation_function": "gelu_new",
    }  # fmt: skip


def phi3(*shape: int, **more: Any) -> Config:
    return sizes("phi3", *shape, **{"sliding_window": None, "pad_token_id": None} | more)


NEWER = {"new_decoder_architecture": True, "multi_query": True}
GELU = {"hidden_act": "gelu_new"}
CODE = {"n_positions": 8192, "multi_query": True, "activation_function": "gelu_pytorch_tanh"}
STARCODER = {
    "hidden_act": "gelu_pytorch_tanh",
    "sliding_window": 4096,
    "use_bias": True,
    "tie_word_embeddings": True,
}

GPT = [
    Row("openai-community/openai-gpt", 116_534_784, [(12, 768, None)],
        small_gpt("openai-gpt", 40478, 768, 12, 12, afn="gelu", n_positions=512)),
    Row("openai-community/gpt2", 124_439_808, [(12, 768, None)], small_gpt("gpt2", 50257, 768, 12, 12)),
    Row("openai-community/gpt2-medium", 354_823_168, [(24, 1024, None)],
        small_gpt("gpt2", 50257, 1024, 24, 16)),
    Row("openai-community/gpt2-large", 774_030_080, [(36, 1280, None)],
        small_gpt("gpt2", 50257, 1280, 36, 20)),
    Row("openai-community/gpt2-xl", 1_557_611_200, [(48, 1600, None)],
        small_gpt("gpt2", 50257, 1600, 48, 25)),
    Row("EleutherAI/gpt-neo-125m", 125_198_592, [(6, 768, 256), (6, 768, None)], neo(768, 12, 12)),
    Row("EleutherAI/gpt-neo-1.3B", 1_315_575_808, [(12, 2048, 256), (12, 2048, None)], neo(2048, 24, 16)),
    Row("EleutherAI/gpt-neo-2.7B", 2_651_307_520, [(16, 2560, 256), (16, 2560, None)], neo(2560, 32, 20)),
    Row("EleutherAI/gpt-j-6b", 6_050_882_784, [(28, 4096, None)],
        small_gpt("gptj", 50400, 4096, 28, 16, n_positions=2048, rotary_dim=64)),
    Row("Salesforce/codegen-350M-mono", 356_712_448, [(20, 1024, None)],
        small_gpt("codegen", 51200, 1024, 20, 16, n_positions=2048, rotary_dim=32)),
    Row("Salesforce/codegen-2B-mono", 2_779_356_160, [(32, 2560, None)],
        small_gpt("codegen", 51200, 2560, 32, 32, n_positions=2048, rotary_dim=64)),
    Row("EleutherAI/gpt-neox-20b", 20_554_567_680, [(44, 6144, None)], pythia(50432, 6144, 44, 64)),
    Row("EleutherAI/pythia-14m", 14_067_712, [(6, 128, None)], pythia(50304, 128, 6, 4)),
    Row("EleutherAI/pythia-70m", 70_426_624, [(6, 512, None)], pythia(50304, 512, 6, 8)),
    Row("EleutherAI/pythia-160m", 162_322_944, [(12, 768, None)], pythia(50304, 768, 12, 12)),
    Row("EleutherAI/pythia-410m", 405_334_016, [(24, 1024, None)], pythia(50304, 1024, 24, 16)),
    Row("EleutherAI/pythia-1b", 1_011_781_632, [(16, 2048, None)], pythia(50304, 2048, 16, 8)),
    Row("EleutherAI/pythia-1.4b", 1_414_647_808, [(24, 2048, None)], pythia(50304, 2048, 24, 16)),
    Row("EleutherAI/pythia-2.8b", 2_775_208_960, [(32, 2560, None)], pythia(50304, 2560, 32, 32)),
    Row("EleutherAI/pythia-6.9b", 6_857_302_016, [(32, 4096, None)], pythia(50432, 4096, 32, 32)),
    Row("EleutherAI/pythia-12b", 11_846_072_320, [(36, 5120, None)], pythia(50688, 5120, 36, 40)),
    Row("databricks/dolly-v2-3b", 2_775_086_080, [(32, 2560, None)], pythia(50280, 2560, 32, 32)),
    Row("togethercomputer/RedPajama-INCITE-Base-3B-v1", 2_775_864_320, [(32, 2560, None)],
        pythia(50432, 2560, 32, 32, use_parallel_residual=False)),
    Row("facebook/opt-125m", 125_239_296, [(12, 768, None)], opt(768, 3072, 12, 12)),
    Row("facebook/opt-350m", 331_196_416, [(24, 1024, None)],
        opt(1024, 4096, 24, 16, word_embed_proj_dim=512, do_layer_norm_before=False)),
    Row("facebook/opt-1.3b", 1_315_758_080, [(24, 2048, None)], opt(2048, 8192, 24, 32)),
    Row("facebook/opt-2.7b", 2_651_596_800, [(32, 2560, None)], opt(2560, 10240, 32, 32)),
    Row("facebook/opt-6.7b", 6_658_473_984, [(32, 4096, None)], opt(4096, 16384, 32, 32)),
    Row("facebook/opt-13b", 12_853_473_280, [(40, 5120, None)], opt(5120, 20480, 40, 40)),
    Row("facebook/opt-30b", 29_974_540_288, [(48, 7168, None)], opt(7168, 28672, 48, 56)),
    Row("facebook/opt-66b", 65_719_701_504, [(64, 9216, None)], opt(9216, 36864, 64, 72)),
    Row("bigscience/bloom-560m", 559_214_592, [(24, 1024, None)], bloom(1024, 24, 16)),
    Row("bigscience/bloom-1b1", 1_065_314_304, [(24, 1536, None)], bloom(1536, 24, 16)),
    Row("bigscience/bloom-3b", 3_002_557_440, [(30, 2560, None)], bloom(2560, 30, 32)),
    Row("bigscience/bloom-7b1", 7_069_016_064, [(30, 4096, None)], bloom(4096, 30, 32)),
    Row("bigscience/bloom", 176_247_271_424, [(70, 14336, None)], bloom(14336, 70, 112)),
    Row("mosaicml/mpt-7b", 6_649_286_656, [(32, 4096, None)], mpt(4096, 32, 32)),
    Row("mosaicml/mpt-30b", 29_957_200_896, [(48, 7168, None)], mpt(7168, 48, 64)),
    Row("tiiuae/falcon-rw-1b", 1_311_625_216, [(24, 2048, None)],
        falcon(50304, 2048, 24, 32, alibi=True, bias=True, multi_query=False, parallel_attn=False)),
    Row("tiiuae/falcon-7b", 6_921_720_704, [(32, 64, None)], falcon(65024, 4544, 32, 71)),
    Row("tiiuae/falcon-40b", 41_303_293_952, [(60, 8 * 64, None)],
        falcon(65024, 8192, 60, 128, num_kv_heads=8, **NEWER)),
    Row("tiiuae/falcon-180B", 178_557_088_768, [(80, 8 * 64, None)],
        falcon(65024, 14848, 80, 232, num_kv_heads=8, **NEWER)),
    Row("tiiuae/falcon-11B", 11_102_822_400, [(60, 8 * 128, None)],
        falcon(65024, 4096, 60, 32, num_kv_heads=8, num_ln_in_parallel_attn=1, ffn_hidden_size=16384,
            tie_word_embeddings=False, **NEWER)),
    Row("microsoft/phi-1_5", 1_418_270_720, [(24, 2048, None)],
        sizes("phi", 51200, 2048, 8192, 24, 32, **GELU)),
    Row("microsoft/phi-2", 2_779_683_840, [(32, 2560, None)],
        sizes("phi", 51200, 2560, 10240, 32, 32, 32, **GELU)),
    Row("microsoft/Phi-3-mini-4k-instruct", 3_821_079_552, [(32, 32 * 96, 2047)],
        phi3(32064, 3072, 8192, 32, 32, 32, sliding_window=2047)),
    Row("microsoft/Phi-3-medium-4k-instruct", 13_960_238_080, [(40, 10 * 128, 2047)],
        phi3(32064, 5120, 17920, 40, 40, 10, sliding_window=2047)),
    Row("microsoft/phi-4", 14_659_507_200, [(40, 10 * 128, None)], phi3(100352, 5120, 17920, 40, 40, 10)),
    Row("microsoft/Phi-4-mini-instruct", 3_836_021_760, [(32, 8 * 128, 262144)],
        phi3(200064, 3072, 8192, 32, 24, 8, sliding_window=262144, tie_word_embeddings=True)),
    Row("bigcode/starcoderbase-1b", 1_137_207_296, [(24, 128, None)],
        small_gpt("gpt_bigcode", 49152, 2048, 24, 16, **CODE)),
    Row("bigcode/starcoder", 15_517_456_384, [(40, 128, None)],
        small_gpt("gpt_bigcode", 49152, 6144, 40, 48, **CODE)),
    Row("bigcode/starcoder2-3b", 3_030_371_328, [(30, 2 * 128, 4096)],
        sizes("starcoder2", 49152, 3072, 12288, 30, 24, 2, **STARCODER)),
    Row("bigcode/starcoder2-7b", 7_173_923_840, [(32, 4 * 128, 4096)],
        sizes("starcoder2", 49152, 4608, 18432, 32, 36, 4, **STARCODER)),
    Row("bigcode/starcoder2-15b", 15_957_889_024, [(40, 4 * 128, 4096)],
        sizes("starcoder2", 49152, 6144, 24576, 40, 48, 4, **STARCODER | {"tie_word_embeddings": False})),
    Row("facebook/xglm-564M", 564_463_616, [(24, 1024, None)],
        {"model_type": "xglm", "vocab_size": 256008, "d_model": 1024, "ffn_dim": 4096, "num_layers": 24,
            "attention_heads": 16, "max_position_embeddings": 2048, "activation_function": "gelu"}),
    Row("microsoft/biogpt", 346_763_264, [(24, 1024, None)],
        sizes("biogpt", 42384, 1024, 4096, 24, 16, hidden_act="gelu", max_position_embeddings=1024)),
    Row("Salesforce/ctrl", 1_637_964_550, [(48, 1280, None)],
        {"model_type": "ctrl", "vocab_size": 246534, "n_embd": 1280, "dff": 8192, "n_layer": 48,
            "n_head": 16, "n_positions": 256}),
]  # fmt: skip
