"""Judging guesses, and letting nodes leave a pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.trees.judging import PendingGuesses
from ahasd.speculation.trees.pruning import EarlyPruning, calibrate_pruning, surviving
from ahasd.speculation.trees.token_tree import ROOT, tree_of_paths


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(1, 5))
def test_every_guess_is_judged_once_when_its_token_is_there(rounds, heads):
    """Head h behind root r guesses r + h + 1 first, which is what the text takes."""
    pending, length, judged = PendingGuesses(), 0, []
    for step in rounds:
        pending.guessed([[length + head + 1, 1000 + head] for head in range(heads)])
        judged += [list(pending.text(range(length + 1, length + step + 1)))]
        length += step
    assert all(rank == 0 for verdicts in judged for _, rank, _ in verdicts)
    roots = [sum(rounds[:number]) for number in range(len(rounds))]
    for head in range(heads):
        seen = sum(which == head for verdicts in judged for which, _, _ in verdicts)
        assert seen == sum(root + head + 1 <= length for root in roots)


def test_a_truth_that_is_no_candidate_has_no_rank_and_an_ended_text_is_not_judged():
    pending = PendingGuesses()
    pending.guessed([[5, 6], [7, 8]], [[0.6, 0.2], [0.5, 0.3]])
    assert list(pending.text([6])) == [(0, 1, [0.6, 0.2])]
    assert list(pending.text([9])) == [(1, None, [0.5, 0.3])]
    pending.guessed([[5, 6], [7, 8]])
    pending.forget()
    assert list(pending.text([5, 7])) == []


@given(st.lists(st.booleans(), min_size=7, max_size=7))
def test_with_a_node_all_behind_it_leaves_and_nothing_else(likely):
    tree = tree_of_paths([(0,), (1,), (0, 0), (0, 1), (1, 0), (0, 0, 0), (0, 0, 1)])
    stays = surviving(tree, likely)
    for node in range(tree.nodes):
        assert (node in stays) == all(likely[each] for each in tree.path(node))
    assert tree.only(stays).nodes == len(stays)
    assert all(tree.parents[node] in (*stays, ROOT) for node in stays)


def test_pruning_is_off_unless_enough_of_the_text_is_kept():
    recall = {EarlyPruning(4, 50): 0.72, EarlyPruning(8, 50): 0.95, EarlyPruning(8, 100): 0.97}
    assert calibrate_pruning(recall).pruning == EarlyPruning(8, 50)
    assert calibrate_pruning(recall, 0.96).pruning == EarlyPruning(8, 100)
    off = calibrate_pruning({EarlyPruning(4, 50): 0.72})
    assert off.pruning is None
    assert "72.0%" in off.sentence
    assert "95%" in off.sentence
    assert calibrate_pruning({}).pruning is None


@pytest.mark.parametrize("required", [0.5, 0.7])
def test_the_earliest_layer_that_is_good_enough_is_taken(required):
    recall = {EarlyPruning(4, 50): 0.72, EarlyPruning(2, 500): 0.75}
    assert calibrate_pruning(recall, required).pruning == EarlyPruning(2, 500)
