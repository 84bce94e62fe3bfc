"""The recorder: what is in a trace of two real models, and what it refuses."""

import copy
import dataclasses
import inspect
import json

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import MambaConfig, MambaForCausalLM, PreTrainedTokenizerFast

from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.errors import AhasdError
from ahasd.traces.files import load, save
from ahasd.traces.rollout.statistics import expected_auc


def prompts(*texts):
    return [Prompt(str(number), "", (text,)) for number, text in enumerate(texts, start=1)]


PROMPTS = prompts("def main():\n    ", "class Reader:\n    def read(self", "import os\nimport sys\n")


@pytest.fixture(scope="module")
def greedy(target, draft):
    return record(target, draft, PROMPTS, mode="greedy", tokens_per_prompt=30)


@pytest.fixture(scope="module")
def sampled(target, draft):
    return record(target, draft, PROMPTS * 4, mode="sampled", tokens_per_prompt=60, seed=1)


def generated(model, tokens, length):
    """Plain greedy decoding by transformers itself; ends of text are passed over."""
    given = torch.tensor([tokens])
    out = model.model.generate(
        given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=length,
        min_new_tokens=length,
        do_sample=False,
        eos_token_id=-1,
    )
    return out[0, len(tokens) :].tolist()


def test_leading_ones_are_the_tokens_that_greedy_decoding_would_accept(greedy, target, draft):
    row = 0
    for prompt in PROMPTS:
        tokens = target.tokenizer(prompt.text)["input_ids"]
        text = generated(target, tokens, 30 + 16)
        for position in range(0, 30, 7):
            proposed = generated(draft, [*tokens, *text[:position]], 16)
            wanted = text[position : position + 16]
            matched = next((j for j in range(16) if proposed[j] != wanted[j]), 16)
            leading = int(np.cumprod(greedy.accepted[row + position]).sum())
            assert leading == matched
        row += 30
    assert greedy.prompt_start.tolist() == [0, 30, 60, 90]


def test_coins_fall_as_often_as_their_probability_says(sampled):
    probability = sampled.acceptance_probability.astype(float)
    coins = sampled.accepted
    after_rejection = np.cumprod(coins, axis=1)[:, :-1] == 0
    everything = (probability, coins)
    behind = (probability[:, 1:][after_rejection], coins[:, 1:][after_rejection])
    for chance, fallen in (everything, behind):
        for low in np.arange(0, 1, 0.1):
            chosen = (chance >= low) & (chance < low + 0.1)
            expected, deviation = chance[chosen].sum(), np.sqrt((chance * (1 - chance))[chosen].sum())
            assert chosen.sum() > 20
            assert abs(fallen[chosen].sum() - expected) <= 4 * deviation
    assert (coins[probability == 1] == 1).all()
    assert (coins[probability == 0] == 0).all()


def test_sampled_acceptance_is_the_overlap_of_the_distributions(sampled):
    # Both are expectations of min(1, p/q) over q; a draft of this quality is accepted most of the time.
    assert 0.7 < sampled.mean_acceptance < 0.9
    assert (sampled.acceptance_probability < 1).any()


def test_header_says_what_was_recorded(greedy, sampled, target):
    assert (greedy.header.target, greedy.header.draft) == ("tiny-target", "tiny-draft-distilled")
    assert (greedy.header.mode, sampled.header.mode) == ("greedy", "sampled")
    assert "temperature 1;" in greedy.header.notes
    assert "float32" in greedy.header.notes
    assert sampled.header.seed == 1
    assert len(greedy.header.tokenizer_hash) == 64
    assert greedy.header.tokenizer_hash == sampled.header.tokenizer_hash


def test_the_head_of_the_draft_is_recorded_and_foretells_the_coins(sampled):
    assert sampled.predicted_acceptance.shape == sampled.accepted.shape
    assert "predicted acceptance by a head of 3 blocks" in sampled.header.notes
    coins = sampled.accepted.astype(float)
    assert expected_auc(-sampled.predicted_acceptance.astype(float), coins) > 0.55


