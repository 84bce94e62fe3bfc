"""Products of a few rows with a large matrix."""

import pytest
import torch

from ahasd.decoding.models import few_rows
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.lean_runner import LeanRunner


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 9])
@pytest.mark.parametrize("shape", [(30, 20), (600, 512)])
@pytest.mark.parametrize("biased", [True, False])
def test_products_are_those_of_torch(rows, shape, biased):
    torch.manual_seed(0)
    weight, x, bias = torch.randn(shape), torch.randn(rows, shape[1]), torch.randn(shape[0])
    found = few_rows.linear(x, weight, bias if biased else None)
    expected = x.double() @ weight.double().t() + (bias if biased else 0)
    assert found.is_contiguous()
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-4)
    to = torch.randn(rows, shape[0])
    torch.testing.assert_close(
        few_rows.add_product(to, x, weight.t()).double(),
        to + x.double() @ weight.double().t(),
        rtol=0,
        atol=2e-4,
    )


@pytest.mark.parametrize(
    ("rows", "shape", "turned"),
    [
        (1, (600, 512), True),
        (2, (600, 512), True),
        (4, (600, 512), True),
        (5, (600, 512), False),
        (3, (30, 20), False),
    ],
)
def test_only_few_rows_and_large_matrices_are_turned(monkeypatch, rows, shape, turned):
    calls = []
    monkeypatch.setattr(few_rows, "_linear", lambda *given: calls.append(given))
    few_rows.linear(torch.ones(rows, shape[1]), torch.ones(shape))
    assert bool(calls) != turned


def test_half_precision_is_left_to_torch():
    x, weight = torch.ones(3, 512, dtype=torch.bfloat16), torch.ones(600, 512, dtype=torch.bfloat16)
    assert torch.equal(few_rows.linear(x, weight), torch.nn.functional.linear(x, weight))


def test_a_large_model_gives_the_same_logits_for_any_number_of_tokens(small_models):
    model = small_models.random_model(hidden_size=512, intermediate_size=640, num_key_value_heads=2)
    with torch.no_grad():
        for parameter in model.model.parameters():
            parameter.mul_(0.1)  # as large as those of a trained model of this width
    runner = build_runner(model)
    assert isinstance(runner, LeanRunner)
    text = list(range(20))
    expected = small_models.whole_logits(model, text)
    runner.forward(text[:6])
    for start, end in ((6, 7), (7, 9), (9, 12), (12, 16), (16, 20)):
        torch.testing.assert_close(runner.forward(text[start:end]), expected[start:end], rtol=0, atol=1e-3)
