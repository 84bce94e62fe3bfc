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
    ("rows", "shape", "tried"),
    [
        (1, (600, 512), True),
        (2, (600, 512), True),
        (4, (600, 512), True),
        (5, (600, 512), False),
        (3, (30, 20), False),
    ],
)
def test_only_few_rows_and_large_matrices_are_tried_by_both_ways(monkeypatch, rows, shape, tried):
    monkeypatch.setattr(few_rows, "_WAYS", {})
    few_rows.linear(torch.ones(rows, shape[1]), torch.ones(shape))
    assert list(few_rows._WAYS) == ([(rows, *shape)] if tried else [])
    columns_together = torch.ones(shape[::-1]).t()
    monkeypatch.setattr(few_rows, "_WAYS", {})
    few_rows.linear(torch.ones(rows, shape[1]), columns_together)
    assert not few_rows._WAYS


@pytest.mark.parametrize(
    ("plain", "turned", "tried"),
    [
        (1.0, 2.0, few_rows.FEW_TRIED),
        (2.0, 1.0, few_rows.FEW_TRIED),
        (1.0, 1.05, few_rows.TRIED),
        (1.05, 1.0, few_rows.TRIED),
    ],
)
def test_both_ways_are_timed_by_turns_and_the_faster_is_kept(plain, turned, tried):
    now, taken = [0.0], []

    def way(name, seconds):
        def product():
            taken.append(name)
            # Now and then another program holds a product up.
            now[0] += seconds + (50.0 if len(taken) % 5 == 1 else 0.0)
            return name

        return product

    ways = few_rows.TriedWays(clock=lambda: now[0])
    given = way("plain", plain), way("turned", turned)
    for _ in range(2 * tried):
        assert ways.turned is None
        assert ways.run(*given) == taken[-1]
    assert taken == ["plain", "turned"] * tried
    assert ways.run(*given) == ("plain" if plain < turned else "turned")


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
