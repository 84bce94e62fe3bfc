"""Fields that would make a model another one than its family's, were they not that family's own."""

from ahasd.workload.readers.fields import ConfigReader

#: Families with experts; `transformers` writes their number under more than one name.
_MIXTURES = (
    "afmoe dbrx deepseek_v2 deepseek_v3 deepseek_v32 dots1 ernie4_5_moe exaone_moe flex_olmo glm4_moe glm4_moe_lite "
    "gpt_oss granitemoe granitemoehybrid granitemoeshared hunyuan_v1_moe hy_v3 jamba kimi_k2 kimi_linear lfm2_moe "
    "llama4_text minimax_m2 mixtral nemotron_h olmoe phimoe qwen2_moe qwen3_5_moe_text qwen3_moe qwen3_next "
    "solar_open"
)

#: Field -> the `model_type` of the families whose readers read it.
_OWN: dict[str, str] = {
    "num_local_experts": _MIXTURES,
    "num_experts": _MIXTURES,
    "n_routed_experts": _MIXTURES,
    "moe_num_experts": _MIXTURES,
    "kv_lora_rank": "deepseek_v2 deepseek_v3 deepseek_v32 glm4_moe_lite kimi_k2 kimi_linear minicpm3 youtu",
    "q_lora_rank": "deepseek_v2 deepseek_v3 deepseek_v32 glm4_moe_lite kimi_k2 kimi_linear minicpm3 youtu",
    "num_nextn_predict_layers": (
        "deepseek_v3 deepseek_v32 exaone_moe glm4_moe glm4_moe_lite hy_v3 kimi_k2 kimi_linear nemotron_h"
    ),
    "mtp_num_hidden_layers": "qwen3_5_moe_text qwen3_5_text",
    "num_kv_shared_layers": "gemma3n_text gemma4_text gemma4_unified_text",
    "use_qk_norm": "cohere glm4_moe llama4_text",
    "qk_layernorm": "persimmon phi stablelm",
    "state_size": "falcon_mamba mamba mamba2",
    "ssm_state_size": "nemotron_h",
    "mamba_d_state": "bamba falcon_h1 granitemoehybrid jamba",
    "mamba_d_ssm": "falcon_h1",
    "mamba_num_heads": "nemotron_h",
    "lru_width": "recurrent_gemma",
    "conv_L_cache": "lfm2 lfm2_moe",
    "linear_num_value_heads": "olmo_hybrid qwen3_5_moe_text qwen3_5_text qwen3_next",
    "linear_attn_config": "kimi_linear",
    "layers_block_type": "jamba nemotron_h recurrent_gemma",
    "hybrid_override_pattern": "nemotron_h",
    "attn_layer_indices": "bamba",
    "attn_layer_period": "jamba",
    "layer_types": (
        "afmoe bamba deepseek_v32 dots1 exaone_moe falcon_h1 falcon_mamba gpt_oss granitemoehybrid jamba kimi_linear "
        "lfm2 lfm2_moe llama4_text mamba mamba2 nemotron_h olmo_hybrid qwen3_5_moe_text qwen3_5_text qwen3_next "
        "recurrent_gemma"
    ),
}

#: Fields that say how many layers predict further tokens.
FURTHER_TOKENS = ("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers")

#: Classes under which models of a family are published, in the letters of `architectures`, beside the family's own.
CLASSES: dict[str, str] = {"kimi_k2": "deepseekv3"}


def owns(reader: ConfigReader, field: str) -> bool:
    """Whether a field is one of the family that a file says it is of."""
    return reader.contents.get("model_type") in _OWN.get(field, "").split()


def further_token_layers(reader: ConfigReader) -> int:
    """Layers that predict tokens beyond the next one, whose number families spell in three ways."""
    return max(reader.count(field, 0) for field in FURTHER_TOKENS)
