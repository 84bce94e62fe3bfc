"""How matrices lie in memory: chosen by time, their values kept."""

import pytest
import torch

from ahasd.decoding.models import matrix_layout
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.matrix_layout import lay_out, lay_out_layers


def matrices(count=3, shape=(640, 512), **kind):
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, **kind), requires_grad=False) for _ in range(count)]


def take(monkeypatch, rows_together, columns_together):
    """Have the layouts take so many seconds."""

    def seconds(sample, clock):
        return rows_together if sample[0].is_contiguous() else columns_together

    monkeypatch.setattr(matrix_layout, "_seconds", seconds)


@pytest.mark.parametrize(("columns_together", "changed"), [(0.5, True), (0.97, False), (2.0, False)])
def test_columns_lie_together_where_that_saves_a_twentieth_and_values_stay(
    monkeypatch, columns_together, changed
):
    take(monkeypatch, 1.0, columns_together)
    given = matrices()
    before = [matrix.clone() for matrix in given]
    assert lay_out(given) is changed
    for matrix, old in zip(given, before, strict=True):
        assert torch.equal(matrix, old)
        assert matrix.is_contiguous() is not changed
        assert matrix.t().is_contiguous() is changed


def test_it_times_real_products():
    ticks = iter(range(10_000))
    found = matrix_layout._seconds([matrix.detach() for matrix in matrices()], lambda: next(ticks))
    assert found == len(matrix_layout.ROWS), (
        "each timing spans one tick, and each number of rows has its shortest"
    )


@pytest.mark.parametrize("kind", [{"dtype": torch.bfloat16}, {"shape": (30, 20)}])
def test_half_precision_and_small_matrices_stay(monkeypatch, kind):
    take(monkeypatch, 1.0, 0.1)
    assert not lay_out(matrices(**kind))


def test_a_model_that_was_laid_out_gives_its_own_logits_in_workers_too(monkeypatch, small_models):
    from ahasd.decoding.asynchronous.workers.weight_arena import move_into_arena

    take(monkeypatch, 1.0, 0.1)
    model = small_models.random_model(hidden_size=512, intermediate_size=640, num_key_value_heads=2)
    with torch.no_grad():
        for parameter in model.model.parameters():
            parameter.mul_(0.1)  # as large as those of a trained model of this width
    text = list(range(12))
    expected = small_models.whole_logits(model, text)
    lay_out_layers(model.model)
    gate = model.model.model.layers[0].mlp.gate_proj.weight
    assert gate.t().is_contiguous()
    move_into_arena(model.model.parameters())
    assert gate.t().is_contiguous(), "the layout comes along"
    runner = build_runner(model)
    assert isinstance(runner, LeanRunner)
    for start, end in ((0, 5), (5, 6), (6, 8), (8, 12)):
        torch.testing.assert_close(runner.forward(text[start:end]), expected[start:end], rtol=0, atol=1e-3)
