"""Sampled texts are distributed as the target's; with shared noise they are the same text."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.sampling_rule import SamplingRule
from ahasd.decoding.rules.warping import Warping
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.speculation.drafting.specification import algorithm_names, parse_algorithm

RUNS = 2000
SIZE = 5
ENOUGH = 1e-3
"""A right sampler falls below this once in a thousand seeds; the seeds here are fixed."""


@pytest.fixture(scope="module")
def tables(small_models):
    """A target and a draft that is often, but by far not always, of its opinion."""
    generator = torch.Generator().manual_seed(5)
    target = torch.randn(SIZE, SIZE, generator=generator)
    draft = target + torch.randn(SIZE, SIZE, generator=generator)
    return small_models.TableRunner(target), small_models.TableRunner(draft)


def chi_square(counts, probabilities):
    """P-value of counts against probabilities; cells expected below 5 are joined."""
    expected = probabilities * counts.sum()
    rare = expected < 5
    assert (counts[expected == 0] == 0).all()
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    counts, expected = counts[expected > 0], expected[expected > 0]
    statistic = ((counts - expected) ** 2 / expected).sum()
    tail = torch.special.gammaincc(torch.tensor((len(counts) - 1) / 2.0), torch.tensor(statistic / 2))
    return float(tail)


def reference_warping(table, temperature=1.0, top_k=None, top_p=None):
    """Probabilities by the warpers of transformers."""
    logits = TemperatureLogitsWarper(temperature)(None, table.double())
    if top_k is not None:
        logits = TopKLogitsWarper(top_k)(None, logits)
    if top_p is not None:
        logits = TopPLogitsWarper(top_p)(None, logits)
    return logits.softmax(dim=-1).numpy()


def p_values(decoder, table, runs=RUNS, **fields):
    """P-values of the second token and of the next two; the first comes with the prompt, without a draft."""
    pairs = np.zeros((SIZE, SIZE), dtype=int)
    for seed in range(runs):
        request = GenerationRequest(max_new_tokens=4, do_sample=True, seed=seed, eos_token_id=(), **fields)
        stream = decoder.tokens([2], request)
        next(stream)
        pairs[next(stream), next(stream)] += 1
        stream.close()
    fields.pop("sampling", None)
    p = reference_warping(table, **fields)
    expected = (p[2] @ p)[:, None] * p
    return chi_square(pairs.sum(axis=1), expected.sum(axis=1)), chi_square(pairs.ravel(), expected.ravel())


# The entropies of the tables lie around 1.2: each of these stops now early, now late.
@pytest.mark.parametrize(
    ("algorithm", "sampling"),
    [
        ("fixed:1", "independent"),
        ("fixed:4", "independent"),
        pytest.param("svip:h=0.42", "independent", marks=pytest.mark.slow),
        pytest.param("adaedl:gamma=0.1,step=0.1", "independent", marks=pytest.mark.slow),
        # One is enough: coupled texts are equal token for token, see below.
        ("fixed:4", "coupled"),
    ],
)
def test_second_and_third_tokens_are_distributed_as_the_targets(tables, algorithm, sampling):
    decoder = AlternatingDecoder(*tables, parse_algorithm(algorithm))
    assert min(p_values(decoder, tables[0].table, sampling=sampling)) > ENOUGH


@pytest.mark.parametrize(
    "warping",
    [{"temperature": 0.6, "top_k": 3}, {"temperature": 1.5, "top_k": 4, "top_p": 0.7}],
)
def test_so_they_are_under_temperature_top_k_and_top_p(tables, warping):
    decoder = AlternatingDecoder(*tables, parse_algorithm("fixed:3"))
    assert min(p_values(decoder, tables[0].table, **warping)) > ENOUGH


def test_the_target_alone_is_distributed_so_too(tables):
    assert min(p_values(AutoregressiveDecoder(tables[0]), tables[0].table)) > ENOUGH


def test_resampling_from_the_target_in_place_of_the_residual_is_caught(tables, monkeypatch):
    monkeypatch.setattr(SamplingRule, "_residual", lambda self, p, q: p)
    decoder = AlternatingDecoder(*tables, parse_algorithm("fixed:4"))
    assert max(p_values(decoder, tables[0].table)) < 1e-4


def test_accepting_where_the_targets_own_draw_agrees_is_caught(tables, monkeypatch):
    """The rule that asynchronous decoding must not use: draw a bonus token and compare."""

    def compare(self, proposals, logits, text, own=True):
        verdict = judge(self, [], logits[:1], text)
        same = bool(proposals) and verdict.own_token == proposals[0].token
        # Right so far; what follows is not: the drafted token is dropped for its value.
        return verdict if same or not proposals else judge(self, [], logits[:1], text)

    judge = SamplingRule.judge
    monkeypatch.setattr(SamplingRule, "judge", compare)
    decoder = AlternatingDecoder(*tables, parse_algorithm("fixed:1"))
    one, both = p_values(decoder, tables[0].table)
    assert one < ENOUGH
    assert both < 1e-4


def test_one_more_token_judged_by_logits_at_hand_keeps_the_distribution(tables):
    """As asynchronous decoding does it: after full acceptance the next proposal comes later."""
    target, draft = (runner.table for runner in tables)
    pairs = np.zeros((SIZE, SIZE), dtype=int)
    for seed in range(RUNS):
        request = GenerationRequest(do_sample=True, seed=seed)
        drafting, judging = (build_rule(request, SIZE, side) for side in ("draft", "target"))
        first = drafting.propose(draft[2], [2])
        second = drafting.propose(draft[first.token], [2, first.token])
        verdict = judging.judge([first], target[[2, first.token]], [2], own=False)
        if verdict.accepted:
            assert verdict.own_token is None
            a = first.token
            verdict = judging.judge_next(second, target[a], [2, a])
            b = second.token if verdict.accepted else verdict.own_token
        else:
            a = verdict.own_token
            b = judging.own(target[a], [2, a]).own_token
        pairs[a, b] += 1
    p = reference_warping(target)
    expected = p[2][:, None] * p
    assert chi_square(pairs.sum(axis=1), expected.sum(axis=1)) > ENOUGH
    assert chi_square(pairs.ravel(), expected.ravel()) > ENOUGH


@pytest.mark.slow
def test_random_models_keep_the_distribution(small_models):
    target = small_models.random_model("target", seed=1, vocabulary=SIZE)
    draft = small_models.random_model("draft", seed=2, vocabulary=SIZE, num_hidden_layers=1)
    decoder = AlternatingDecoder(build_runner(target), build_runner(draft), parse_algorithm("fixed:4"))
    pairs = np.zeros((SIZE, SIZE), dtype=int)
    for seed in range(RUNS):
        request = GenerationRequest(max_new_tokens=4, do_sample=True, seed=seed, temperature=3.0)
        stream = decoder.tokens([2], request)
        next(stream)
        pairs[next(stream), next(stream)] += 1
        stream.close()

    def behind(*text):
        return torch.softmax(small_models.whole_logits(target, [2, *text])[-1].double() / 3.0, dim=-1)

    expected = sum(
        behind()[a] * behind(a)[:, None] * torch.stack([behind(a, b) for b in range(SIZE)])
        for a in range(SIZE)
    ).numpy()
    assert chi_square(pairs.sum(axis=1), expected.sum(axis=1)) > ENOUGH
    assert chi_square(pairs.ravel(), expected.ravel()) > ENOUGH


def test_warping_is_that_of_transformers():
    logits = torch.randn(6, 30, generator=torch.Generator().manual_seed(1))
    logits[0, :10] = 1.0  # ties
    for temperature, top_k, top_p in product((0.5, 1.0, 2.0), (None, 1, 4, 30, 99), (None, 0.05, 0.7, 1.0)):
        expected = reference_warping(logits, temperature, top_k, top_p)
        found = Warping(temperature, top_k, top_p).apply(logits.double()).softmax(dim=-1).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.fixture(scope="module")
def runners(target, draft):
    return build_runner(target), build_runner(draft)


@pytest.mark.parametrize("fields", [{}, {"temperature": 0.7, "top_p": 0.9}], ids=["plain", "warped"])
def test_coupled_texts_are_the_same_for_every_method(runners, draft, fields):
    alone = AutoregressiveDecoder(runners[0])
    texts = set()
    for seed in (0, 1):
        request = GenerationRequest(
            max_new_tokens=40, do_sample=True, seed=seed, sampling="coupled", eos_token_id=(), **fields
        )
        expected = list(alone.tokens([5, 9, 70], request))
        texts.add(tuple(expected))
        assert alone.metrics.smallest_top2_gap > 0
        for name in algorithm_names():
            spec = parse_algorithm("fixed:5" if name == "fixed" else name)
            decoder = AlternatingDecoder(*runners, spec, draft.acceptance_head)
            assert list(decoder.tokens([5, 9, 70], request)) == expected
            assert decoder.metrics.accepted > 0 or name == "goodput"  # which drafts as the clock says
    assert len(texts) == 2


def test_a_seed_gives_the_same_text_again_and_prompts_of_a_queue_draw_apart(runners):
    decoder = AlternatingDecoder(*runners, parse_algorithm("fixed:4"))

    def text(**fields):
        return tuple(
            decoder.tokens([5, 9, 70], GenerationRequest(max_new_tokens=20, do_sample=True, **fields))
        )

    assert text(seed=3) == text(seed=3)
    assert len({text(seed=3), text(seed=4), text(seed=3, prompt_index=1)}) == 3


def test_a_draft_equal_to_the_target_is_always_accepted_in_sampling(small_models, tables):
    for sampling in ("independent", "coupled"):
        decoder = AlternatingDecoder(
            tables[0], small_models.TableRunner(tables[0].table), parse_algorithm("fixed:4")
        )
        request = GenerationRequest(max_new_tokens=50, do_sample=True, eos_token_id=(), sampling=sampling)
        assert len(list(decoder.tokens([1], request))) == 50
        assert decoder.metrics.rejected == 0


def test_a_proposal_outside_the_targets_top_k_is_rejected_and_replaced_within(tables):
    target, draft = tables
    request = GenerationRequest(max_new_tokens=60, do_sample=True, top_k=2, eos_token_id=())
    decoder = AlternatingDecoder(target, draft, parse_algorithm("fixed:4"))
    kept = target.table.topk(2, dim=-1).indices
    text = [1, *decoder.tokens([1], request)]
    assert all(b in kept[a] for a, b in pairwise(text))
