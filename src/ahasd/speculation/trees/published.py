"""Trees that others published."""

from ahasd.speculation.trees.token_tree import TokenTree, tree_of_paths

#: Children of a node by the ranks that lead to it: how many of the first candidates, for every node that has any.
#: Medusa's static tree of 63 nodes for Vicuna-7B, ``mc_sim_7b_63`` (github.com/FasterDecoding/Medusa,
#: medusa/model/medusa_choices.py, commit e2a5d20). The children of every node are its first candidates.
_MEDUSA_63 = {
    "": 10,
    "0": 10,
    "1": 7,
    "2": 3,
    "3": 2,
    "4": 1,
    "5": 1,
    "6": 1,
    "7": 1,
    "8": 1,
    "9": 1,
    "00": 10,
    "01": 3,
    "02": 2,
    "03": 1,
    "04": 1,
    "05": 1,
    "06": 1,
    "07": 1,
    "10": 2,
    "20": 1,
    "000": 2,
}


def medusa_63() -> TokenTree:
    """Return Medusa's static tree of 63 nodes, four deep and ten wide."""
    return tree_of_paths(
        [*map(int, before), rank] for before, children in _MEDUSA_63.items() for rank in range(children)
    )
