"""Greedy texts are those of the target alone, token for token, whatever drafts and whenever it stops."""

from dataclasses import replace

import pytest
import torch

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import algorithm_names, parse_algorithm

PROMPTS = ("def read(path):\n", "import os\n\nclass Walker:\n    def __init__(self", "x")
#: Beside the published numbers, some that make the tiny pair's policies stop neither at once nor never.
ALGORITHMS = (
    *("fixed:4" if name == "fixed" else name for name in algorithm_names()),
    "fixed:1",
    "fixed:16",
    "svip:h=0.7",
    "adaedl:gamma=0.02",
    "specdecpp:lag=0,h=0.5",
)
OPEN_END = GenerationRequest(max_new_tokens=60, eos_token_id=())


@pytest.fixture(scope="module")
def runners(target, draft):
    return build_runner(target), build_runner(draft)


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(text)["input_ids"] for text in PROMPTS]


@pytest.fixture(scope="module")
def references(target, prompts):
    """What transformers' own generate gives."""
    texts = []
    for prompt in prompts:
        tokens = torch.tensor([prompt])
        out = target.model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=60,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        texts.append(out[0, len(prompt) :].tolist())
    return texts


def tables(small_models, seed=0, size=7):
    generator = torch.Generator().manual_seed(seed)
    return small_models.TableRunner(torch.randn(size, size, generator=generator))


def alternating(target, draft, algorithm="fixed:4", **others):
    return AlternatingDecoder(target, draft, parse_algorithm(algorithm), **others)


def check_counts(metrics):
    assert metrics.in_flight == 0  # by turns every draft has met its fate before the next round
    assert metrics.tokens + metrics.tokens_cut == metrics.accepted + metrics.verifications
    assert sum(metrics.accepted_histogram.values()) == metrics.verifications
    assert sum(n * passes for n, passes in metrics.accepted_histogram.items()) == metrics.accepted


def test_autoregressive_equals_transformers(runners, prompts, references):
    decoder = AutoregressiveDecoder(runners[0])
    for prompt, reference in zip(prompts, references, strict=True):
        assert list(decoder.tokens(prompt, OPEN_END)) == reference
        assert decoder.metrics.smallest_top2_gap > 1e-4
        check_counts(decoder.metrics)


def test_every_algorithm_of_the_catalogue_is_tried():
    assert {parse_algorithm(text).name for text in ALGORITHMS} == set(algorithm_names())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_equals_transformers(runners, draft, prompts, references, algorithm):
    decoder = alternating(*runners, algorithm, head=draft.acceptance_head)
    for prompt, reference in zip(prompts, references, strict=True):
        assert list(decoder.tokens(prompt, OPEN_END)) == reference
        check_counts(decoder.metrics)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_long_texts_of_many_prompts_equal_the_target_alone(runners, draft, target, algorithm):
    request = replace(OPEN_END, max_new_tokens=220)
    alone, decoder = (
        AutoregressiveDecoder(runners[0]),
        alternating(*runners, algorithm, head=draft.acceptance_head),
    )
    for word in ("import", "class A", "def f(", "# text", '"""', "for x in", "raise", "0", "@", "try:"):
        prompt = target.tokenizer(word)["input_ids"]
        assert list(decoder.tokens(prompt, request)) == list(alone.tokens(prompt, request))


def test_a_draft_that_is_always_right_is_accepted_whole(small_models):
    target = tables(small_models)
    decoder = alternating(target, small_models.TableRunner(target.table), "fixed:4")
    expected = list(AutoregressiveDecoder(target).tokens([3], replace(OPEN_END, max_new_tokens=21)))
    assert list(decoder.tokens([3], replace(OPEN_END, max_new_tokens=21))) == expected
    metrics = decoder.metrics
    assert (metrics.rejected, metrics.flushed, metrics.tokens_cut) == (0, 0, 0)
    # Four rounds of 4 + 1 tokens leave one, which takes no draft.
    assert metrics.accepted_histogram == {0: 1, 4: 4}
    assert metrics.mean_acceptance_length == 5


def test_a_draft_that_is_never_right_costs_only_time(small_models):
    target = tables(small_models)
    wrong = torch.zeros(7, 7)
    wrong[torch.arange(7), (target.table.argmax(dim=1) + 1) % 7] = 5.0
    decoder = alternating(target, small_models.TableRunner(wrong), "fixed:4")
    request = replace(OPEN_END, max_new_tokens=20)
    assert list(decoder.tokens([3], request)) == list(AutoregressiveDecoder(target).tokens([3], request))
    metrics = decoder.metrics
    assert metrics.accepted == 0
    assert metrics.accepted_histogram == {0: 20}
    assert (
        metrics.drafted == metrics.rejected + metrics.flushed == 15 * 4 + 3 + 2 + 1
    )  # none before the first token
    assert metrics.draft_acceptance_rate == 0