def test_a_draft_without_a_head_leaves_the_tensor_out(target, draft, sampled):
    bare = dataclasses.replace(draft, acceptance_head=None)
    trace = record(target, bare, PROMPTS[:1], mode="sampled", tokens_per_prompt=60, seed=1)
    assert trace.predicted_acceptance is None
    assert "head" not in trace.header.notes
    for name, tensor in trace.tensors().items():
        np.testing.assert_array_equal(tensor, sampled.tensors()[name][: len(tensor)])


def test_a_trace_goes_through_a_file(sampled, tmp_path):
    save(sampled, tmp_path / "trace.safetensors")
    assert load(tmp_path / "trace.safetensors").sha256 == sampled.sha256


def test_the_seed_decides_and_the_batch_size_does_not(target, draft):
    def run(seed, batch_size):
        return record(
            target,
            draft,
            PROMPTS[:1],
            mode="sampled",
            tokens_per_prompt=12,
            seed=seed,
            batch_size=batch_size,
        )

    one, other = run(5, 64), run(5, 5)
    np.testing.assert_allclose(one.entropy, other.entropy, atol=5e-3)
    np.testing.assert_allclose(one.draft_probability, other.draft_probability, atol=5e-3)
    assert run(5, 64).sha256 == one.sha256
    assert not np.allclose(run(6, 64).entropy, one.entropy, atol=0.1)


def test_a_prompt_does_not_change_the_rows_of_another(target, draft, greedy):
    alone = record(target, draft, PROMPTS[:1], mode="greedy", tokens_per_prompt=30)
    np.testing.assert_array_equal(alone.accepted, greedy.accepted[:30])


def test_progress_runs_to_the_end(target, draft):
    seen = []
    record(
        target,
        draft,
        PROMPTS[:2],
        mode="greedy",
        tokens_per_prompt=10,
        batch_size=4,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == sorted(seen)
    assert seen[0] == (4, 20)
    assert seen[-1] == (20, 20)


def test_the_end_of_text_ends_the_rows_of_a_prompt(target, draft, greedy):
    first = target.tokenizer(PROMPTS[0].text)["input_ids"]
    text = generated(target, first, 30)
    end = text[9]
    ended = dataclasses.replace(target, model=copy.deepcopy(target.model))
    ended.model.generation_config.eos_token_id = [end]
    trace = record(ended, draft, PROMPTS[:1], mode="greedy", tokens_per_prompt=30)
    rows = text.index(end) + 1
    assert trace.prompt_start.tolist() == [0, rows]
    np.testing.assert_array_equal(trace.accepted, greedy.accepted[:rows])


def test_a_padded_vocabulary_changes_nothing(target, draft, greedy):
    padded = dataclasses.replace(draft, model=copy.deepcopy(draft.model))
    padded.model.resize_token_embeddings(1088)
    assert padded.vocabulary_size == 1088
    trace = record(target, padded, PROMPTS[:1], mode="greedy", tokens_per_prompt=10)
    np.testing.assert_array_equal(trace.accepted, greedy.accepted[:10])
    np.testing.assert_allclose(trace.entropy, greedy.entropy[:10], atol=5e-3)


def changed_tokenizer(model, change):
    state = json.loads(model.tokenizer.backend_tokenizer.to_str())
    change(state)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(state)))
    return dataclasses.replace(model, tokenizer=tokenizer)


def test_tokens_with_different_ids_are_refused(target, draft):
    def swap(state):
        words = state["model"]["vocab"]
        by_id = {number: word for word, number in words.items()}
        words[by_id[40]], words[by_id[41]] = 41, 40

    with pytest.raises(AhasdError, match=r"token 40 is '.' in target 'tiny-target' and '.' in draft"):
        record(target, changed_tokenizer(draft, swap), PROMPTS, mode="greedy")


def test_a_larger_ordinary_vocabulary_is_refused(target, draft):
    def extend(state):
        state["model"]["vocab"]["spam"] = 1024

    with pytest.raises(AhasdError, match="'tiny-draft-distilled' has 1 tokens from 1024 on"):
        record(target, changed_tokenizer(draft, extend), PROMPTS, mode="greedy")


