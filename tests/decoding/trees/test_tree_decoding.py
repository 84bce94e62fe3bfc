"""Trees change how a text comes about, and never the text."""

from dataclasses import replace

import pytest

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.request import GenerationRequest, build_request
from ahasd.decoding.trees import tree_rounds
from ahasd.decoding.trees.guessing.guesser import RowGuess
from ahasd.decoding.trees.pass_costs import PassCosts
from ahasd.decoding.trees.tree_decoder import TreeBatchDecoder, TreeDecoder
from ahasd.decoding.trees.tree_policies import parse_tree
from ahasd.decoding.trees.tree_rounds import TreeRounds
from ahasd.decoding.trees.tree_support import check_trees
from ahasd.errors import AhasdError

from ..heads.made_heads import make_medusa, make_one_layer
from .knowing_guesser import KnowingGuesser

PROMPTS = [
    "def main(self):\n    return",
    "import os\nimport sys\n\nfor path in",
    "class A:\n",
    "x = [1, 2, 1, 2, 1, 2,",
]
TREES = [
    "dynamic",
    "table",
    "propd:12",
    "optimal:8",
    "best-first:6",
    "draft-probability:5",
    "chain:4",
    "svip",
]
FLAT = PassCosts({1: 1.0, 2: 1.01, 4: 1.02, 8: 1.03, 16: 1.04})


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(prompt)["input_ids"] for prompt in PROMPTS]


@pytest.fixture(scope="module")
def plain(target):
    return SpeculativeDecoder(target, method="autoregressive")


@pytest.fixture(scope="module")
def texts(plain, prompts):
    """Of all prompts, greedy."""
    return plain.generate(prompts, max_new_tokens=48).new_tokens


def knowing(target, prompts, texts, tree, seed=0, costs=FLAT):
    whole = [[*prompt, *text] for prompt, text in zip(prompts, texts, strict=True)]
    guesser = KnowingGuesser(whole, target.vocabulary_size, seed)
    runner = build_batched_runner(target)
    rounds = TreeRounds(TimedPasses(runner), guesser, parse_tree(tree), costs)
    return guesser, TreeDecoder(runner, rounds, tree), TreeBatchDecoder(runner, rounds, tree)


def request(**fields):
    return GenerationRequest(**fields)


@pytest.mark.parametrize("tree", TREES)
def test_greedy_texts_are_those_of_the_target_alone(target, prompts, texts, tree):
    _, decoder, _ = knowing(target, prompts, texts, tree)
    for prompt, text in zip(prompts, texts, strict=True):
        assert tuple(decoder.tokens(prompt, request(max_new_tokens=48))) == text


def test_right_guesses_save_passes(target, prompts, texts):
    guesser, decoder, _ = knowing(target, prompts, texts, "best-first:12")
    rounds = decoder._rounds
    rounds.worth.drafts = lambda rows: True
    tuple(decoder.tokens(prompts[0], request(max_new_tokens=48)))
    metrics = decoder.metrics
    # The last round has room for one token, so nothing is guessed.
    assert metrics.verifications - 2 <= guesser.asked < metrics.verifications
    assert metrics.verifications < 0.8 * metrics.tokens
    assert metrics.mean_acceptance_length > 1.25


@pytest.mark.parametrize("tree", ["dynamic", "best-first:6", "svip"])
def test_rows_of_a_batch_are_independent(target, prompts, texts, tree):
    _, _, decoder = knowing(target, prompts, texts, tree)
    for rows in ([0], [1, 3], [3, 2, 0, 1]):
        asked = [request(max_new_tokens=12 + 9 * row, eos_token_id=()) for row in rows]
        found = decoder.decode([prompts[row] for row in rows], _prepared(asked, prompts, rows), True)
        for row, each in zip(rows, found, strict=True):
            assert each.tokens == texts[row][: 12 + 9 * row]


def _prepared(requests, prompts, rows):
    return [replace(each, prompt_length=len(prompts[row])) for each, row in zip(requests, rows, strict=True)]


@pytest.mark.parametrize("sampling", ["independent", "coupled"])
@pytest.mark.parametrize("draft", ["lookup", "medusa", "one-layer"])
def test_sampled_texts_are_those_of_the_target_alone_with_the_same_seed(
    target, plain, prompts, tmp_path, draft, sampling
):
    made = {"medusa": make_medusa, "one-layer": make_one_layer}
    heads = made[draft](tmp_path, target) if draft in made else draft
    fields = {"do_sample": True, "temperature": 0.8, "top_p": 0.95, "max_new_tokens": 40, "seed": 4}
    alone = SpeculativeDecoder(target, method="autoregressive", sampling=sampling).generate(prompts, **fields)
    tree = SpeculativeDecoder(target, heads, "tree", "best-first:7", sampling=sampling)
    assert tree.generate(prompts, **fields).new_tokens == alone.new_tokens
    assert tree.generate(prompts, batch_size=4, always_draft=True, **fields).new_tokens == alone.new_tokens


@pytest.mark.parametrize("make", [make_medusa, make_one_layer])
def test_heads_that_read_states_change_no_text(target, prompts, texts, tmp_path, make):
    decoder = SpeculativeDecoder(target, make(tmp_path, target), "tree", "best-first:9")
    assert decoder.generate(prompts, max_new_tokens=48).new_tokens == texts
    found = decoder.generate(prompts, max_new_tokens=48, batch_size=3, always_draft=True)
    assert found.new_tokens == texts
    assert found.metrics.drafted > 0


