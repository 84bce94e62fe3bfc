"""Rollouts against whole forwards of one row at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.prefix_cache import cache_of
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.rolled_draft import ModelDraft
from ahasd.decoding.recording.rollout import roll_out
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.rules.distributions import draw, entropy_nats, probabilities, uniform

from . import reference

PROMPT = "import os\n\ndef main(self):\n    return"


def rolled_out(target, draft, settings, positions, prompt=PROMPT, vocabulary=1024):
    tokens = target.tokenizer(prompt)["input_ids"]
    with torch.inference_mode():
        text = continue_prompt(build_runner(target), tokens, 0, vocabulary, settings)
        rolled = ModelDraft(draft)
        caches = cache_of(target, text.consumed), rolled.read(target, text.consumed)
        return text, roll_out(target, rolled, text, *caches, positions, 0, vocabulary, settings)


def check_against_reference(target, draft, settings, positions, prompt=PROMPT):
    text, rollouts = rolled_out(target, draft, settings, positions, prompt)
    for row, position in enumerate(positions):
        path = [*text.prompt, *text.tokens[:position]]
        if settings.greedy:
            assert text.tokens[position] == reference.distribution(target, path).argmax()
        target_entropy = reference.entropy(reference.distribution(target, path, settings.temperature))
        assert text.entropies[position] == pytest.approx(target_entropy, abs=1e-3)
        for step in range(settings.steps):
            token = rollouts.tokens[row, step]
            p = reference.distribution(target, path, settings.temperature)
            q = reference.distribution(draft, path, settings.temperature)
            assert rollouts.entropy[row, step] == pytest.approx(reference.entropy(q), abs=1e-3)
            assert rollouts.draft_probability[row, step] == pytest.approx(q[token], abs=1e-4)
            if settings.greedy:
                assert token == q.argmax()
                assert rollouts.acceptance_probability[row, step] == float(token == p.argmax())
            else:
                expected = min(1.0, p[token] / q[token])
                assert rollouts.acceptance_probability[row, step] == pytest.approx(expected, abs=1e-3)
            path.append(int(token))


@pytest.mark.parametrize(
    "settings",
    [
        RecordSettings("greedy", tokens_per_prompt=24),
        RecordSettings("sampled", tokens_per_prompt=24),
        RecordSettings("sampled", temperature=0.7, tokens_per_prompt=24, seed=3),
    ],
    ids=["greedy", "sampled", "sampled at 0.7"],
)
def test_rollouts_equal_whole_forwards(target, draft, settings):
    check_against_reference(target, draft, settings, range(0, 5))
    check_against_reference(target, draft, settings, range(20, 22))


def head_by_hand(head, state, probability):
    """The head in numpy: residual blocks x + SiLU(Wx + b), two logits, the chance of the second."""
    tensors = {name: tensor.double().numpy() for name, tensor in head.state_dict().items()}
    x = np.append(state, np.log(probability))
    for block in range(3):
        z = tensors[f"blocks.{block}.weight"] @ x + tensors[f"blocks.{block}.bias"]
        x = x + z / (1 + np.exp(-z))
    reject, accept = tensors["out.weight"] @ x + tensors["out.bias"]
    return 1 / (1 + np.exp(reject - accept))


@pytest.mark.parametrize("mode", ["greedy", "sampled"])
def test_the_head_judges_each_token_by_the_state_behind_it(target, draft, mode):
    text, rollouts = rolled_out(target, draft, RecordSettings(mode, tokens_per_prompt=12), range(3, 5))
    for row, position in enumerate(range(3, 5)):
        path = [*text.prompt, *text.tokens[:position]]
        for step, token in enumerate(rollouts.tokens[row].tolist()):
            probability = reference.distribution(draft, path)[token]
            path.append(token)
            with torch.no_grad():
                state = draft.model.model(torch.tensor([path]), use_cache=False).last_hidden_state[0, -1]
            expected = head_by_hand(draft.acceptance_head, state.double().numpy(), probability)
            assert rollouts.predicted_acceptance[row, step] == pytest.approx(expected, abs=1e-4)


def test_a_draft_without_a_head_predicts_nothing_and_proposes_the_same(target, draft):
    settings = RecordSettings("sampled", tokens_per_prompt=12)
    _, with_head = rolled_out(target, draft, settings, range(12))
    _, without = rolled_out(target, replace(draft, acceptance_head=None), settings, range(12))
    assert without.predicted_acceptance is None
    for name in ("tokens", "entropy", "draft_probability", "acceptance_probability"):
        np.testing.assert_array_equal(getattr(without, name), getattr(with_head, name))


def test_a_prompt_of_one_token_has_an_empty_prefix(target, draft):
    settings = RecordSettings("greedy", tokens_per_prompt=3)
    check_against_reference(target, draft, settings, range(0, 1), prompt="\n")
    check_against_reference(target, draft, settings, range(0, 3), prompt="\n")


SIZES = {"vocab_size": 1024, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
FAMILIES = {
    # Learned positions (GPT-2, OPT), grouped heads (Qwen3), a window shorter than the text (Mistral).
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=1024, n_embd=32, n_layer=2, n_head=4)),
    "opt": lambda: OPTForCausalLM(OPTConfig(**SIZES, ffn_dim=64, word_embed_proj_dim=32)),
    "qwen3": lambda: Qwen3ForCausalLM(
        Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=8, intermediate_size=64)
    ),
    "mistral": lambda: MistralForCausalLM(
        MistralConfig(**SIZES, num_key_value_heads=2, intermediate_size=64, sliding_window=12)
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_other_families_of_models_roll_out_alike(target, family):
    torch.manual_seed(1)
    # Strong random weights: with the usual small ones every distribution would be near uniform.
    model = FAMILIES[family]().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4) if parameter.ndim == 2 else None
    stranger = LanguageModel(family, model, target.tokenizer)
    check_against_reference(stranger, stranger, RecordSettings("sampled", tokens_per_prompt=12), range(4, 7))


def test_a_model_against_itself_is_always_accepted(target):
    settings = RecordSettings("sampled", tokens_per_prompt=8)
    _, rollouts = rolled_out(target, target, settings, range(8))
    np.testing.assert_allclose(rollouts.acceptance_probability, 1.0, atol=1e-4)


def test_draws_follow_the_distribution():
    probability = torch.tensor([[0.0, 0.25, 0.5, 0.0, 0.25, 0.0]], dtype=torch.float64)
    evenly = (np.arange(400) + 0.5) / 400
    tokens = draw(probability.expand(400, -1), evenly).numpy()
    assert np.bincount(tokens, minlength=6).tolist() == [0, 100, 200, 0, 100, 0]
    edges = draw(probability.expand(2, -1), np.array([0.0, np.nextafter(1.0, 0.0)]))
    assert edges.tolist() == [1, 4]


def test_uniform_numbers_are_uniform_and_independent_of_other_streams():
    numbers = uniform(0, 1, 0, (20_000,))
    assert numbers.min() >= 0
    assert numbers.max() < 1
    # Kolmogorov-Smirnov at 1 in 1000: 1.95 / sqrt(n).
    distance = np.abs(np.sort(numbers) - np.arange(20_000) / 20_000).max()
    assert distance < 1.95 / np.sqrt(20_000)
    for other in (uniform(1, 1, 0, (20_000,)), uniform(0, 2, 0, (20_000,)), uniform(0, 1, 1, (20_000,))):
        assert abs(np.corrcoef(numbers, other)[0, 1]) < 4 / np.sqrt(20_000)


def test_entropy_of_known_distributions():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [1.0, 1.0, 1.0]]))
    entropies = entropy_nats(probabilities(logits, 1.0))
    assert entropies.tolist() == pytest.approx([1.5 * np.log(2), np.log(3)])
    assert float(entropy_nats(torch.tensor([0.0, 1.0]))) == 0
    # At temperature 1/2 probabilities are squared and normalised.
    assert probabilities(logits, 0.5)[0].tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])
