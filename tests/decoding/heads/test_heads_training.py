"""The scripts that train heads: states, the steps of the draft on its own, what is measured, and what is saved."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture(autouse=True)
def _scripts_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))


@pytest.fixture
def target(small_models):
    return small_models.random_model(num_key_value_heads=2, tie_word_embeddings=True)


@pytest.fixture
def read(target, tmp_path):
    from ahasd.decoding.models.llama_weights import llama_weights
    from smollm2_draft.writing import write
    from smollm2_heads.states import read_states

    prompts = [[1, 2, 3], [4, 5], [6, 1], [7, 8, 9, 10]] * 6
    written = write(
        llama_weights(target), prompts, [0.0, 1.0] * 12, new_tokens=14, rows=5, seed=0, name="test"
    )
    return read_states(target.model, written, tmp_path / "states.npy")


@pytest.fixture
def layer(target):
    from smollm2_heads.one_layer import OneLayer

    torch.manual_seed(0)
    made = OneLayer(target.model, torch.arange(0, 60, 2))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return made


def test_states_are_those_of_the_target_text_by_text(target, read, tmp_path):
    from smollm2_draft.training import spans
    from smollm2_heads.states import read_states

    for start, end, _ in spans(read.written):
        tokens = torch.tensor([read.written.tokens[start:end].astype(np.int64)])
        with torch.no_grad():
            expected = target.model.model(tokens, use_cache=False).last_hidden_state[0]
        np.testing.assert_allclose(read.states[start:end], expected, atol=2e-2)
    again = read_states(None, read.written, tmp_path / "states.npy")  # from the file: no model is asked
    assert (again.states == read.states).all()


def test_steps_in_training_are_those_of_the_draft_that_is_saved(target, read, layer, tmp_path):
    from ahasd.decoding.heads.one_layer_file import load_one_layer
    from ahasd.decoding.heads.one_layer_rollout import OneLayerRows, read_text
    from smollm2_heads.saving import save_one_layer_draft

    save_one_layer_draft(layer, target, tmp_path, [[0.5, 0.1]], {"steps": 1})
    draft = load_one_layer(tmp_path, target, "one")
    start, end = 0, int(read.written.lengths[0])
    tokens = read.written.tokens[start:end].astype(np.int64)
    states = torch.from_numpy(np.array(read.states[start:end], np.float32))
    with torch.inference_mode():
        made = layer.unrolled(torch.from_numpy(tokens)[None], states[None], 4)
        prefixes = [2, 6, 9]
        rows = OneLayerRows(draft, read_text(draft, target, tokens.tolist()), prefixes)
        for step in range(4):
            fed = torch.tensor([[int(tokens[prefix + step])] for prefix in prefixes])
            found = rows.forward(fed)[:, 0][:, draft.named]
            expected = torch.stack([made[step][0, prefix + step] for prefix in prefixes]) @ layer.head.T
            # The weights were put into bytes, the states into half precision.
            assert float((found - expected).abs().max()) < 0.05 * float(expected.abs().max())


def test_the_linear_start_is_the_least_squares_solution(read, layer):
    from smollm2_heads.batches import held_out_batches
    from smollm2_heads.linear_start import start_linearly

    start_linearly(layer, [read])
    pairs, wanted = [], []
    for batch in held_out_batches(read):
        known = batch.wanted[:, 1:]
        pairs.append(torch.cat([layer.embedding[batch.tokens[:, 1:][known]], batch.states[:, :-1][known]], 1))
        wanted.append(batch.states[:, 1:][known] / layer.norm)
    pairs, wanted = torch.cat(pairs).double(), torch.cat(wanted).double()
    gram = pairs.T @ pairs
    ridge = 0.01 * gram.diagonal().mean() * torch.eye(len(gram))
    expected = torch.linalg.solve(gram + ridge, pairs.T @ wanted).T
    found = torch.cat([layer.token_in, layer.state_in], 1).double()
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-3)


def test_training_lowers_the_loss(read, layer):
    from smollm2_heads.batches import batches
    from smollm2_heads.training import Schedule, loss_of, train

    batch = next(batches([read], 1))
    before = float(loss_of(layer, batch, 2)[0].detach())
    train("test", layer, batches([read], 0), Schedule(12, 2, 0.5, 0.02, 1e-3))
    assert float(loss_of(layer, batch, 2)[0].detach()) < before


def test_accuracy_along_the_own_path_counts_only_steps_behind_right_ones(read, layer):
    from smollm2_draft.training import spans
    from smollm2_heads.measuring import path_accuracy

    found = path_accuracy(layer, read, 2, 3)
    right, places = np.zeros((2, 3)), np.zeros((2, 1))
    for start, end, prompt in spans(read.written):
        tokens = torch.from_numpy(read.written.tokens[start:end].astype(np.int64))
        states = torch.from_numpy(np.array(read.states[start:end], np.float32))
        with torch.no_grad():
            made = layer.unrolled(tokens[None], states[None], 2)
        candidates = [layer.named[(each[0] @ layer.head.T).topk(3).indices] for each in made]
        for place in range(prompt - 1, len(tokens) - 1):
            truth = int(tokens[place + 1])
            right[0] += (candidates[0][place] == truth).numpy()
            places[0] += 1
            if place - 1 >= prompt - 1 and int(candidates[0][place - 1][0]) == int(tokens[place]):
                right[1] += (candidates[1][place] == truth).numpy()
                places[1] += 1
    np.testing.assert_allclose(found, right / np.maximum(1, places), atol=1e-6)


def test_medusa_heads_learn_what_comes_further_on(target, read, tmp_path):
    from ahasd.decoding.heads.medusa_file import load_medusa
    from smollm2_heads.batches import batches
    from smollm2_heads.medusa import MedusaHeads, loss_of_head, train_medusa, within
    from smollm2_heads.saving import save_medusa_heads

    heads = MedusaHeads(target.model, 2, torch.arange(61))
    batch = next(batches([read], 1))
    before = [float(loss_of_head(heads, batch, index)) for index in range(2)]
    train_medusa(heads, batches([read], 0), 60)
    after = [float(loss_of_head(heads, batch, index)) for index in range(2)]
    assert all(late < early for late, early in zip(after, before, strict=True))
    assert all(row == sorted(row) for row in within(heads, read, 5))
    save_medusa_heads(heads, target, tmp_path, [[0.1]] * 2, {})
    loaded = load_medusa(tmp_path, target, "heads")
    states = torch.randn(3, 32)
    with torch.no_grad():
        for index in range(2):
            expected = heads(states, index)
            found = loaded.logits(states, 2)[:, index]
            assert float((found - expected).abs().max()) < 0.05 * float(expected.abs().max())


def test_batches_are_a_function_of_the_seed(read):
    from smollm2_heads.batches import batches

    first, second = (list(islice(batches([read], 3), 4)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one.tokens, other.tokens)
        assert torch.equal(one.states, other.states)