def test_guesses_that_the_target_repeats_are_accepted(target):
    ids = target.tokenizer("a = 1\na = 1\na = 1\na = 1\n")["input_ids"]
    decoder = SpeculativeDecoder(target, "lookup", "tree", "chain:8")
    found = decoder.generate(ids, max_new_tokens=60, batch_size=1)
    alone = SpeculativeDecoder(target, method="autoregressive").generate(ids, max_new_tokens=60)
    assert found.new_tokens == alone.new_tokens
    assert found.metrics.accepted > 0


def test_adjusted_logits_follow_every_path(target, prompts, plain):
    fields = {"repetition_penalty": 1.3, "no_repeat_ngram_size": 3, "max_new_tokens": 40}
    alone = plain.generate(prompts, **fields).new_tokens
    _, decoder, _ = knowing(target, prompts, alone, "best-first:10")
    for prompt, text in zip(prompts, alone, strict=True):
        asked = build_request("independent", 0, 0, fields)
        assert tuple(decoder.tokens(prompt, asked)) == text


def test_a_text_ends_inside_a_tree(target, prompts, texts):
    end = texts[0][20]
    first = texts[0].index(end)
    _, decoder, _ = knowing(target, prompts, texts, "best-first:12")
    found = tuple(decoder.tokens(prompts[0], request(max_new_tokens=48, eos_token_id=(end,))))
    assert found == texts[0][: first + 1]
    for length in range(1, 7):
        assert tuple(decoder.tokens(prompts[0], request(max_new_tokens=length))) == texts[0][:length]


def test_the_context_may_end_inside_a_tree(small_models):
    model = small_models.random_model(max_position_embeddings=24)
    plain = SpeculativeDecoder(model, method="autoregressive")
    text = plain.generate([3, 5, 3, 5], max_new_tokens=20).new_tokens
    decoder = SpeculativeDecoder(model, "lookup", "tree", "chain:10")
    assert decoder.generate([3, 5, 3, 5], max_new_tokens=20).new_tokens == text
    with pytest.raises(AhasdError, match="context"):
        decoder.generate([3, 5, 3, 5], max_new_tokens=21)


def test_drafting_stops_where_passes_are_dear_and_guesses_wrong(target, prompts, texts, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(tree_rounds, "clock_of", lambda target: lambda: clock[0])
    guesser, decoder, _ = knowing(target, prompts, texts, "best-first:12")
    passes = decoder._rounds._target
    forward = passes.forward

    def slow(fed):
        clock[0] += sum(len(each.tokens) for each in fed)
        return forward(fed)

    monkeypatch.setattr(passes, "forward", slow)
    guesser._guess = lambda text, depth: RowGuess([[0, 1, 2]] * depth, [[0.1, 0.1, 0.1]] * depth)
    for prompt in prompts:
        tuple(decoder.tokens(prompt, request(max_new_tokens=48)))
    assert guesser.asked <= 20


@pytest.mark.parametrize(
    "tree", ["wide", "best-first:0", "best-first:x", "medusa:5", "chain:999", "specdecpp"]
)
def test_trees_that_are_none_are_refused(target, tree):
    with pytest.raises(AhasdError):
        SpeculativeDecoder(target, "lookup", "tree", tree)


def test_a_tree_deeper_or_wider_than_the_guesses_is_refused(target, tmp_path):
    heads = make_medusa(tmp_path, target)
    with pytest.raises(AhasdError, match="5 deep"):
        SpeculativeDecoder(target, heads, "tree", "chain:5")
    with pytest.raises(AhasdError, match="10 candidates"):
        SpeculativeDecoder(target, heads, "tree", "medusa")


def test_drafts_that_are_no_guessers_are_refused(target, draft, small_models, tmp_path):
    with pytest.raises(AhasdError, match="draft model"):
        SpeculativeDecoder(target, draft, "tree")
    with pytest.raises(AhasdError, match="lookup"):
        SpeculativeDecoder(target, tmp_path, "tree")
    with pytest.raises(AhasdError, match="no heads 'medusa'"):
        SpeculativeDecoder(small_models.random_model(), "medusa", "tree")


def test_caches_that_hold_no_trees_are_refused(small_models, tmp_path):
    states = small_models.random_model(model_type="mamba", state_size=8)
    with pytest.raises(AhasdError):
        SpeculativeDecoder(states, "lookup", "tree")
    windows = small_models.random_model(model_type="mistral", sliding_window=8)
    with pytest.raises(AhasdError, match="windows"):
        SpeculativeDecoder(windows, make_medusa(tmp_path, windows), "tree")


def test_a_batch_does_not_overwrite_a_text_that_is_streamed(target, prompts, texts):
    decoder = SpeculativeDecoder(target, "lookup", "tree", "chain:3")
    stream = decoder.stream(prompts[0], max_new_tokens=30)
    first = [next(stream), next(stream)]
    assert decoder.generate(prompts[:2], max_new_tokens=8, batch_size=2).new_tokens[1] == texts[1][:8]
    assert tuple(first) == texts[0][:2]
    with pytest.raises(AhasdError, match="other texts"):
        list(stream)


def test_windows_take_chains(small_models):
    windows = small_models.random_model(model_type="mistral", sliding_window=8)
    alone = SpeculativeDecoder(windows, method="autoregressive").generate([1, 2, 1, 2], max_new_tokens=24)
    found = SpeculativeDecoder(windows, "lookup", "tree", "chain:4").generate([1, 2, 1, 2], max_new_tokens=24)
    assert found.new_tokens == alone.new_tokens


def test_a_model_that_does_something_else_with_a_mask_takes_no_trees(target):
    runner = build_batched_runner(target)
    check_trees(runner)
    forward = runner.forward

    def without_mask(fed):
        return forward([replace(each, sees=None) for each in fed])

    runner.forward = without_mask
    with pytest.raises(AhasdError, match="takes no trees"):
        check_trees(runner)