def test_an_end_token_inside_an_accepted_draft_ends_the_text(small_models):
    target = tables(small_models, seed=2)
    decoder = alternating(target, small_models.TableRunner(target.table), "fixed:6")
    whole = list(AutoregressiveDecoder(target).tokens([1], replace(OPEN_END, max_new_tokens=14)))
    ended = 0
    for end in set(whole):
        request = replace(OPEN_END, max_new_tokens=14, eos_token_id=(end,))
        expected = whole[: whole.index(end) + 1]
        assert list(decoder.tokens([1], request)) == expected
        # The prompt yields one and the first round 7 tokens; what follows the end token in it is cut.
        ended += decoder.metrics.tokens_cut == 8 - len(expected) > 0
        check_counts(decoder.metrics)
    assert ended


def test_the_targets_own_end_token_counts_unless_told_otherwise(small_models):
    target = tables(small_models, seed=2)
    whole = list(AutoregressiveDecoder(target).tokens([1], replace(OPEN_END, max_new_tokens=9)))
    target.end_tokens = frozenset([whole[2]])
    decoder = alternating(target, small_models.TableRunner(target.table))
    expected = whole[: whole.index(whole[2]) + 1]
    assert list(decoder.tokens([1], GenerationRequest(max_new_tokens=9))) == expected
    assert list(decoder.tokens([1], replace(OPEN_END, max_new_tokens=9))) == whole


def test_one_token_prompts_and_zero_new_tokens(runners, references, prompts, small_models, target):
    decoder = alternating(*runners)
    assert list(decoder.tokens(prompts[0], GenerationRequest(max_new_tokens=0))) == []
    assert decoder.metrics.tokens_per_second is None
    assert decoder.metrics.ttft_s is None
    tokens = [17]
    for _ in range(12):
        tokens.append(int(small_models.whole_logits(target, tokens)[-1].argmax()))
    request = replace(OPEN_END, max_new_tokens=12)
    assert list(decoder.tokens([17], request)) == tokens[1:]
    assert list(AutoregressiveDecoder(runners[0]).tokens([17], request)) == tokens[1:]


def test_a_text_that_fills_the_context_is_decoded_and_a_longer_one_is_refused(runners):
    decoder = alternating(*runners, "fixed:8")
    prompt = [5] * 200
    request = replace(OPEN_END, max_new_tokens=56)
    assert list(decoder.tokens(prompt, request)) == list(
        AutoregressiveDecoder(runners[0]).tokens(prompt, request)
    )
    with pytest.raises(
        AhasdError, match=r"needs a context of 257: 200 .* \+ 57 new ones; 'tiny-target' has 256"
    ):
        decoder.tokens(prompt, replace(OPEN_END, max_new_tokens=57))
    with pytest.raises(AhasdError, match="Shorten the prompt"):
        decoder.tokens([5] * 300, replace(OPEN_END, max_new_tokens=0))


@pytest.mark.parametrize("algorithm", ["fixed:4", "svip:h=0.01"])
def test_a_draft_of_shorter_context_stops_drafting_there(small_models, algorithm):
    target = tables(small_models)
    decoder = alternating(target, small_models.TableRunner(target.table, context_limit=12), algorithm)
    request = replace(OPEN_END, max_new_tokens=30)
    expected = list(AutoregressiveDecoder(target).tokens([3, 1], request))
    assert list(decoder.tokens([3, 1], request)) == expected
    assert decoder.metrics.accepted_histogram[0] >= 17
    assert list(decoder.tokens([3] * 20, request)) == list(
        AutoregressiveDecoder(target).tokens([3] * 20, request)
    )
    assert decoder.metrics.drafted == 0


def test_the_target_may_write_tokens_that_the_draft_has_not(small_models):
    table = torch.zeros(7, 7)
    table[torch.arange(7), [6, 5, 0, 1, 2, 3, 4]] = 9.0
    target, draft = small_models.TableRunner(table), small_models.TableRunner(table[:5, :5])
    request = replace(OPEN_END, max_new_tokens=14)
    for do_sample in (False, True):
        decoder = alternating(target, draft, "fixed:3")
        wanted = replace(request, do_sample=do_sample, top_k=1)
        assert list(decoder.tokens([0], wanted)) == [6, 4, 2, 0] * 3 + [6, 4]
        assert decoder.metrics.accepted > 0


def test_a_draft_with_padding_behind_the_targets_vocabulary_never_proposes_it(small_models):
    target = tables(small_models)
    padded = torch.full((9, 9), 9.0)  # what padding rows hold is anything
    padded[:7, :7] = target.table
    decoder = alternating(target, small_models.TableRunner(padded), "fixed:3")
    for do_sample in (False, True):
        request = replace(OPEN_END, max_new_tokens=30, do_sample=do_sample)
        text = list(decoder.tokens([0], request))
        assert max(text) < 7
        assert decoder.metrics.draft_acceptance_rate > 0.9


