"""Fields of published models' files, and what they come to.

Fields are those of the models' own `config.json`, as far as shapes follow from them. Parameters in all and active are
those that `transformers` gives the model (`test_not_dense.py` builds each without memory). Bytes at 16 bits are
written as the products that they are.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Published:
    """A published model.

    Attributes
    ----------
    fields
        Of its `config.json`.
    parameters, active
        In all, and without the experts that a token does not take.
    per_token
        Bytes of cache that a token adds, before any window is full.
    state
        Bytes that are kept whatever the text.
    """

    fields: dict[str, Any]
    parameters: int
    active: int
    per_token: int
    state: int = 0


def fields(family: str, layers: int, hidden: int, vocabulary: int, **others: Any) -> dict[str, Any]:
    return {
        "model_type": family,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "vocab_size": vocabulary,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "max_position_embeddings": 32768,
    } | others


def heads_fields(heads: int, shared: int, head_dim: int | None = None) -> dict[str, Any]:
    said = {"num_attention_heads": heads, "num_key_value_heads": shared}
    return said if head_dim is None else said | {"head_dim": head_dim}


def latent_fields(
    heads: int, query_rank: int | None, latent: int = 512, nope: int = 128, rope: int = 64, value: int = 128
) -> dict[str, Any]:
    return {
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "q_lora_rank": query_rank,
        "kv_lora_rank": latent,
        "qk_nope_head_dim": nope,
        "qk_rope_head_dim": rope,
        "v_head_dim": value,
    }


def routed_fields(
    count: int, chosen: int, width: int, shared: int = 0, dense: int | None = None
) -> dict[str, Any]:
    said = {
        "n_routed_experts": count,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": width,
        "n_shared_experts": shared,
    }
    return said if dense is None else said | {"first_k_dense_replace": dense}


def local_fields(count: int, chosen: int, width: int) -> dict[str, Any]:
    return {"num_local_experts": count, "num_experts_per_tok": chosen, "intermediate_size": width}


def qwen_fields(count: int, chosen: int, width: int, dense: int) -> dict[str, Any]:
    return {
        "num_experts": count,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": width,
        "intermediate_size": dense,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
    }


def delta_fields(key_heads: int, value_heads: int) -> dict[str, Any]:
    return {
        "linear_num_key_heads": key_heads,
        "linear_num_value_heads": value_heads,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
        "full_attention_interval": 4,
    }


def granite4_fields(heads: int, experts: int, chosen: int, width: int, shared: int) -> dict[str, Any]:
    return local_fields(experts, chosen, width) | {
        "shared_intermediate_size": shared,
        "mamba_n_heads": heads,
        "mamba_d_head": 64,
        "mamba_d_state": 128,
        "mamba_n_groups": 1,
        "mamba_d_conv": 4,
        "mamba_expand": 2,
        "layer_types": ["attention" if layer % 10 == 5 else "mamba" for layer in range(40)],
        "tie_word_embeddings": True,
    }


def falcon_h1_fields(inside: int, heads: int, state: int, width: int, groups: int = 1) -> dict[str, Any]:
    return {
        "mamba_d_ssm": inside,
        "mamba_n_heads": heads,
        "mamba_d_head": inside // heads,
        "mamba_d_state": state,
        "mamba_n_groups": groups,
        "mamba_d_conv": 4,
        "mamba_expand": 2,
        "intermediate_size": width,
    }


def mamba_fields(state: int = 16, tied: bool = True) -> dict[str, Any]:
    return {"state_size": state, "conv_kernel": 4, "expand": 2, "tie_word_embeddings": tied}


def nemotron_fields(pattern: str, heads: int) -> dict[str, Any]:
    return {
        "hybrid_override_pattern": pattern,
        "mamba_num_heads": heads,
        "mamba_head_dim": 64,
        "ssm_state_size": 128,
        "n_groups": 8,
        "conv_kernel": 4,
        "mlp_hidden_act": "relu2",
    }


def lfm2_fields(width: int, attention: list[int], layers: int) -> dict[str, Any]:
    kinds = ["full_attention" if layer in attention else "conv" for layer in range(layers)]
    return {"intermediate_size": width, "layer_types": kinds, "conv_L_cache": 3, "tie_word_embeddings": True}


def trinity_fields(count: int, width: int, dense: int) -> dict[str, Any]:
    return {
        "num_experts": count,
        "num_experts_per_tok": 8,
        "num_shared_experts": 1,
        "moe_intermediate_size": width,
        "intermediate_size": dense,
        "num_dense_layers": 2,
        "global_attn_every_n_layers": 4,
        "sliding_window": 2048,
    }
