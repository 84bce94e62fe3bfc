"""All trees of a few nodes, for tests that compare with every one of them."""

from collections.abc import Iterator
from itertools import combinations, product

from ahasd.speculation.trees.token_tree import TokenTree, tree_of_paths

#: Medusa-7B's heads: share of truths among the first k candidates (facts of its training run).
MEDUSA_7B = [
    [0.560, 0.672, 0.727, 0.760, 0.780],
    [0.316, 0.424, 0.485, 0.528, 0.563],
    [0.201, 0.288, 0.348, 0.383, 0.417],
    [0.147, 0.225, 0.274, 0.311, 0.340],
    [0.118, 0.187, 0.235, 0.272, 0.300],
]


def all_trees(heads: int, top: int, most: int) -> Iterator[TokenTree]:
    """Every tree of at most so many nodes."""
    paths = [path for depth in range(1, heads + 1) for path in product(range(top), repeat=depth)]
    for nodes in range(most + 1):
        for chosen in combinations(paths, nodes):
            there = {(), *chosen}
            if all(path[:-1] in there for path in chosen):
                yield tree_of_paths(chosen)