def test_num_assistant_tokens_caps_every_round(runners, prompts, references):
    decoder = alternating(*runners, "fixed:8")
    assert list(decoder.tokens(prompts[0], replace(OPEN_END, num_assistant_tokens=2))) == references[0]
    assert max(decoder.metrics.accepted_histogram) == 2


def test_the_first_token_costs_one_pass_of_the_target(small_models):
    target, seen = tables(small_models), []
    forward = target.forward
    target.forward = lambda tokens, rows=None: seen.append((list(tokens), rows)) or forward(tokens, rows)
    for decoder in (AutoregressiveDecoder(target), alternating(target, tables(small_models, seed=3))):
        seen.clear()
        next(decoder.tokens([3, 1, 4], OPEN_END))
        assert seen == [([3, 1, 4], 1)]


def test_an_iterator_may_be_closed_early_and_two_at_once_are_refused(runners, prompts, references):
    decoder = alternating(*runners)
    first = decoder.tokens(prompts[0], OPEN_END)
    assert [next(first) for _ in range(7)] == references[0][:7]
    with pytest.raises(AhasdError, match="still decoding another text"):
        next(decoder.tokens(prompts[1], OPEN_END))
    first.close()
    assert list(decoder.tokens(prompts[1], OPEN_END)) == references[1]


def test_prompts_that_are_no_prompts_are_refused(runners):
    decoder = AutoregressiveDecoder(runners[0])
    with pytest.raises(AhasdError, match="the prompt has no tokens"):
        decoder.tokens([], OPEN_END)
    for token in (-1, 1024):
        with pytest.raises(AhasdError, match=f"token {token}; 'tiny-target' knows 0 to 1023"):
            decoder.tokens([3, token], OPEN_END)


def test_an_algorithm_that_reads_a_head_needs_one(runners):
    with pytest.raises(
        AhasdError, match="reads an acceptance head, and draft 'tiny-draft-distilled' has none"
    ):
        alternating(*runners, "specdecpp")


def test_the_head_sees_the_state_behind_the_token(target, draft, runners, prompts):
    """The signals of specdecpp, against a whole forward of transformers."""
    from ahasd.decoding.rules.context import RuleContext
    from ahasd.decoding.rules.greedy_rule import GreedyRule
    from ahasd.decoding.speculative.drafter import Drafter

    drafter = Drafter(runners[1], GreedyRule(RuleContext(1024)), draft.acceptance_head)
    drafter.prefill(prompts[0])
    text = list(prompts[0])
    for _ in range(5):
        proposal, signals = drafter.propose(text)
        text.append(proposal.token)
        with torch.no_grad():
            out = draft.model(torch.tensor([text]), output_hidden_states=True)
            q = torch.softmax(out.logits[0, -2].double(), dim=-1)
            expected = draft.acceptance_head.acceptance(
                out.hidden_states[-1][0, -1:], q[[proposal.token]].float()
            )
        assert signals.draft_probability == pytest.approx(float(q[proposal.token]), rel=1e-4)
        assert signals.entropy == pytest.approx(float(torch.special.entr(q).sum()), abs=1e-4)
        assert signals.predicted_acceptance == pytest.approx(float(expected), abs=1e-4)
    runners[1].keep_states = False


def test_half_precision_says_that_ties_may_fall_otherwise(small_models):
    model = small_models.random_model()
    half = replace(model, model=model.model.to(torch.bfloat16))
    runner = build_runner(half)
    decoder = alternating(runner, build_runner(half))
    assert len(list(decoder.tokens([3], replace(OPEN_END, max_new_tokens=40)))) == 40
    metrics = decoder.metrics
    assert metrics.dtype == "bfloat16"
    assert f"within rounding at {metrics.close_calls} of 40 tokens" in metrics.note
    assert AutoregressiveDecoder(tables(small_models)).metrics.note == ""


def test_a_tie_is_counted(small_models):
    flat = small_models.TableRunner(torch.tensor([[1.0, 3.0, 3.0], [0.0, 3.0, 2.0], [0.0, 0.0, 1.0]]))
    decoder = AutoregressiveDecoder(flat)
    list(decoder.tokens([0], replace(OPEN_END, max_new_tokens=1)))
    assert (decoder.metrics.smallest_top2_gap, decoder.metrics.close_calls) == (0.0, 1)
    list(decoder.tokens([1], replace(OPEN_END, max_new_tokens=5)))
    assert (decoder.metrics.smallest_top2_gap, decoder.metrics.close_calls) == (1.0, 0)
