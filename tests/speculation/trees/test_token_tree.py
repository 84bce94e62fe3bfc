"""The shape of trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.speculation.trees.published import medusa_63
from ahasd.speculation.trees.token_tree import NO_TREE, TokenTree, chain, tree_of_paths


@st.composite
def trees(draw: st.DrawFn) -> TokenTree:
    parents: list[int] = []
    ranks: list[int] = []
    for node in range(draw(st.integers(0, 12))):
        parent = draw(st.integers(-1, node - 1))
        parents.append(parent)
        ranks.append(sum(other == parent for other in parents[:-1]))
    return TokenTree(tuple(parents), tuple(ranks))


@given(trees())
def test_a_tree_is_told_by_its_paths(tree):
    again = tree_of_paths(tree.rank_path(node) for node in range(tree.nodes))
    assert {again.rank_path(node) for node in range(again.nodes)} == {
        tree.rank_path(node) for node in range(tree.nodes)
    }
    assert max((len(tree.path(node)) for node in range(tree.nodes)), default=0) == tree.depth
    assert all(len(tree.path(node)) == tree.depths[node] for node in range(tree.nodes))


@given(trees(), st.lists(st.none() | st.integers(0, 3), max_size=6))
def test_what_is_accepted_is_a_path_from_the_root_as_far_as_guesses_are_right(tree, truth):
    path = tree.accepted(truth)
    assert path == (tree.path(path[-1]) if path else ())
    assert [tree.ranks[node] for node in path] == truth[: len(path)]
    last = path[-1] if path else -1
    if len(path) < len(truth):
        assert all(tree.ranks[child] != truth[len(path)] for child in tree.children.get(last, ()))


def test_medusas_tree_is_four_deep_and_ten_wide():
    tree = medusa_63()
    assert (tree.nodes, tree.depth, max(tree.ranks)) == (63, 4, 9)
    assert [tree.depths.count(depth) for depth in (1, 2, 3, 4)] == [10, 28, 23, 2]


def test_a_chain_is_of_width_one():
    assert chain(3) == TokenTree((-1, 0, 1), (0, 0, 0))
    assert chain(3).is_chain
    assert NO_TREE.is_chain
    assert not tree_of_paths([(0,), (1,)]).is_chain


@pytest.mark.parametrize(
    ("parents", "ranks"),
    [((0,), (0,)), ((-1, 2), (0, 0)), ((-1, -1), (0, 0)), ((-1,), ()), ((-1,), (-1,)), ((-2,), (0,))],
)
def test_what_is_no_tree_is_refused(parents, ranks):
    with pytest.raises(ValueError, match=r"."):
        TokenTree(parents, ranks)


@pytest.mark.parametrize(
    ("paths", "problem"),
    [([(0,), (0,)], "twice"), ([()], "empty"), ([(0, 1)], "no node")],
)
def test_paths_of_no_tree_are_refused(paths, problem):
    with pytest.raises(AhasdError, match=problem):
        tree_of_paths(paths)
