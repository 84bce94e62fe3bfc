"""Rows of a batch are distributed as the target's own texts, whatever drafts and whatever stands beside them."""

import numpy as np
import pytest
import torch

from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.sampling_rule import SamplingRule

ROWS, BATCHES, SIZE = 16, 150, 5
ENOUGH = 1e-3
"""A right sampler falls below this once in a thousand seeds; the seeds here are fixed."""


@pytest.fixture(scope="module")
def logits():
    """A target and a draft that is often, but by far not always, of its opinion."""
    generator = torch.Generator().manual_seed(5)
    target = torch.randn(SIZE, SIZE, generator=generator)
    return target, target + torch.randn(SIZE, SIZE, generator=generator)


def chi_square(counts, probabilities):
    """P-value of counts against probabilities; cells expected below 5 are joined."""
    expected = probabilities * counts.sum()
    rare = expected < 5
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    counts, expected = counts[expected > 0], expected[expected > 0]
    statistic = ((counts - expected) ** 2 / expected).sum()
    return float(torch.special.gammaincc(torch.tensor((len(counts) - 1) / 2.0), torch.tensor(statistic / 2)))


def p_values(decoder, table, always_draft=True, **fields):
    """P-values of the second and third token, of rows in the middle of a batch; prompts and lengths are unequal."""
    pairs = np.zeros((SIZE, SIZE), dtype=int)
    for seed in range(BATCHES):
        prompts = [[row % SIZE] * (row % 3) + [2] for row in range(ROWS)]
        requests = [
            GenerationRequest(
                max_new_tokens=3 + row % 4,
                do_sample=True,
                seed=seed,
                prompt_index=row,
                eos_token_id=(),
                prompt_length=len(prompt),
                **fields,
            )
            for row, prompt in enumerate(prompts)
        ]
        for text in decoder.decode(prompts, requests, always_draft):
            pairs[text.tokens[1], text.tokens[2]] += 1
    p = (table.double() / fields.get("temperature", 1.0)).softmax(dim=-1).numpy()
    expected = (p[2] @ p)[:, None] * p
    return chi_square(pairs.sum(axis=1), expected.sum(axis=1)), chi_square(pairs.ravel(), expected.ravel())


@pytest.mark.parametrize("algorithm", ["fixed:1", "fixed:4", "svip:h=0.42", "adaedl:gamma=0.1,step=0.1"])
def test_drafted_rows_are_distributed_as_the_targets(tables, logits, algorithm):
    decoder = tables.table_decoder(*logits, algorithm)
    assert min(p_values(decoder, logits[0])) > ENOUGH


@pytest.mark.parametrize("fields", [{"temperature": 0.6}, {"sampling": "coupled"}], ids=str)
def test_so_they_are_at_other_temperatures_and_with_coupled_noise(tables, logits, fields):
    assert min(p_values(tables.table_decoder(*logits), logits[0], **fields)) > ENOUGH


def test_so_they_are_where_the_clock_stops_drafting(tables, logits):
    assert min(p_values(tables.table_decoder(*logits), logits[0], always_draft=False)) > ENOUGH


def test_the_target_alone_is_distributed_so_too(tables, logits):
    assert min(p_values(tables.table_decoder(logits[0]), logits[0])) > ENOUGH


def test_resampling_from_the_target_in_place_of_the_residual_is_caught(tables, logits, monkeypatch):
    monkeypatch.setattr(SamplingRule, "_residual", lambda self, p, q: p)
    assert max(p_values(tables.table_decoder(*logits), logits[0])) < 1e-4


def test_rows_that_draw_the_same_numbers_are_caught(tables, logits):
    """What every row's place in the seed is for: twins would make 16 rows count as one."""
    decoder = tables.table_decoder(*logits)
    request = GenerationRequest(max_new_tokens=6, do_sample=True, seed=3, eos_token_id=(), prompt_length=1)
    twins = decoder.decode([[2]] * 8, [request] * 8, True)
    assert len({text.tokens for text in twins}) == 1
    apart = [
        GenerationRequest(
            max_new_tokens=6, do_sample=True, seed=3, prompt_index=row, eos_token_id=(), prompt_length=1
        )
        for row in range(8)
    ]
    assert len({text.tokens for text in decoder.decode([[2]] * 8, apart, True)}) > 4


def test_rows_without_room_in_the_drafts_context_go_on_without_drafts(tables, logits):
    alone = tables.table_decoder(logits[0])
    decoder = tables.table_decoder(*logits, context_limit=12)
    prompts = [[3] * 20, [3, 1], [1] * 10]
    requests = [
        GenerationRequest(max_new_tokens=30, eos_token_id=(), prompt_length=len(prompt)) for prompt in prompts
    ]
    found = decoder.decode(prompts, requests, True)
    assert [text.tokens for text in found] == [text.tokens for text in alone.decode(prompts, requests, True)]
    assert found[0].metrics.drafted == 0
    assert found[1].metrics.drafted > 0
