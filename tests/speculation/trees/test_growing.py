"""Growing trees, against every tree there is and against figures computed apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.growing.expectation import expected_tokens, path_probabilities
from ahasd.speculation.trees.growing.optimum import TreeProgramme, optimal_tree
from ahasd.speculation.trees.growing.sizing import best_size
from ahasd.speculation.trees.head_accuracy import HeadAccuracy, differences

from .brute_force import MEDUSA_7B, all_trees

SMALL = [tree for tree in all_trees(heads=2, top=3, most=4)]
probabilities = st.lists(st.lists(st.floats(0.01, 0.33), min_size=3, max_size=3), min_size=2, max_size=2)


@pytest.mark.parametrize(("nodes", "tokens"), [(4, 1.91), (8, 2.07), (16, 2.22), (32, 2.32), (63, 2.38)])
def test_medusas_heads_bring_what_was_computed_apart(nodes, tokens):
    each = differences(MEDUSA_7B)
    grown = grow(each, 63)
    assert grown.gains[nodes] == pytest.approx(tokens, abs=0.006)
    assert TreeProgramme(each, 63).tokens(nodes) == pytest.approx(grown.gains[nodes])
    assert expected_tokens(grown.first(nodes), each) == pytest.approx(grown.gains[nodes])


@settings(max_examples=30, deadline=None)
@given(probabilities)
def test_no_tree_of_a_size_brings_more_than_the_likeliest_paths_or_the_programmes_tree(each):
    grown, programme = grow(each, 4), TreeProgramme(each, 4)
    for nodes in range(5):
        best = max(expected_tokens(tree, each) for tree in SMALL if tree.nodes == nodes)
        assert grown.gains[nodes] == pytest.approx(best)
        assert programme.tokens(nodes) == pytest.approx(best)
        assert programme.tree(nodes).nodes <= nodes
        assert expected_tokens(programme.tree(nodes), each) == pytest.approx(best)
    assert list(grown.path_probability) == sorted(grown.path_probability, reverse=True)
    assert path_probabilities(grown.tree, each) == pytest.approx(list(grown.path_probability))


@settings(max_examples=30, deadline=None)
@given(probabilities, st.lists(st.floats(0.1, 2), min_size=5, max_size=5), st.floats(0, 1))
def test_the_best_tree_for_a_cost_of_nodes_and_levels_is_the_best_of_all(each, added, level):
    def seconds(nodes: int, depth: int) -> float:
        return 1.0 + sum(added[:nodes]) + level * depth

    best = max(expected_tokens(tree, each) / seconds(tree.nodes, tree.depth) for tree in SMALL)
    found = optimal_tree(each, seconds, 4, by_depth=True)
    assert found.rate == pytest.approx(best)
    assert expected_tokens(found.tree, each) == pytest.approx(found.tokens)


def test_where_nodes_cost_too_much_the_best_tree_has_none():
    assert optimal_tree([[0.5]], lambda nodes, _: 1.0 + nodes, 8).tree.nodes == 0


def test_unlikely_and_impossible_paths_are_left_out():
    assert grow([[0.5, 0.0], [0.1, 0.0]], 9).tree.nodes == 2
    assert grow([[0.5, 0.2], [0.1, 0.0]], 9, least=0.2).tree.nodes == 2
    assert grow([[0.5, 0.2], [0.1, 0.0]], 9, deepest=0).tree.nodes == 0


def test_ranks_need_not_fall_in_probability():
    assert grow([[0.1, 0.6, 0.2]], 2).tree.ranks == (1, 2)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.lists(st.floats(0.01, 10), min_size=12, max_size=12),
)
def test_the_best_size_is_that_of_an_exhaustive_search(likely, seconds):
    gains = [1.0]
    for share in sorted(likely, reverse=True):
        gains.append(gains[-1] + share)
    found = best_size(gains, range(12), seconds.__getitem__)
    worth = [gains[min(n, len(gains) - 1)] / seconds[n] for n in range(12)]
    assert worth[found] == max(worth)
    assert found == worth.index(max(worth))


@given(st.lists(st.tuples(st.integers(0, 1), st.none() | st.integers(0, 4)), max_size=40))
def test_what_heads_got_right_is_counted(judged):
    prior = [[0.4, 0.2, 0.1], [0.3, 0.1, 0.1]]
    known = HeadAccuracy(prior, weight=2.0)
    for head, rank in judged:
        known.judge(head, rank)
    for head, row in enumerate(prior):
        ranks = [rank for which, rank in judged if which == head]
        for k in range(3):
            right = sum(rank == k for rank in ranks)
            assert known.each[head][k] == pytest.approx((2 * row[k] + right) / (2 + len(ranks)))
        assert known.within[head] == sorted(known.within[head])
        assert known.within[head][-1] <= 1 + 1e-9
    assert differences(known.within) == [pytest.approx(row) for row in known.each]
