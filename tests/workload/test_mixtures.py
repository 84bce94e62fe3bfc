"""Sizes of mixtures of experts from their configurations, against what their makers publish."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.mixtures import mixture_sizes

QWEN3_30B_A3B = {
    "model_type": "qwen3_moe",
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "intermediate_size": 6144,
    "moe_intermediate_size": 768,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "vocab_size": 151936,
}
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "vocab_size": 129280,
    "num_nextn_predict_layers": 1,
}
MIXTRAL_8X7B = {
    "model_type": "mixtral",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "vocab_size": 32000,
}
QWEN3_NEXT_80B_A3B = {
    "model_type": "qwen3_next",
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "intermediate_size": 5120,
    "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
    "num_experts": 512,
    "num_experts_per_tok": 10,
    "vocab_size": 151936,
    "full_attention_interval": 4,
    "linear_num_key_heads": 16,
    "linear_key_head_dim": 128,
    "linear_num_value_heads": 32,
    "linear_value_head_dim": 128,
}


@pytest.mark.parametrize(
    ("configuration", "total", "active"),
    [
        (QWEN3_30B_A3B, 30.5e9, 3.3e9),
        (DEEPSEEK_V3, 671e9, 37e9),
        (MIXTRAL_8X7B, 46.7e9, 12.9e9),
        (QWEN3_NEXT_80B_A3B, 80e9, 3.9e9),
    ],
)
def test_counts_are_the_published_ones(configuration: dict[str, Any], total: float, active: float) -> None:
    """Makers count the embedding table as active (Qwen3-Next: 3.9 with it, by its shapes); a token reads a row."""
    sizes = mixture_sizes(configuration, "config.json")
    assert sizes.parameters == pytest.approx(total, rel=0.005)
    assert sizes.read_parameters + sizes.output_parameters == pytest.approx(active, rel=0.02)


def test_latent_attention_caches_its_rank_and_the_rotary_part() -> None:
    assert mixture_sizes(DEEPSEEK_V3, "config.json").cached_elements == 61 * (512 + 64)
    assert mixture_sizes(QWEN3_30B_A3B, "config.json").cached_elements == 48 * 2 * 4 * 128


def test_only_every_fourth_layer_of_a_hybrid_caches_keys_and_values() -> None:
    sizes = mixture_sizes(QWEN3_NEXT_80B_A3B, "config.json")
    assert sizes.recurrent
    assert sizes.cached_elements == 12 * 2 * 2 * 256


def test_layers_that_predict_further_tokens_are_told_by_the_file_or_by_the_family() -> None:
    assert mixture_sizes(DEEPSEEK_V3, "config.json").predicting_layers == 1
    assert mixture_sizes(QWEN3_NEXT_80B_A3B, "config.json").predicting_layers == 1
    assert mixture_sizes(QWEN3_30B_A3B, "config.json").predicting_layers == 0


def test_all_experts_chosen_means_all_parameters_are_read_but_the_embedding_table() -> None:
    sizes = mixture_sizes({**MIXTRAL_8X7B, "num_experts_per_tok": 8}, "config.json")
    assert sizes.parameters - sizes.read_parameters == 32000 * 4096
    tied = mixture_sizes(
        {**MIXTRAL_8X7B, "num_experts_per_tok": 8, "tie_word_embeddings": True}, "config.json"
    )
    assert tied.parameters == tied.read_parameters


def test_what_is_not_known_or_missing_is_refused_by_name() -> None:
    with pytest.raises(AhasdError, match="'dbrx' is no mixture that is known here"):
        mixture_sizes({"model_type": "dbrx"}, "config.json")
    lacking = {name: value for name, value in MIXTRAL_8X7B.items() if name != "num_local_experts"}
    with pytest.raises(AhasdError, match="field 'num_local_experts' is missing"):
        mixture_sizes(lacking, "config.json")
