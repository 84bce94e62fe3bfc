"""What a gate costs is told of the model that the runtime runs, and of nothing else."""

import math

import pytest
import torch

from ahasd.decoding.experts.gate_quality import gate_quality
from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import Gate, TopK
from ahasd.experts.gate.sensitivity import SensitivityGate

TEXT = [int(number) for number in torch.randint(1, 1024, (65,), generator=torch.Generator().manual_seed(0))]


class OnlyFirst(Gate):
    def used(self, layer, scores):
        return 1


def test_without_a_gate_nothing_moves(mixtures, mixtral):
    (found,) = gate_quality(mixtures.whole(mixtral), TEXT, [TopK()], 64)
    assert (found.fewer, found.experts, found.same_choice) == (0, 2, 1)
    assert found.divergence == pytest.approx(0, abs=1e-12)


def test_loss_is_that_of_the_runtime_with_the_same_gate(mixtures, mixtral):
    def gate(layers):
        return SensitivityGate([1.0] * layers, 0.1)

    (found,) = gate_quality(mixtures.whole(mixtral), TEXT, [gate(3)], 64)
    assert 0.1 < found.fewer < 0.9
    with OffloadedModel(mixtral, OffloadSettings(10**9), gate) as model, torch.inference_mode():
        logits = TransformersRunner(model.model).forward(TEXT[:-1])
        loss = torch.nn.functional.cross_entropy(logits.double(), torch.tensor(TEXT[1:]))
        left_out = model.residency.traffic.left_out
    assert found.loss == pytest.approx(float(loss), abs=1e-5)
    assert found.perplexity == pytest.approx(math.exp(found.loss))
    assert found.fewer == left_out / (64 * 3)
    assert found.experts == 2 - found.fewer


def test_divergence_is_that_of_the_two_distributions(mixtures, tmp_path):
    one = mixtures.whole(mixtures.save_mixture(tmp_path / "one", num_experts_per_tok=1))
    two = mixtures.whole(mixtures.save_mixture(tmp_path / "two"))
    (found,) = gate_quality(two, TEXT, [OnlyFirst()], 64)
    ids = torch.tensor([TEXT[:-1]])
    with torch.inference_mode():
        p, q = (
            torch.distributions.Categorical(logits=model.model(ids).logits[0].double())
            for model in (two, one)
        )
    expected = torch.distributions.kl_divergence(p, q).mean()
    assert found.divergence == pytest.approx(float(expected), rel=1e-4)
    assert found.fewer == 1


def test_routers_are_left_as_they_were(mixtures, mixtral):
    model = mixtures.whole(mixtral)
    ids = torch.tensor([TEXT[:-1]])
    with torch.inference_mode():
        before = model.model(ids).logits
        gate_quality(model, TEXT, [OnlyFirst()], 64)
        assert torch.equal(model.model(ids).logits, before)


def test_windows_know_nothing_of_each_other(mixtures, mixtral):
    model, size, seen = mixtures.whole(mixtral), 127, []  # of a context of 128
    text = (TEXT * 4)[: 2 * size + 1]
    (both,) = gate_quality(model, text, [TopK()], 10**6, lambda done, total: seen.append((done, total)))
    first, second = (gate_quality(model, part, [TopK()], size)[0] for part in (text[: size + 1], text[size:]))
    assert seen == [(1, 2), (2, 2)]
    assert both.loss == pytest.approx((first.loss + second.loss) / 2)


def test_a_text_without_two_tokens_is_refused(mixtures, mixtral):
    with pytest.raises(AhasdError, match="the text has 1 tokens; give at least 2"):
        gate_quality(mixtures.whole(mixtral), TEXT[:1], [TopK()], 1)
