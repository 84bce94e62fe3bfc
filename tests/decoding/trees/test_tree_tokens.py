"""A pass over a tree gives every node what its path as a chain gives."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.trees.tree_tokens import node_tokens, row_of_tree
from ahasd.speculation.trees.token_tree import NO_TREE, ROOT, TokenTree, chain

from .. import small_models

VOCABULARY = 61
CONTEXT = [7, 3, 50, 21, 9]


@st.composite
def trees(draw, most=12):
    """Any tree: each node stands behind the root or an earlier node, with the next rank there."""
    parents, ranks = [], []
    for node in range(draw(st.integers(0, most))):
        parent = draw(st.integers(ROOT, node - 1))
        parents.append(parent)
        ranks.append(sum(other == parent for other in parents[:-1]))
    return TokenTree(tuple(parents), tuple(ranks))


@pytest.fixture(scope="module", params=["llama", "qwen3", "gpt2"])
def runner(request):
    kinds = {
        "llama": {},
        "qwen3": {"model_type": "qwen3", "head_dim": 8},
        "gpt2": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512},
    }
    return build_batched_runner(small_models.random_model(**kinds[request.param]))


def logits_of_tree(runner, tree, tokens, padding=0):
    runner.start(1)
    runner.forward([RowTokens(0, CONTEXT, 1)])
    return runner.forward([row_of_tree(0, 11, tree, tokens, len(CONTEXT), padding)]).clone()


@given(tree=trees(), padding=st.integers(0, 3), seed=st.integers(0, 10))
@settings(max_examples=25, deadline=None)
def test_every_node_has_the_logits_of_its_path(runner, tree, padding, seed):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(VOCABULARY, (tree.nodes,), generator=generator).tolist()
    found = logits_of_tree(runner, tree, tokens, padding)
    assert len(found) == tree.nodes + 1 + padding
    for node in range(tree.nodes):
        path = [11, *(tokens[each] for each in tree.path(node))]
        runner.start(1)
        runner.forward([RowTokens(0, CONTEXT, 1)])
        alone = runner.forward([RowTokens(0, path, 1)])[0]
        torch.testing.assert_close(found[node + 1], alone, rtol=0, atol=1e-4 * float(alone.abs().max()))


@given(tree=trees(), seed=st.integers(0, 10))
@settings(max_examples=15, deadline=None)
def test_what_is_kept_of_a_tree_goes_on_as_if_it_had_been_fed_alone(runner, tree, seed):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(VOCABULARY, (tree.nodes,), generator=generator).tolist()
    deepest = max(range(tree.nodes), key=tree.depths.__getitem__, default=None)
    path = () if deepest is None else tree.path(deepest)
    logits_of_tree(runner, tree, tokens)
    runner.compact(0, len(CONTEXT), [0, *(node + 1 for node in path)])
    assert runner.lengths == (len(CONTEXT) + 1 + len(path),)
    found = runner.forward([RowTokens(0, [5], 1)])[0].clone()
    runner.start(1)
    alone = runner.forward([RowTokens(0, [*CONTEXT, 11, *(tokens[node] for node in path), 5], 1)])[0]
    torch.testing.assert_close(found, alone, rtol=0, atol=1e-4 * float(alone.abs().max()))


def test_a_node_holds_the_candidate_of_its_depth_and_rank():
    tree = TokenTree((ROOT, ROOT, 0, 2), (0, 1, 1, 0))
    assert node_tokens(tree, [[10, 11], [20, 21], [30, 31]]) == [10, 11, 21, 30]


def test_chains_need_no_mask():
    assert row_of_tree(0, 1, chain(3), [5, 6, 7], 9).sees is None
    assert row_of_tree(0, 1, NO_TREE, [], 9).tokens == [1]


def test_padding_is_seen_by_no_node():
    tree = TokenTree((ROOT, ROOT), (0, 1))
    fed = row_of_tree(0, 1, tree, [5, 6], 9, padding=2)
    assert not fed.sees[:3, 3:].any()
    assert fed.positions == [9, 10, 10, 9, 9]
