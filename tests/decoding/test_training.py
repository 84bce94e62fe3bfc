"""The training script: its parts, and a run of a few steps from end to end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ahasd.decoding.models.language_model import load_language_model

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(autouse=True)
def _scripts_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))


def test_growing_a_model_keeps_its_function():
    from tiny_pair.models import grow, new_model

    torch.manual_seed(0)
    stem = new_model(layers=1)
    target = grow(stem)
    tokens = torch.randint(0, 1024, (2, 40))
    with torch.no_grad():
        torch.testing.assert_close(target(tokens).logits, stem(tokens).logits)
    assert stem.num_parameters() == pytest.approx(0.33e6, rel=0.02)
    assert target.num_parameters() == pytest.approx(0.92e6, rel=0.02)


def test_muon_steps_are_orthogonal_and_as_long_as_the_learning_rate():
    from tiny_pair.muon import Muon

    torch.manual_seed(0)
    matrices = [torch.nn.Parameter(torch.randn(shape)) for shape in ((128, 128), (128, 344), (344, 128))]
    before = [matrix.detach().clone() for matrix in matrices]
    for matrix in matrices:
        matrix.grad = torch.randn_like(matrix)
    Muon(matrices, lr=0.1, weight_decay=0.0).step()
    for matrix, old in zip(matrices, before, strict=True):
        singular = torch.linalg.svdvals(old - matrix.detach())
        scale = 0.1 * max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
        # The five iterations bring singular values to about 0.7 … 1.2, not exactly to 1 (Jordan et al.);
        # the smallest ones of a square random matrix lag behind.
        assert singular.max() < 1.3 * scale
        assert singular.median() > 0.65 * scale


def test_muon_agrees_with_the_one_of_torch():
    from tiny_pair.muon import Muon

    torch.manual_seed(0)
    ours = torch.nn.Parameter(torch.randn(96, 64))
    theirs = torch.nn.Parameter(ours.detach().clone())
    mine = Muon([ours], lr=0.02, momentum=0.95, weight_decay=0.01)
    other = torch.optim.Muon([theirs], lr=0.02, momentum=0.95, weight_decay=0.01)
    for _ in range(3):
        ours.grad = torch.randn_like(ours)
        theirs.grad = ours.grad.clone()
        mine.step()
        other.step()
    # torch's works in bfloat16 (8 bits): steps of 0.025 · 1/8 or so differ in their third digit.
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


def test_the_learning_rate_warms_up_stays_and_decays_once():
    from tiny_pair.training import rate_at

    rates = [rate_at(step, 200, decay=True) for step in range(200)]
    assert rates[:6] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert set(rates[6:101]) == {1.0}
    assert rates[150] == pytest.approx(0.5)
    assert rates[199] == pytest.approx(0.01)
    assert rate_at(199, 200, decay=False) == 1.0


def test_the_loss_of_a_head_weighs_rejections_and_takes_soft_labels():
    from tiny_pair.acceptance_head import weighted_loss

    logits = torch.tensor([[0.3, 1.1], [-0.4, 0.2]])
    reject, accept = logits.softmax(-1)[:, 0], logits.softmax(-1)[:, 1]
    # Label 1 and label 1/4: weights 1 for the first; 6·3/4 and 1/4 for the second.
    expected = -(accept[0].log() + 4.5 * reject[1].log() + 0.25 * accept[1].log()) / (1 + 4.5 + 0.25)
    torch.testing.assert_close(weighted_loss(logits, torch.tensor([1.0, 0.25])), expected)


def test_a_head_is_trained_on_proposals_and_their_acceptance(target, draft):
    from tiny_pair.acceptance_head import PROMPT, propose, train_head

    text = torch.randint(0, 1024, (4, 80), generator=torch.Generator().manual_seed(0))
    proposals = propose(target.model, draft.model, text, torch.Generator().manual_seed(1))
    with torch.no_grad():
        p = target.model(text[2:3]).logits[0, PROMPT + 8].softmax(-1)
        q = draft.model(text[2:3]).logits[0, PROMPT + 8].softmax(-1)
    token = proposals.tokens[2, 9]  # proposed after the text up to and with token PROMPT + 8
    torch.testing.assert_close(proposals.probability[2, 9], q[token], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(proposals.acceptance[2, 9], (p / q)[token].clamp_max(1), atol=1e-4, rtol=1e-3)
    before = [parameter.clone() for parameter in draft.model.parameters()]
    head = train_head("test", target.model, draft.model, text, seed=0)
    again = train_head("test", target.model, draft.model, text, seed=0)
    for one, other in zip(head.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, other)
    assert all(torch.equal(a, b) for a, b in zip(before, draft.model.parameters(), strict=True))


@pytest.mark.slow
def test_a_few_steps_of_training_make_a_pair(tmp_path):
    subprocess.run(
        [sys.executable, SCRIPTS / "train_tiny_pair.py", "--output", tmp_path, "--steps-scale", "0.004"],
        check=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPTS.parent / "src")},
    )
    assert (tmp_path / "training.json").is_file()
    for name, layers in {"target": 4, "draft": 1, "draft-plain": 1}.items():
        model = load_language_model(tmp_path / name)
        assert model.vocabulary_size == 1024
        assert model.model.config.num_hidden_layers == layers
        assert all(torch.isfinite(parameter).all() for parameter in model.model.parameters())
        assert (model.acceptance_head is None) == (name == "target")
