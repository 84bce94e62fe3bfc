"""How many tokens a tree is expected to bring, if heads are right independently of each other."""

from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.token_tree import ROOT, TokenTree


def path_probabilities(tree: TokenTree, probability: Probabilities) -> list[float]:
    """Return of each node how likely the text takes the path to it: the product of its candidates' probabilities."""
    found: list[float] = []
    for parent, rank, depth in zip(tree.parents, tree.ranks, tree.depths, strict=True):
        before = 1.0 if parent == ROOT else found[parent]
        found.append(before * probability[depth - 1][rank])
    return found


def expected_tokens(tree: TokenTree, probability: Probabilities) -> float:
    """Return the tokens that a pass brings in the mean: the target's own, and one for each node on its path."""
    return 1.0 + sum(path_probabilities(tree, probability))
