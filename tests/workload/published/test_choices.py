"""What costs besides parameters and cache: norms, positions, caps and shared caches of published models."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.readers.hugging_face import spec_from_config

from .test_published import ROWS

CONFIGS = {row.name.split("/")[-1]: row.config for row in ROWS}


def spec_of(name: str, **changes: Any) -> ModelSpec:
    return spec_from_config(CONFIGS[name] | changes)


def step(name: str, context: int = 99, **changes: Any) -> dict[str, Operator]:
    graph = forward_pass(spec_of(name, **changes), 1, context, Precision(16, 16, 16))
    return {operator.name: operator for operator in graph.operators}


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("gemma-2-2b", {"norm_placement": "both", "attention_soft_cap": True, "logit_soft_cap": True}),
        ("vaultgemma-1b", {"norm_placement": "before", "attention_soft_cap": True, "logit_soft_cap": True}),
        ("gemma-3-4b-it", {"norm_placement": "both", "attention_soft_cap": False, "logit_soft_cap": False}),
        ("gemma-3n-E4B-it", {"streams": 4, "augmented_residual_rank": 64, "logit_soft_cap": True}),
        ("gemma-4-E2B-it", {"per_layer_width": 256, "query_key_norm": HeadNorm(values=True), "streams": 1}),
        ("pythia-1b", {"parallel_layers": True, "parallel_norm_apart": True}),
        ("RedPajama-INCITE-Base-3B-v1", {"parallel_layers": False, "parallel_norm_apart": False}),
        ("gpt-j-6b", {"parallel_layers": True, "parallel_norm_apart": False, "head_bias": True}),
        ("falcon-7b", {"parallel_norm_apart": False, "positions": "rotary", "activation": "gelu"}),
        ("falcon-40b", {"parallel_layers": True, "parallel_norm_apart": True}),
        ("falcon-11B", {"parallel_layers": True, "parallel_norm_apart": False}),
        ("falcon-rw-1b", {"parallel_layers": False, "positions": "bias"}),
        ("bloom-560m", {"positions": "bias", "embedding_norm": True}),
        ("mpt-7b", {"positions": "bias", "embedding_norm": False, "normalization_bias": False}),
        ("xglm-564M", {"fixed_positions": True, "learned_positions": 0}),
        ("OLMo-1B-hf", {"normalization": "layer", "normalization_gain": False}),
        ("OLMo-2-1124-7B", {"norm_placement": "behind", "query_key_norm": HeadNorm(gains="heads")}),
        ("GLM-4-9B-0414", {"norm_placement": "both", "attention_output_bias": False}),
        ("bitnet-b1.58-2B-4T", {"inner_norms": True, "activation": "relu2", "gated_feed_forward": True}),
        ("Apertus-8B-2509", {"activation": "xielu", "gated_feed_forward": False}),
        ("nanochat-d32", {"embedding_norm": True, "logit_soft_cap": True, "normalization_gain": False}),
    ],
)
def test_a_family_has_the_choices_that_its_code_fixes(name: str, choices: dict[str, Any]) -> None:
    spec = spec_of(name)
    assert {field: getattr(spec, field) for field in choices} == choices


def test_norms_stand_where_the_family_has_them() -> None:
    behind, both = step("OLMo-2-1124-7B"), step("GLM-4-9B-0414")
    assert "layer.attention_norm" not in behind
    assert {"layer.attention_norm_behind", "layer.feed_forward_norm_behind"} <= set(behind)
    assert both["layer.attention_norm"].weight_bytes == both["layer.attention_norm_behind"].weight_bytes
    # All query and key heads together have a gain for each channel.
    assert behind["layer.query_key_norm"].weight_bytes == 2 * 2 * 32 * 4096
    assert step("OLMo-1B-hf")["final_norm"].weight_bytes == 0
    assert step("bitnet-b1.58-2B-4T")["layer.feed_forward_inner_norm"].weight_bytes == 2 * 30 * 6912


def test_layers_without_positions_rotate_nothing() -> None:
    command = step("c4ai-command-r7b-12-2024")
    assert "sliding_layer.rotary" in command
    assert "full_layer.rotary" not in command
    smol = step("SmolLM3-3B")
    assert smol["rotary_full_layer.rotary"].launches == 27
    assert "unplaced_full_layer.rotary" not in smol
    # Every layer of the smaller EXAONE is full, and rotates.
    assert "layer.rotary" in step("EXAONE-4.0-1.2B")
    assert "full_layer.rotary" not in step("EXAONE-4.0-32B")


def test_smollm3_may_have_windows_in_the_layers_without_positions() -> None:
    spec = spec_of("SmolLM3-3B", use_sliding_window=True, sliding_window=64)
    assert [(group.name, group.layers, group.sliding_window) for group in spec.layer_groups] == [
        ("rotary_full_layer", 27, None),
        ("unplaced_sliding_layer", 9, 64),
    ]


def test_a_bias_and_a_cap_are_work_on_every_score() -> None:
    # Five operations are the softmax's.
    for name, heads, operations in (("bloom-560m", 16, 5 + 2), ("pythia-1b", 8, 5)):
        softmax = step(name)["layer.softmax"]
        assert softmax.vector_operations == operations * softmax.launches * heads * 100
    gemma = step("gemma-2-2b")
    assert gemma["full_layer.softmax"].vector_operations == (5 + 6) * 13 * 8 * 100
    assert gemma["lm_head_softmax"].vector_operations == (5 + 6) * 256000


def test_layers_that_share_a_cache_make_and_append_nothing_and_read_it_all() -> None:
    gemma = step("gemma-3n-E4B-it", context=2000)
    assert not {"sharing_full_layer.key", "sharing_full_layer.value", "sharing_full_layer.append"} & set(
        gemma
    )
    assert gemma["full_layer.append"].kv_write_bytes == 4 * 2 * 2 * 2 * 256
    assert gemma["sharing_full_layer.score"].kv_read_bytes == 3 * 2 * 2 * 256 * 2001
    assert gemma["sharing_sliding_layer.score"].kv_read_bytes == 12 * 2 * 2 * 256 * 512
    wide = step("gemma-4-E2B-it")
    assert wide["sharing_full_layer.up"].outputs == 2 * wide["full_layer.up"].outputs == 2 * 6144


def test_a_token_reads_its_rows_of_every_layer_s_embedding() -> None:
    rows = step("gemma-3n-E4B-it")["per_layer_embedding"]
    assert (rows.rows, rows.outputs, rows.weight_bytes) == (1, 35 * 256, 2 * 35 * 256)


def test_values_that_are_keys_have_no_matrix() -> None:
    gemma = step("gemma-4-31B-it")
    assert "full_layer.value" not in gemma
    assert gemma["sliding_layer.value"].outputs == 16 * 256
    assert gemma["full_layer.append"].kv_write_bytes == 2 * 2 * 10 * 4 * 512


def test_gemma_4_files_that_state_sizes_by_layer_are_read_alike() -> None:
    own = {"head_dim": 512, "num_key_value_heads": 4}
    by_layer = {f"{number:02}": own for number in range(5, 60, 6)}
    changes = {"per_layer_config": by_layer, "global_head_dim": None}
    assert spec_of("gemma-4-31B-it", **changes) == spec_of("gemma-4-31B-it")
    with pytest.raises(AhasdError, match="'per_layer_config' must hold head_dim and num_key_value_heads"):
        spec_of("gemma-4-31B-it", per_layer_config={"5": {"hidden_size": 3}})
    two = by_layer | {"05": own | {"head_dim": 256}}
    names = [group.name for group in spec_of("gemma-4-31B-it", per_layer_config=two).layer_groups]
    assert names == ["sliding_layer", "full_layer", "full_layer_2"]


def test_heads_that_grow_from_layer_to_layer_are_groups() -> None:
    spec = spec_of("OpenELM-270M")
    assert sum(group.layers for group in spec.layer_groups) == spec.layers == 16
    assert [(group.heads, group.key_value_heads, group.feed_forward_size) for group in spec.layer_groups][
        ::15
    ] == [
        (12, 3, 768),
        (20, 5, 5120),
    ]
    with pytest.raises(AhasdError, match="'num_kv_heads' must be a positive number for each of 16 layers"):
        spec_of("OpenELM-270M", num_kv_heads=[3, "four"])


def test_the_larger_baichuan_has_a_bias_rather_than_rotations() -> None:
    large = {"max_position_embeddings": None, "model_max_length": 4096}
    assert spec_of("Baichuan2-7B-Base", **large).positions == "bias"
    assert spec_of("Baichuan2-7B-Base").positions == "rotary"
