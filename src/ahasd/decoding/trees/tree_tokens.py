"""A tree of tokens as a row of a pass: what each token sees, and where it stands."""

from collections.abc import Sequence

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.speculation.trees.judging import Candidates
from ahasd.speculation.trees.token_tree import ROOT, TokenTree


def node_tokens(tree: TokenTree, candidates: Candidates) -> list[int]:
    """Give the token of each node: a node of depth d holds a candidate of depth d."""
    return [candidates[depth - 1][rank] for depth, rank in zip(tree.depths, tree.ranks, strict=True)]


def row_of_tree(
    row: int, root: int, tree: TokenTree, tokens: Sequence[int], cached: int, padding: int = 0
) -> RowTokens:
    """Give what a row is fed: the last token of its text, the root, and the nodes behind it.

    Every node sees the cached text, the root, its own path and itself, and stands as many positions behind the root
    as it is deep. A chain needs no mask of its own.

    Parameters
    ----------
    tokens
        Of the nodes.
    cached
        Tokens of the row in the cache: the text without the root.
    padding
        Tokens behind the nodes that nobody sees, to fill up a pass; logits are given behind them too.
    """
    fed = [root, *tokens, *[root] * padding]
    if tree.is_chain and not padding:
        return RowTokens(row, fed, len(fed))
    sees = torch.eye(len(fed), dtype=torch.bool)
    sees[: tree.nodes + 1, 0] = True
    for node, parent in enumerate(tree.parents):
        if parent != ROOT:
            sees[node + 1] |= sees[parent + 1]
    positions = [cached, *(cached + depth for depth in tree.depths), *[cached] * padding]
    return RowTokens(row, fed, len(fed), positions, sees)
