"""What a decoder measures of its rounds before the first text, where latencies are emulated."""

import pytest

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.paced_runner import PacedRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.decoding.speculative.round_seconds import round_seconds
from ahasd.speculation.drafting.specification import parse_algorithm

torch = pytest.importorskip("torch")


def paced_pair(pair, draft=0.02, target=0.03):
    large, small = pair
    return PacedRunner(build_runner(large), target), PacedRunner(build_runner(small), draft)


def test_a_round_is_a_pass_and_a_step_for_every_drafted_token(pair):
    target, draft = paced_pair(pair)
    found = round_seconds(target, draft, longest=3)
    assert list(found) == [0, 1, 2, 3]
    for drafted, seconds in found.items():
        assert seconds >= 0.03 + 0.02 * drafted
    assert target.length == draft.length == 0
    assert target.steps == draft.steps == []


def test_a_context_too_short_for_a_round_leaves_it_out(pair):
    target, draft = paced_pair(pair, 0.0, 0.0)
    target.context_limit = 3
    assert list(round_seconds(target, draft, longest=8)) == [0, 1]
    draft.context_limit = 1
    assert list(round_seconds(target, draft, longest=8)) == [0]


@pytest.mark.parametrize(("draft_seconds", "drafts"), [(0.05, False), (0.0, True)])
def test_a_policy_that_goes_by_seconds_knows_them_from_the_first_round_on(pair, draft_seconds, drafts):
    decoder = AlternatingDecoder(*paced_pair(pair, draft_seconds), parse_algorithm("goodput"))
    request = GenerationRequest(max_new_tokens=6, eos_token_id=())
    list(decoder.tokens([1, 2, 3], request))
    assert (decoder.metrics.drafted > 0) is drafts
