"""Nodes that leave a pass early change nothing for those that stay, and never the text."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.batched.passes.batched_runner import Leaving, RowTokens
from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.request import GenerationRequest, build_request
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.trees import build_tree_decoder
from ahasd.decoding.trees.build_tree_decoder import build_guesser
from ahasd.decoding.trees.early_exit import leaving
from ahasd.decoding.trees.tree_decoder import TreeBatchDecoder, TreeDecoder
from ahasd.decoding.trees.tree_policies import parse_tree
from ahasd.decoding.trees.tree_rounds import TreeRounds
from ahasd.decoding.trees.tree_tokens import node_tokens, row_of_tree
from ahasd.decoding.trees.tree_verdict import judge_tree
from ahasd.errors import AhasdError
from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.pruning import EarlyPruning, PruningChoice, surviving
from ahasd.speculation.trees.token_tree import tree_of_paths

from .. import small_models
from .test_tree_decoding import FLAT, PROMPTS

TREE = tree_of_paths([(0,), (1,), (2,), (0, 0), (0, 1), (1, 0), (0, 0, 0), (0, 0, 1)])
TOKENS = [12, 40, 3, 18, 25, 7, 50, 31]
CONTEXTS = ([7, 3, 50, 21, 9], [4, 2])


@pytest.fixture(scope="module")
def runner():
    return build_batched_runner(small_models.random_model(num_hidden_layers=3))


def trees_fed(runner):
    runner.start(2)
    runner.forward([RowTokens(row, text, 1) for row, text in enumerate(CONTEXTS)])
    return [row_of_tree(row, 11, TREE, TOKENS, len(text), row) for row, text in enumerate(CONTEXTS)]


@given(likely=st.lists(st.booleans(), min_size=16, max_size=16), layer=st.integers(1, 2))
@settings(max_examples=25, deadline=None)
def test_those_that_stay_have_the_logits_of_a_pass_that_none_leaves(runner, likely, layer):
    whole = runner.forward(trees_fed(runner)).clone()
    places = []
    for row, start in ((0, 0), (1, 9)):
        own = surviving(TREE, likely[8 * row : 8 * row + 8])
        places += [start, *(start + node + 1 for node in own)]
    found = runner.forward(trees_fed(runner), Leaving(layer, lambda logits: places))
    assert list(runner.stayed) == places
    torch.testing.assert_close(found, whole[places], rtol=1e-4, atol=1e-4 * float(whole.abs().max()))


def test_what_an_early_layer_thinks_unlikely_leaves_with_all_behind_it(runner):
    seen = {}

    def by(top):
        rule = leaving(EarlyPruning(1, top), [TREE, TREE], [TOKENS, TOKENS], [9, 10])

        def stay(logits):
            everything = logits(range(19))
            seen["best"] = everything.argsort(-1, descending=True)
            return rule.stay(logits)

        runner.forward(trees_fed(runner), Leaving(1, stay))
        return list(runner.stayed)

    everyone = by(61)
    assert everyone == [*range(9), *range(9, 18)]  # the token that fills the second row up has left
    some = by(20)
    assert set(some) < set(everyone)
    for start in (0, 9):
        likely = [
            token in seen["best"][start + parent + 1, :20].tolist()
            for token, parent in zip(TOKENS, TREE.parents, strict=True)
        ]
        expected = [start, *(start + node + 1 for node in surviving(TREE, likely))]
        assert [place for place in some if start <= place < start + 9] == expected


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(prompt)["input_ids"] for prompt in PROMPTS]


@pytest.mark.parametrize("top", [1, 1024])
def test_the_accepted_path_is_a_beginning_of_that_without_pruning(target, prompts, top):
    runner, guesser = build_batched_runner(target), build_guesser(target, "medusa")
    runner.keep_states = runner.keeps_all_states = True
    tree = grow(guesser.prior, 24).tree
    rule = build_rule(build_request("independent", 0, 0, {}), target.vocabulary_size, "target")
    shorter = 0
    for prompt in prompts:
        text = SpeculativeDecoder(target, method="autoregressive").generate(prompt, max_new_tokens=12)
        whole = [*prompt, *text.new_tokens[0]]
        for length in range(len(prompt) + 1, len(whole)):
            runner.start(1)
            runner.forward([RowTokens(0, whole[: length - 1], 1)])
            guesser.start(1)
            guesser.read(0, whole[: length - 1], runner.states)
            (guess,) = guesser.guess([whole[:length]], guesser.depth)
            tokens = node_tokens(tree, guess.candidates)
            fed = [row_of_tree(0, whole[length - 1], tree, tokens, length - 1)]
            logits = runner.forward(fed).clone()
            full = judge_tree(rule, tree, tokens, logits, whole[:length])
            runner.cut(0, length - 1)
            pruned = runner.forward(fed, leaving(EarlyPruning(2, top), [tree], [tokens], [25])).clone()
            kept = [place - 1 for place in runner.stayed[1:]]
            less = judge_tree(rule, tree.only(kept), [tokens[node] for node in kept], pruned, whole[:length])
            path = tuple(kept[node] for node in less.path)
            assert path == full.path[: len(path)]
            shorter += len(path) < len(full.path)
    assert (shorter == 0) == (top == 1024)


@pytest.mark.parametrize("top", [1, 16])
def test_pruned_trees_write_the_same_texts(target, prompts, top):
    alone = SpeculativeDecoder(target, method="autoregressive").generate(prompts, max_new_tokens=40)
    guesser, runner = build_guesser(target, "one-layer"), build_batched_runner(target)
    rounds = TreeRounds(
        TimedPasses(runner), guesser, parse_tree("best-first:9"), FLAT, pruning=EarlyPruning(2, top)
    )
    rounds.worth.drafts = lambda rows: True
    one = TreeDecoder(runner, rounds, "pruned")
    for prompt, text in zip(prompts, alone.new_tokens, strict=True):
        assert tuple(one.tokens(prompt, GenerationRequest(max_new_tokens=40))) == text
    assert one.metrics.accepted > 0
    fields = {"max_new_tokens": 40, "eos_token_id": ()}
    asked = [build_request("independent", 0, place, fields) for place in range(len(prompts))]
    found = TreeBatchDecoder(runner, rounds, "pruned").decode(prompts, asked, True)
    assert [each.tokens for each in found] == list(alone.new_tokens)


def test_it_is_calibrated_on_the_target_s_own_text_and_said(target, prompts):
    decoder = SpeculativeDecoder(target, "medusa", "tree", "best-first:7+pruned")
    (note,) = decoder.notes
    pruning = decoder._decoder._rounds._pruning
    assert note.startswith("Early pruning is off" if pruning is None else "Early pruning keeps")
    alone = SpeculativeDecoder(target, method="autoregressive").generate(prompts, max_new_tokens=24)
    assert decoder.generate(prompts, max_new_tokens=24).new_tokens == alone.new_tokens
    assert decoder.generate(prompts, max_new_tokens=24).metrics.algorithm == "best-first:7+pruned"


def test_it_is_off_where_no_layer_keeps_enough(target, monkeypatch):
    off = PruningChoice(None, 0.4, "Early pruning is off: for a test.")
    monkeypatch.setattr(build_tree_decoder, "calibrate", lambda target, guesser: off)
    decoder = SpeculativeDecoder(target, "medusa", "tree", "dynamic+pruned")
    assert decoder.notes == ("Early pruning is off: for a test.",)
    assert decoder._decoder._rounds._pruning is None


def test_copies_and_other_layouts_are_refused(target):
    with pytest.raises(AhasdError, match="nothing to prune"):
        SpeculativeDecoder(target, "lookup", "tree", "chain:3+pruned")
    other = small_models.random_model(model_type="gpt2", n_embd=32, n_layer=2, n_head=4, n_positions=512)
    with pytest.raises(AhasdError, match="no token leaves"):
        SpeculativeDecoder(other, "lookup", "tree", "chain:3+pruned")
