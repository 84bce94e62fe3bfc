"""Targets that are mixtures, have latent attention or keep a state, from their configurations to a result."""

import json
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.family.result import Result
from ahasd.systems.simulate import simulate

SIZES: dict[str, Any] = {
    "vocab_size": 2048,
    "hidden_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "max_position_embeddings": 8192,
    "intermediate_size": 1024,
    "tokenizer_family": "common",
}
EXPERTS = {"num_experts": 16, "num_experts_per_tok": 2, "moe_intermediate_size": 256}
MODELS: dict[str, dict[str, Any]] = {
    "draft": SIZES | {"model_type": "qwen3", "num_hidden_layers": 2, "intermediate_size": 512},
    "mixture": SIZES | EXPERTS | {"model_type": "qwen3_moe", "mlp_only_layers": [0]},
    "latent": SIZES
    | {
        "model_type": "deepseek_v2",
        "q_lora_rank": None,
        "kv_lora_rank": 128,
        "qk_nope_head_dim": 64,
        "qk_rope_head_dim": 32,
        "v_head_dim": 64,
        "n_routed_experts": 16,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 256,
        "n_shared_experts": 1,
        "first_k_dense_replace": 1,
    },
    "hybrid": SIZES
    | EXPERTS
    | {
        "model_type": "qwen3_next",
        "linear_num_key_heads": 4,
        "linear_num_value_heads": 8,
        "linear_key_head_dim": 64,
        "linear_value_head_dim": 64,
        "linear_conv_kernel_dim": 4,
        "full_attention_interval": 4,
        "shared_expert_intermediate_size": 256,
    },
}


def run(folder: Path, target: str, system: str, **values: Any) -> Result:
    for name, fields in MODELS.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "config.json").write_text(json.dumps(fields | values.get(name, {})))
    asked = {
        "pair": f"{folder / 'draft'}:{folder / target}",
        "system": system,
        "algorithm": "fixed:3",
        "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8",
        "tokens": 24,
        "prompt_tokens": 32,
        "set": values.get("set", ()),
    }
    return simulate(**asked)


@pytest.mark.parametrize("target", ["mixture", "latent", "hybrid"])
@pytest.mark.parametrize("system", ["gpu", "npu", "npu-pim-sync", "specpim"])
def test_a_target_of_every_kind_runs(target: str, system: str, tmp_path: Path) -> None:
    result = run(tmp_path, target, system)
    assert result.tokens == 24
    told = "\n".join(result.notes)
    assert "the target is a mixture: a token uses" in told
    assert "a pass of 4 token(s) reads 6.62 of 16 experts (2 a token) of a layer" in told
    assert ("keeps a state of" in told) == (target == "hybrid")


def test_memory_that_computes_runs_mixtures_and_refuses_states(tmp_path: Path) -> None:
    assert run(tmp_path, "mixture", "ahasd").tokens == 24
    assert run(tmp_path, "latent", "ahasd", set=("pim.value_layout=by_token",)).tokens == 24
    with pytest.raises(AhasdError, match=r"set pim\.value_layout=by_token"):
        run(tmp_path, "latent", "ahasd")
    with pytest.raises(AhasdError, match=r"cannot run linear_expert_layer\.delta_convolution"):
        run(tmp_path, "hybrid", "pim-autoregressive")


def test_tokens_that_choose_alike_make_verifications_cheaper(tmp_path: Path) -> None:
    alike, apart = (run(tmp_path, "mixture", "gpu", mixture={"expert_growth": growth}) for growth in (0, 1))
    assert alike.seconds < apart.seconds
    assert "reads 2 of 16 experts" in "\n".join(alike.notes)
    assert "reads 8 of 16 experts (2 a token) of a layer in the mean, as expert_growth" in "\n".join(
        apart.notes
    )
