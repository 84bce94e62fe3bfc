"""The scripts that train the draft for SmolLM2-135M: prompts, writing, distillation, saving."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.llama_weights import llama_weights

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(autouse=True)
def _scripts_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))


@pytest.fixture
def model(small_models):
    return small_models.random_model(
        vocabulary=61, num_key_value_heads=2, tie_word_embeddings=True, eos_token_id=60
    )


@pytest.fixture
def written(model):
    from smollm2_draft.writing import write

    prompts = [[1, 2, 3], [4, 5], [6], [7, 8, 9, 10]] * 6
    return write(llama_weights(model), prompts, [0.0, 1.0] * 12, new_tokens=12, rows=5, seed=0, name="test")


def test_no_topic_or_prompt_that_is_measured_on_is_trained_on():
    from smollm2_draft import prompts, topics

    assert not set(topics.TRAINED) & set(topics.HELD_OUT)
    assert not topics.TRAINED_FUNCTIONS.keys() & topics.HELD_OUT_FUNCTIONS.keys()
    assert not set(topics.TRAINED_OPENINGS) & set(topics.HELD_OUT_OPENINGS)
    trained = {prompt.text for prompt in prompts.training_prompts(0) if prompt.task != "maths"}
    measured = {
        prompt.text
        for task in prompts.TASKS
        if task != "maths"
        for prompt in prompts.measured_prompts(task, 0)
    }
    assert len(trained) > 800
    assert not trained & measured


def test_prompts_are_a_function_of_the_seed():
    from smollm2_draft.prompts import measured_prompts, training_prompts

    assert training_prompts(3) == training_prompts(3) != training_prompts(4)
    chat = measured_prompts("chat", 0)
    assert len(set(chat)) == len(chat) > 300


def test_the_batch_writes_what_the_model_alone_would(model, written, small_models):
    # Greedy texts are those of the model; all distributions are its own, whatever row they were written in.
    from smollm2_draft.training import spans

    assert written.lengths.sum() == len(written.tokens) == len(written.kept_tokens)
    for number, (start, end, prompt) in enumerate(spans(written)):
        tokens = written.tokens[start:end].tolist()
        p = small_models.whole_logits(model, tokens).softmax(-1).numpy()
        for place in range(prompt - 1, len(tokens) - 1):
            row = start + place
            assert p[place].argmax() == written.kept_tokens[row, 0]
            np.testing.assert_allclose(
                written.kept_probabilities[row],
                p[place][written.kept_tokens[row].astype(int)],
                atol=2e-3,
            )
        assert not written.kept_probabilities[start : start + prompt - 1].any(), number
        assert 60 not in tokens[prompt:-1]
    greedy = [written.tokens[end - 1] == written.kept_tokens[end - 2, 0] for _, end, _ in spans(written)]
    assert sum(greedy) >= 12


def test_batches_hold_every_text_once_a_pass(written):
    from smollm2_draft import training

    stream = training.batches([written], seed=0)
    wanted = sum(
        int(length) - int(prompt)
        for length, prompt in zip(written.lengths, written.prompt_lengths, strict=True)
    )
    count = 0
    while count < wanted:
        batch = next(stream)
        count += len(batch.following)
        assert batch.wanted.sum() == len(batch.following) == len(batch.kept_tokens)
        following = batch.tokens.roll(-1, dims=1)[batch.wanted]
        assert torch.equal(following, batch.following)
    assert count == wanted


@pytest.mark.parametrize("narrow", [True, False])
def test_a_student_learns_and_is_read_back_as_it_was(
    model, written, narrow, tmp_path, monkeypatch, small_models
):
    pytest.importorskip("gguf")
    from smollm2_draft import saving
    from smollm2_draft.student import Shape, Student
    from smollm2_draft.training import acceptance, batches, frequent_tokens, train

    from .written_gguf import TOKENS, write_gguf

    big = small_models.random_model(
        vocabulary=len(TOKENS), intermediate_size=64, num_key_value_heads=2, tie_word_embeddings=True
    )
    shape = (
        Shape(count=1, width=16, inner_width=24, heads=2, tokens=40)
        if narrow
        else Shape(layers=(0,), width=32, inner_width=64, heads=4, tokens=40)
    )
    torch.manual_seed(0)
    student = Student(big.model, shape, frequent_tokens([written], 40, [1, 2]))
    before = acceptance(student, written)
    train("test", student, batches([written], 0), 60, matrix_rate=0.02 if narrow else 3e-3, muon=narrow)
    after = acceptance(student, written)
    assert after[1] > before[1] + 0.02
    target = write_gguf(tmp_path / "target.gguf", big.model)
    saving.save(student, str(target), 3, tmp_path / "draft")
    read = load_language_model(tmp_path / "draft")
    tokens = torch.tensor([[1, 5, 9, 33]])
    with torch.no_grad():
        expected = student(tokens, torch.ones_like(tokens, dtype=torch.bool))
    found = small_models.whole_logits(read, tokens[0].tolist())[:, student.named]
    assert torch.allclose(found, expected, atol=0.02 * float(expected.abs().max()))  # half precision


def test_tokens_that_hold_most_probability_are_named_first(written):
    from smollm2_draft.training import frequent_tokens

    mass = np.zeros(61)
    np.add.at(mass, written.kept_tokens.ravel(), written.kept_probabilities.ravel().astype(float))
    named = frequent_tokens([written], 10, always=[59]).tolist()
    assert 59 in named
    assert named == sorted(named)
    others = [token for token in range(61) if token not in named]
    assert min(mass[token] for token in named if token != 59) >= max(mass[token] for token in others)


def test_prompt_lookup_proposes_what_followed_the_longest_repeated_suffix():
    from smollm2_draft.untrained import prompt_lookup
    from smollm2_draft.writing import KEPT, Written

    tokens = np.array([1, 2, 3, 9, 2, 3, 7], np.uint16)  # prompt 1 2 3 9, then 2 3 7
    kept = np.zeros((7, KEPT), np.uint16)
    probabilities = np.zeros((7, KEPT), np.float16)
    for place, following in ((3, 2), (4, 3), (5, 9)):  # the target would rather write 9 at the end
        kept[place, 0], probabilities[place, 0] = following, 0.75
    part = Written(tokens, np.array([7], np.int32), np.array([4], np.int32), kept, probabilities)
    agreement = prompt_lookup(part)
    # Behind 9 nothing is known; behind 2 stands 3, which is right; behind 2 3 stands 9, which is right.
    assert agreement.proposed == pytest.approx(2 / 3)
    assert agreement.greedy == pytest.approx(2 / 3)
    assert agreement.sampled == pytest.approx(2 * 0.75 / 3)
