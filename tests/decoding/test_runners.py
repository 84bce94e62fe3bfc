"""The lean forward gives the logits of transformers, wherever its cache was cut."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.decoding.models import build_runner as build_runner_module
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_weights import llama_weights
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.errors import AhasdError

CONFIGURATIONS = {
    "llama": {},
    "llama, grouped queries": {"num_key_value_heads": 2},
    "llama, heads wider than the model": {"head_dim": 24},
    "llama, scaled rotary": {
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 10000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        }
    },
    "llama, yarn": {
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 10000.0,
            "factor": 4.0,
            "original_max_position_embeddings": 128,
        }
    },
    "llama, one key for all, biased": {"num_key_value_heads": 1, "model_type": "qwen2"},
    "qwen2": {"model_type": "qwen2"},
    "mistral": {"model_type": "mistral", "sliding_window": None},
}


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_the_lean_forward_equals_whole_forwards_of_transformers(small_models, options):
    model = small_models.random_model(**options)
    runner = build_runner(model)
    assert isinstance(runner, LeanRunner)
    tokens = [(13 * index + index * index) % 61 for index in range(40)]
    expected = small_models.whole_logits(model, tokens)
    parts = [tokens[:17], tokens[17:18], tokens[18:19], tokens[19:24], tokens[24:]]
    close(torch.cat([runner.forward(part) for part in parts]), expected)
    assert runner.length == 40


def test_the_tiny_pair_runs_lean_and_agrees(target, draft, small_models):
    tokens = target.tokenizer("class Reader:\n    def __init__(self, path):\n")["input_ids"]
    for model in (target, draft):
        runner = build_runner(model)
        assert isinstance(runner, LeanRunner)
        found = torch.cat([runner.forward(tokens[:5]), *(runner.forward([token]) for token in tokens[5:])])
        close(found, small_models.whole_logits(model, tokens))


@pytest.mark.parametrize("kind", [LeanRunner, TransformersRunner])
@pytest.mark.parametrize("kept", [0, 1, 10, 19, 20], ids=["all", "to the first", "middle", "last", "none"])
def test_after_a_roll_back_nothing_of_the_old_text_is_left(small_models, kind, kept):
    model = small_models.random_model()
    runner = LeanRunner(llama_weights(model)) if kind is LeanRunner else TransformersRunner(model)
    old, new = list(range(20)), [60 - index for index in range(7)]
    runner.forward(old)
    runner.roll_back(kept)
    assert runner.length == kept
    close(runner.forward(new), small_models.whole_logits(model, old[:kept] + new)[kept:])


@settings(deadline=None, max_examples=25)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("forward"), st.integers(1, 9)), st.tuples(st.just("keep"), st.floats(0, 1))
        ),
        max_size=12,
    )
)
def test_any_sequence_of_steps_and_roll_backs_equals_a_whole_forward(small_models, steps):
    model = small_models.random_model(num_key_value_heads=2)
    runner, text, token = LeanRunner(llama_weights(model), capacity=4), [], 0
    for kind, amount in steps:
        if kind == "keep":
            del text[int(amount * len(text)) :]
            runner.roll_back(len(text))
            continue
        new = [(token := (token * 17 + 5) % 61) for _ in range(amount)]
        text += new
        close(runner.forward(new), small_models.whole_logits(model, text)[-amount:])


def test_the_cache_doubles_when_it_is_full_and_keeps_what_it_holds(small_models):
    model = small_models.random_model()
    runner = LeanRunner(llama_weights(model), capacity=8)
    tokens = [(7 * index) % 61 for index in range(70)]
    parts = [runner.forward(tokens[:8])]
    assert runner.capacity == 8
    parts.append(runner.forward(tokens[8:9]))
    assert runner.capacity == 16
    parts.append(runner.forward(tokens[9:60]))  # more than twice the room
    assert runner.capacity == 60
    parts += [runner.forward([token]) for token in tokens[60:]]
    assert runner.capacity == 120
    close(torch.cat(parts), small_models.whole_logits(model, tokens))


def test_rolling_back_copies_nothing(small_models):
    runner = LeanRunner(llama_weights(small_models.random_model()))
    runner.forward(list(range(30)))
    before = runner._cache
    runner.roll_back(3)
    assert runner._cache is before


@pytest.mark.parametrize("kind", [LeanRunner, TransformersRunner])
def test_only_the_rows_asked_for_are_computed_and_states_are_those_of_transformers(small_models, kind):
    model = small_models.random_model()
    runner = LeanRunner(llama_weights(model)) if kind is LeanRunner else TransformersRunner(model)
    runner.keep_states = True
    assert runner.forward([1, 2, 3], rows=0).shape == (0, 61)
    found = runner.forward([4, 5, 6], rows=2)
    close(found, small_models.whole_logits(model, [1, 2, 3, 4, 5, 6])[-2:])
    with torch.no_grad():
        states = model.model(torch.tensor([[1, 2, 3, 4, 5, 6]]), output_hidden_states=True).hidden_states[-1]
    close(runner.states, states[0, -2:])


@pytest.mark.parametrize("kind", [LeanRunner, TransformersRunner])
def test_rolling_forward_is_refused(small_models, kind):
    model = small_models.random_model()
    runner = LeanRunner(llama_weights(model)) if kind is LeanRunner else TransformersRunner(model)
    runner.forward([1, 2])
    with pytest.raises(ValueError, match="3 of 2 cached"):
        runner.roll_back(3)


@pytest.mark.parametrize(
    "options",
    [
        {"model_type": "gpt2", "n_positions": 512, "n_embd": 32, "n_head": 4, "n_layer": 2},
        {"model_type": "opt", "ffn_dim": 48, "word_embed_proj_dim": 32},
        {"model_type": "qwen3", "head_dim": 8},
        {"mlp_bias": True},
        {"hidden_act": "gelu"},
        {"model_type": "mistral", "sliding_window": 64},
        {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}},
    ],
    ids=["gpt2", "opt", "qwen3", "biases", "another activation", "a window", "a rotary that changes"],
)
def test_other_models_run_with_their_own_forward(small_models, options):
    model = small_models.random_model(**options)
    runner = build_runner(model)
    assert isinstance(runner, TransformersRunner)
    tokens = [(3 * index + 1) % 61 for index in range(12)]
    runner.forward([5] * 9)
    runner.roll_back(0)
    parts = [runner.forward(tokens[:5]), runner.forward(tokens[5:6]), runner.forward(tokens[6:])]
    close(torch.cat(parts), small_models.whole_logits(model, tokens))


@pytest.mark.parametrize(
    "options",
    [
        {"model_type": "mistral", "sliding_window": 6},
        {"model_type": "gemma3_text", "sliding_window": 6, "head_dim": 8, "query_pre_attn_scalar": 8},
    ],
    ids=["every layer", "some layers"],
)
def test_windows_shorter_than_the_text_survive_a_roll_back(small_models, options):
    model = small_models.random_model(**options)
    runner, tokens = build_runner(model), [(13 * index + index * index) % 61 for index in range(32)]
    runner.forward(tokens[:20])
    runner.forward([1, 2, 3, 4])
    runner.roll_back(15)
    parts = [runner.forward(tokens[15:22]), *(runner.forward([token]) for token in tokens[22:])]
    close(torch.cat(parts), small_models.whole_logits(model, tokens)[15:])


def test_a_lean_forward_that_does_not_agree_is_not_used(small_models, monkeypatch):
    def wrong(model):
        weights = llama_weights(model)
        return replace(weights, frequencies=weights.frequencies * 1.01)

    model = small_models.random_model()
    assert isinstance(build_runner(model), LeanRunner)
    monkeypatch.setattr(build_runner_module, "llama_weights", wrong)
    assert isinstance(build_runner(model), TransformersRunner)


def test_large_models_are_not_copied_and_compute_the_same(small_models, monkeypatch):
    model = small_models.random_model(model_type="qwen2")
    tokens = list(range(12))
    fused = LeanRunner(llama_weights(model)).forward(tokens)
    monkeypatch.setattr("ahasd.decoding.models.llama_weights.FUSED_BYTES_AT_MOST", 0)
    weights = llama_weights(model)
    assert (
        weights.layers[0].mlp_in[0][0].data_ptr()
        == model.model.model.layers[0].mlp.gate_proj.weight.data_ptr()
    )
    close(LeanRunner(weights).forward(tokens), fused)


def test_a_lean_worker_needs_no_transformers():
    code = (
        "import sys, ahasd.decoding\n"
        "assert 'torch' not in sys.modules\n"
        "import ahasd.decoding.models.lean_runner, ahasd.decoding.speculative.alternating\n"
        "assert 'torch' in sys.modules and 'transformers' not in sys.modules\n"
        "from ahasd.decoding import SpeculativeDecoder\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_cache_that_finds_no_memory_says_so(small_models, monkeypatch):
    runner = build_runner(small_models.random_model("large"))
    assert isinstance(runner, LeanRunner)

    def full(*shape, **options):
        raise RuntimeError("nothing left")

    monkeypatch.setattr(torch, "empty", full)
    message = r"no memory for the cache of 'large' at \d+ tokens \(nothing left\); shorten the text"
    with pytest.raises(AhasdError, match=message):
        runner.forward([1] * 400)


def test_a_model_on_two_devices_runs_with_its_own_forward(small_models):
    model = small_models.random_model()
    assert llama_weights(model) is not None
    model.model.lm_head.to("meta")
    assert llama_weights(model) is None


@pytest.mark.parametrize(
    "options",
    [
        {"model_type": "mistral", "sliding_window": 16},
        {"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1},
        {"attention_bias": True},
        {"mlp_bias": True},
        {"hidden_act": "gelu"},
    ],
    ids=str,
)
def test_what_the_lean_forward_does_not_know_it_does_not_run(small_models, options):
    assert llama_weights(small_models.random_model(**options)) is None


def test_a_model_in_training_runs_with_its_own_forward(small_models):
    model = small_models.random_model()
    model.model.train()
    assert llama_weights(model) is None
