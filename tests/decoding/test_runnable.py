"""A model that the runtime cannot run is refused by name before the first text, whatever is wrong with it."""

import pytest
import torch

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.errors import AhasdError

from .architectures import DEEPSEEK

HYBRIDS = {
    "mamba": {"state_size": 4, "intermediate_size": 64, "time_step_rank": 2, "pad_token_id": 0},
    "jamba": {"num_experts": 2, "pad_token_id": 0, "use_mamba_kernels": False, "mamba_d_state": 4},
    "lfm2": {"layer_types": ["conv", "full_attention"]},
    "qwen3_next": {"num_experts": 2, "moe_intermediate_size": 16, "pad_token_id": 0, "head_dim": 8},
    "bamba": {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_n_groups": 1, "pad_token_id": 0},
    "falcon_h1": {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_ssm": 64, "pad_token_id": 0},
    "granitemoehybrid": {
        "mamba_n_heads": 4,
        "mamba_d_head": 16,
        "layer_types": ["mamba", "attention"],
        "pad_token_id": 0,
    },
    "nemotron_h": {"mamba_num_heads": 4, "mamba_head_dim": 8, "n_groups": 1, "pad_token_id": 0},
    "olmo_hybrid": {"pad_token_id": 0},
    "minimax": {"num_local_experts": 2, "head_dim": 8, "pad_token_id": 0},
    "kimi_linear": {"pad_token_id": 0},
    "xlstm": {"pad_token_id": 0, "num_heads": 4},
    "rwkv": {"attention_hidden_size": 32},
    "recurrent_gemma": {"lru_width": 32, "head_dim": 8, "attention_window_size": 8},
    "deepseek_v4": {"pad_token_id": 0},
}


@pytest.mark.parametrize("kind", HYBRIDS)
def test_models_with_a_running_state_are_refused_before_a_text(small_models, kind):
    model = small_models.random_model("mixed", model_type=kind, **HYBRIDS[kind])
    with pytest.raises(AhasdError, match=rf"model 'mixed' \({kind}\)"):
        build_runner(model)


def test_sparse_attention_whose_choice_depends_on_the_width_is_refused(small_models):
    options = DEEPSEEK | {"index_topk": 6, "index_n_heads": 2, "index_head_dim": 8}
    with pytest.raises(AhasdError, match=r"\(deepseek_v32\) chooses by an index"):
        build_runner(small_models.random_model(model_type="deepseek_v32", **options))


def test_a_bert_that_looks_ahead_is_refused_and_a_causal_one_runs(small_models):
    with pytest.raises(AhasdError, match=r"'random' \(bert\).*not causal"):
        build_runner(small_models.random_model(model_type="bert"))
    causal = small_models.random_model(model_type="bert", is_decoder=True)
    assert isinstance(build_runner(causal), TransformersRunner)


def test_types_in_which_torch_does_not_compute_are_refused(small_models):
    model = small_models.random_model(model_type="qwen3", head_dim=8)
    model.model.to(torch.float8_e4m3fn)
    with pytest.raises(AhasdError, match=r"weights of type float8_e4m3fn.*float32"):
        build_runner(model)


def test_a_model_whose_forward_raises_is_refused_with_its_words(small_models, monkeypatch):
    model = small_models.random_model(model_type="qwen3", head_dim=8)

    def broken(*inputs, **options):
        raise IndexError("no such state")

    monkeypatch.setattr(model.model.model, "forward", broken)
    with pytest.raises(AhasdError, match=r"\(qwen3\).*IndexError: no such state"):
        build_runner(model)


def test_a_cache_that_forgets_is_found_out(small_models, monkeypatch):
    """A roll-back that does nothing leaves the wrong tokens in the cache."""
    model = small_models.random_model(model_type="qwen3", head_dim=8)
    monkeypatch.setattr("transformers.DynamicCache.crop", lambda self, count: None)
    with pytest.raises(AhasdError, match="differ from those of the whole text"):
        build_runner(model)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_passes_the_check(small_models, dtype):
    model = small_models.random_model(model_type="qwen3", head_dim=8, num_hidden_layers=4)
    model.model.to(dtype)
    assert isinstance(build_runner(model), TransformersRunner)


def test_the_logits_of_a_prompt_are_not_computed(small_models, monkeypatch):
    model = small_models.random_model(model_type="qwen3", head_dim=8)
    runner, shapes = build_runner(model), []
    monkeypatch.setattr(
        model.model.lm_head,
        "forward",
        lambda x: shapes.append(tuple(x.shape)) or torch.zeros(*x.shape[:2], 61),
    )
    assert runner.forward(list(range(40)), rows=0).shape == (0, 61)
    assert runner.forward(list(range(9)), rows=3).shape == (3, 61)
    assert [shape[1] for shape in shapes] == [1, 3]
