"""Drafts copied from the text: never a wrong text, and fewer passes where it repeats itself."""

import pytest
import torch

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.speculative.ngram_decoder import NgramDecoder
from ahasd.decoding.speculative.ngram_drafter import NgramDrafter, place_behind
from ahasd.speculation.drafting.specification import parse_algorithm


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ([1, 2, 3], None),
        ([7], None),
        ([1, 2, 3, 1], 1),
        ([1, 5, 1, 6, 1], 3),  # the latest
        ([8, 1, 5, 9, 1, 6, 8, 1], 2),  # two tokens go before the latest one
        ([4, 4], 1),
        ([1, 2, 3, 9, 5, 2, 3, 8, 1, 2, 3], 3),  # three before two
    ],
)
def test_the_longest_end_that_stood_before_is_found_at_its_latest_place(text, place):
    assert place_behind(text) == place


def test_it_copies_on_and_looks_again_after_a_roll_back():
    drafter = NgramDrafter(build_rule(GenerationRequest(), 9, "draft"))
    text = [1, 2, 3, 4, 1, 2]
    for expected in (3, 4, 1, 2, 3):
        assert drafter.can_propose(text)
        text.append(drafter.propose(text)[0].token)
        assert text[-1] == expected
    drafter.roll_back(6)
    assert not drafter.can_propose([1, 2, 3, 4, 1, 2, 8])
    assert drafter.can_propose([1, 2, 3, 4, 1, 2, 8, 3])


@pytest.mark.parametrize("fields", [{}, {"do_sample": True, "sampling": "coupled", "seed": 3}])
def test_texts_are_the_targets_own(target, fields):
    request = GenerationRequest(max_new_tokens=80, eos_token_id=(), **fields)
    decoder = NgramDecoder(build_runner(target), parse_algorithm("fixed:10"))
    alone, accepted = AutoregressiveDecoder(build_runner(target)), 0
    for text in ("def read(path):\n", "x = 1\ny = 2\n" * 6, "import os\n"):
        prompt = target.tokenizer(text)["input_ids"]
        assert list(decoder.tokens(prompt, request)) == list(alone.tokens(prompt, request))
        accepted += decoder.metrics.accepted
        assert decoder.metrics.verifications < 80
        assert decoder.metrics.in_flight == 0
    assert accepted > (10 if fields else 60)


def test_a_text_that_goes_round_takes_few_passes(small_models):
    circle = small_models.TableRunner(torch.eye(5).roll(1, dims=1) * 9)
    decoder = NgramDecoder(circle, parse_algorithm("fixed:10"))
    request = GenerationRequest(max_new_tokens=60, eos_token_id=())
    assert list(decoder.tokens([0], request)) == [(1 + place) % 5 for place in range(60)]
    assert decoder.metrics.verifications <= 6 + 60 // 11
    assert decoder.metrics.method == "ngram"


def test_drawn_texts_are_distributed_as_the_targets(small_models):
    from .test_sampled_decoding import ENOUGH, p_values

    table = torch.randn(5, 5, generator=torch.Generator().manual_seed(5))
    decoder = NgramDecoder(small_models.TableRunner(table), parse_algorithm("fixed:3"))
    assert min(p_values(decoder, table)) > ENOUGH
    assert min(p_values(decoder, table, temperature=0.6, top_k=3)) > ENOUGH
