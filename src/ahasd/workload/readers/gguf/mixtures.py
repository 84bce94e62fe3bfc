"""Keys of mixtures of experts and of latent attention, as the `config.json` of their families spells them."""

from typing import Any

from ahasd.workload.readers.gguf.fields import HeaderFields

#: Qwen's and OLMoE's spelling.
KEYS: dict[str, str] = {
    "expert_count": "num_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
}
#: Mixtral's, GPT-OSS's, Llama 4's and Granite's.
LOCAL_KEYS: dict[str, str] = {
    "expert_count": "num_local_experts",
    "expert_used_count": "num_experts_per_tok",
}
#: DeepSeek's and GLM's.
DEEPSEEK_KEYS: dict[str, str] = {
    "expert_count": "n_routed_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_shared_count": "n_shared_experts",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_group_count": "n_group",
    "expert_group_used_count": "topk_group",
    "leading_dense_block_count": "first_k_dense_replace",
}


def llama_family(header: HeaderFields) -> str:
    """LLaMA and Mixtral are one architecture."""
    return "mixtral" if (header.number("expert_count") or 0) > 1 else "llama"


def every_layer(header: HeaderFields) -> dict[str, Any]:
    """Qwen's mixtures have experts in every layer, as far as llama.cpp's code goes."""
    return {"decoder_sparse_step": 1, "mlp_only_layers": []}


def experts_as_feed_forward(header: HeaderFields) -> dict[str, Any]:
    """Families whose `intermediate_size` is an expert's."""
    return {
        "intermediate_size": header.number("expert_feed_forward_length")
        or header.number("feed_forward_length")
    }


def gpt_oss(header: HeaderFields) -> dict[str, Any]:
    """GPT-OSS: a window in every other layer, the first one first."""
    kinds = ["full_attention" if layer % 2 else "sliding_attention" for layer in range(header.layers)]
    window = header.number("attention.sliding_window")
    return experts_as_feed_forward(header) | {
        "sliding_window": window,
        "layer_types": kinds if window else None,
    }


def llama4(header: HeaderFields) -> dict[str, Any]:
    """Llama 4: experts in every so manieth layer, with another width than the others'."""
    return {
        "intermediate_size": header.number("expert_feed_forward_length"),
        "intermediate_size_mlp": header.number("feed_forward_length"),
        "interleave_moe_layer_step": header.number("interleave_moe_layer_step"),
    }


def deepseek_family(header: HeaderFields) -> str:
    """DeepSeek V2 and V3 are one architecture; the latter has biases that choose experts."""
    first = header.number("leading_dense_block_count") or 0
    return "deepseek_v3" if header.has(f"blk.{first}.exp_probs_b.bias") else "deepseek_v2"


def deepseek(header: HeaderFields) -> dict[str, Any]:
    """Latent attention, of which newer files state the heads as they are before compression apart."""
    fields: dict[str, Any] = {name: header.number(key) for key, name in DEEPSEEK_KEYS.items()}
    rotated = header.require("rope.dimension_count")
    key = header.number("attention.key_length_mla") or header.require("attention.key_length")
    return fields | {
        "num_key_value_heads": header.require("attention.head_count"),
        "head_dim": None,
        "q_lora_rank": header.number("attention.q_lora_rank"),
        "kv_lora_rank": header.require("attention.kv_lora_rank"),
        "qk_rope_head_dim": rotated,
        "qk_nope_head_dim": key - rotated,
        "v_head_dim": header.number("attention.value_length_mla") or header.require("attention.value_length"),
        "moe_layer_freq": 1,
    }