def test_further_added_tokens_are_let_in(target, draft, greedy):
    tokenizer = copy.deepcopy(draft.tokenizer)
    tokenizer.add_tokens(["<|tool|>"], special_tokens=True)
    trace = record(
        target,
        dataclasses.replace(draft, tokenizer=tokenizer),
        PROMPTS[:1],
        mode="greedy",
        tokens_per_prompt=5,
    )
    np.testing.assert_array_equal(trace.accepted, greedy.accepted[:5])


def test_folders_are_loaded(greedy):
    trace = record(target_path(), str(draft_path()), PROMPTS[:1], mode="greedy", tokens_per_prompt=4)
    assert (trace.header.target, trace.header.draft) == ("target", "draft")
    np.testing.assert_array_equal(trace.accepted, greedy.accepted[:4])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "beam"}, "mode is 'beam'"),
        ({"mode": "sampled", "temperature": 0}, "temperature is 0; must be above 0"),
        ({"mode": "sampled", "temperature": float("nan")}, "temperature is nan"),
        ({"mode": "greedy", "steps": 0}, "steps is 0; must be 16 to 24"),
        ({"mode": "greedy", "steps": 25}, "steps is 25"),
        ({"mode": "greedy", "tokens_per_prompt": 0}, "tokens per prompt is 0"),
        ({"mode": "greedy", "seed": -1}, "seed is -1"),
        ({"mode": "greedy", "batch_size": 0}, "batch size is 0"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(AhasdError, match=message):
        RecordSettings(**options)


def test_prompts_that_do_not_fit_are_refused(target, draft):
    with pytest.raises(AhasdError, match=r"prompt 2 \(question 2\) needs a context of \d+: .*has 256"):
        record(target, draft, prompts("x", "word " * 100), mode="greedy")
    with pytest.raises(AhasdError, match="no prompts"):
        record(target, draft, [], mode="greedy")
    with pytest.raises(AhasdError, match=r"prompt 1 \(question 1\) has no tokens"):
        record(target, draft, prompts(""), mode="greedy")


def test_models_that_cannot_be_loaded_are_refused(tmp_path):
    with pytest.raises(AhasdError, match="no such folder"):
        load_language_model(tmp_path / "absent")
    with pytest.raises(AhasdError, match=r"config.json is missing"):
        load_language_model(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(AhasdError, match=r"no tokenizer .tokenizer_config.json is missing"):
        load_language_model(tmp_path)
    for file in target_path().iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[: 5000 if "model" in file.name else None])
    with pytest.raises(AhasdError, match=r"describes [\d,]+ parameters, and the files hold 5,000 bytes"):
        load_language_model(tmp_path)


def test_a_model_without_keys_and_values_is_refused(target, draft):
    config = MambaConfig(vocab_size=1024, hidden_size=16, num_hidden_layers=1, state_size=4)
    mamba = LanguageModel("mamba", MambaForCausalLM(config).eval(), target.tokenizer)
    with pytest.raises(AhasdError, match=r"\(mamba\) has layers with a running state"):
        record(mamba, draft, PROMPTS[:1], mode="greedy", tokens_per_prompt=2)
    with pytest.raises(AhasdError, match=r"\(mamba\) has layers with a running state"):
        record(target, mamba, PROMPTS[:1], mode="greedy", tokens_per_prompt=2)


def test_what_is_left_out_is_two_hundred_tokens_of_seed_0_at_temperature_1():
    settings = RecordSettings("sampled")
    assert (settings.tokens_per_prompt, settings.seed, settings.temperature, settings.steps) == (
        200,
        0,
        1.0,
        16,
    )
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(record).parameters.items()
        if name in {field.name for field in dataclasses.fields(RecordSettings)} - {"mode"}
    }
    assert defaults == {name: getattr(settings, name) for name in defaults}
    assert len(defaults) == len(dataclasses.fields(RecordSettings)) - 1
