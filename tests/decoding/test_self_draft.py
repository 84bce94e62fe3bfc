"""The target as a draft of itself: what rounding to few bits leaves of a matrix."""

from pathlib import Path

import pytest
import torch


@pytest.fixture(autouse=True)
def _scripts_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))


def test_every_group_has_as_many_values_as_its_bits_allow() -> None:
    from smollm2_draft.quantised import quantised

    weight = torch.randn(8, 128, generator=torch.Generator().manual_seed(0))
    for bits in (2, 3, 4):
        groups = quantised(weight, bits, group=32).reshape(-1, 32)
        assert max(len(group.unique()) for group in groups) <= 2**bits


def test_each_bit_more_leaves_a_smaller_error_and_none_a_larger_one_than_rounding_without_cuts() -> None:
    from smollm2_draft.quantised import quantised

    weight = torch.randn(8, 128, generator=torch.Generator().manual_seed(1))
    errors = [float(((quantised(weight, bits) - weight) ** 2).sum()) for bits in (2, 3, 4, 6)]
    assert errors == sorted(errors, reverse=True)
    groups = weight.reshape(-1, 64)
    step = (groups.amax(1) - groups.amin(1)) / (2**4 - 1)
    uncut = 64 * float((step**2 / 4).sum())
    assert errors[2] < uncut


def test_values_that_fit_are_kept() -> None:
    from smollm2_draft.quantised import quantised

    weight = torch.arange(16.0).repeat(2, 4)
    assert torch.allclose(quantised(weight, 4, group=64), weight, atol=1e-5)


def test_the_draft_is_the_target_but_for_its_layers(small_models) -> None:
    from smollm2_draft.quantised import self_draft

    target = small_models.random_model(hidden_size=64, intermediate_size=128, num_attention_heads=4)
    draft = self_draft(target, "itself")
    ours, theirs = draft.model.state_dict(), target.model.state_dict()
    changed = {name for name in theirs if not torch.equal(ours[name], theirs[name])}
    assert changed
    assert all("proj" in name for name in changed)
    assert draft.name == "itself"
    assert draft.tokenizer is target.tokenizer
