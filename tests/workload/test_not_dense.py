"""Published mixtures, latent attention, hybrids: parameters and bytes, as literals and as `transformers` has them."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.passes import kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.readers.families.not_dense import NOT_DENSE
from ahasd.workload.readers.hugging_face import spec_from_config

from .not_dense import HYBRIDS, LATENT, MIXTURES, PUBLISHED

HALF = Precision(16, 16, 16)

#: What publishers say, in 10^9, of all parameters and of those that a token uses; whether they count the table of
#: token embeddings among the latter; and by how much they round. Mixtral: mistral.ai. Qwen2, Qwen3, DeepSeek-V2-Lite:
#: their model cards. DeepSeek-V3: arXiv 2412.19437 and README_WEIGHTS.md of its repository (the main model).
#: gpt-oss: its model card, table 1, which counts the head and not the embedding.
SAID = {
    "Mixtral-8x7B-v0.1": (46.7, 12.9, True, 0.01),
    "Mixtral-8x22B-v0.1": (140.6, 39, True, 0.01),
    "Qwen2-57B-A14B": (57.4, 14.2, True, 0.01),
    "Qwen3-30B-A3B": (30.5, 3.3, True, 0.02),  # 3.35 cut to 3.3
    "DeepSeek-V2-Lite": (15.7, 2.4, False, 0.025),  # 2.45 cut to 2.4
    "DeepSeek-V3": (671, 36.7, False, 0.01),
    "gpt-oss-20b": (20.91, 3.61, False, 0.01),
    "gpt-oss-120b": (116.83, 5.13, False, 0.01),
}


#: Names of families that `transformers` has under another.
SAME = {"kimi_k2": "deepseek_v3"}


def test_every_family_that_is_not_dense_is_in_the_table() -> None:
    assert len(PUBLISHED) == len(MIXTURES) + len(LATENT) + len(HYBRIDS) >= 45
    # Granite's shared part is that of granitemoe's reader; no model of that name is well known.
    assert {row.fields["model_type"] for row in PUBLISHED.values()} == set(NOT_DENSE) - {"granitemoeshared"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_and_bytes_of_published_models(name: str) -> None:
    row = PUBLISHED[name]
    spec = spec_from_config(row.fields)
    assert (spec.parameters, spec.active_parameters) == (row.parameters, row.active)
    assert kv_cache_bytes(spec, 0, HALF) == row.state
    assert kv_cache_bytes(spec, 1, HALF) - row.state == row.per_token
    assert weight_bytes(spec, HALF) == 2 * row.parameters
    # A specification is the same after the way through JSON that runs and stores take.
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize("name", SAID)
def test_published_counts_are_those_that_publishers_say(name: str) -> None:
    total, active, with_table, error = SAID[name]
    spec = spec_from_config(PUBLISHED[name].fields)
    assert spec.parameters / 1e9 == pytest.approx(total, rel=0.01)
    counted = spec.active_parameters - (0 if with_table else spec.embedding_parameters)
    assert counted / 1e9 == pytest.approx(active, rel=error)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters_are_those_that_transformers_builds(name: str) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    row = PUBLISHED[name]
    family = row.fields["model_type"]
    config = transformers.AutoConfig.for_model(**row.fields | {"model_type": SAME.get(family, family)})
    config.pad_token_id = None  # beyond the vocabulary in some defaults; it has no shape
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == row.parameters
    # What transformers itself writes, with its own spelling and defaults, reads the same.
    saved = spec_from_config(config.to_dict())
    assert (saved.parameters, saved.active_parameters) == (row.parameters, row.active)


SHARED: dict[str, Any] = {
    "model_type": "granitemoeshared",
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 24,
    "shared_intermediate_size": 40,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "max_position_embeddings": 64,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
}


def test_a_shared_part_is_read_beside_the_experts() -> None:
    plain = spec_from_config(SHARED | {"model_type": "granitemoe", "shared_intermediate_size": None})
    assert spec_from_config(SHARED).parameters - plain.parameters == 3 * 3 * 32 * 40


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_experts_per_tok": 5}, "config.json: a token cannot take 5 of 4 experts"),
        ({"num_local_experts": None}, "num_local_experts or num_experts .* is missing"),
        ({"num_experts": 8}, r"is one of \[4, 8\]; it must be one number for all layers"),
        ({"num_experts_per_tok": [1, 2, 2]}, r"is one of \[1, 2\]"),
        ({"expert_growth": 1.5}, "a power between 0 and 1, not 1.5"),
        ({"expert_growth": "half"}, "'expert_growth' must be a number, not 'half'"),
        ({"shared_intermediate_size": -1}, "'shared_intermediate_size' must be a count, not -1"),
        ({"kv_lora_rank": 16}, "'kv_lora_rank' = 16 is a model with latent attention"),
        ({"linear_num_value_heads": 4}, "state-space, recurrent"),
    ],
)
def test_a_mixture_that_makes_no_sense_is_refused_by_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        spec_from_config(SHARED | changes)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("gpt-oss-20b", {"layer_types": ["full_attention"]}, "layer_types names 1 layers, and there are 24"),
        (
            "gpt-oss-20b",
            {"layer_types": ["linear_attention"] * 24},
            "has linear_attention; supported are full",
        ),
        ("K-EXAONE-236B-A23B", {"mlp_layer_types": ["dense"]}, "must say of each of 48 layers"),
        ("dbrx", {"ffn_config": 3}, "'ffn_config' must hold fields, not 3"),
        ("Nemotron-H-8B", {"hybrid_override_pattern": "MX"}, r"are M, \*, - or E, not \['X'\]"),
        ("Kimi-Linear-48B-A3B", {"layer_types": None, "linear_attn_config": {}}, "'num_heads' is missing"),
        ("Trinity-Mini", {"attention_bias": True}, "attention_bias true is not supported"),
        ("recurrentgemma-2b", {"intermediate_size": 15361}, "must be a multiple of its branches"),
        ("Llama-4-Scout-17B-16E", {"no_rope_layers": "all"}, "must be a list of integers"),
    ],
)
def test_layers_that_cannot_be_told_are_refused(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        spec_from_config(PUBLISHED[name].fields | changes)


def test_files_that_were_published_with_code_of_their_own_are_read() -> None:
    code = {"auto_map": {"AutoModelForCausalLM": "modeling_deepseek.DeepseekV3ForCausalLM"}}
    for name in ("DeepSeek-V3", "Kimi-K2"):
        row = PUBLISHED[name]
        found = spec_from_config(row.fields | code | {"architectures": ["DeepseekV3ForCausalLM"]})
        assert found.parameters == row.parameters
    with pytest.raises(AhasdError, match="code of its own"):
        spec_from_config(
            PUBLISHED["Mixtral-8x7B-v0.1"].fields | code | {"architectures": ["MixtralForCausalLM"]}
        )


def test_layers_that_predict_further_tokens_are_counted_apart() -> None:
    fields = PUBLISHED["DeepSeek-V3"].fields
    with_them, without = spec_from_config(fields), spec_from_config(fields | {"num_nextn_predict_layers": 0})
    assert (with_them.further_token_layers, without.further_token_layers) == (1, 0)
    assert with_them.parameters == without.parameters
    assert spec_from_config(PUBLISHED["Qwen3.5-27B"].fields).further_token_layers == 1


@pytest.mark.parametrize(
    ("family", "name"),
    [("llama4", "Llama-4-Scout-17B-16E"), ("qwen3_5", "Qwen3.5-9B"), ("qwen3_5_moe", "Qwen3.5-35B-A3B")],
)
def test_the_text_part_of_a_model_that_also_sees_is_read(family: str, name: str) -> None:
    row = PUBLISHED[name]
    whole = {"model_type": family, "text_config": row.fields, "vision_config": {"hidden_size": 8}}
    assert spec_from_config(whole).parameters == row.parameters
