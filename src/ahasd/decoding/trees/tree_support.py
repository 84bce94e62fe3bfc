"""Whether a runner gives the nodes of a tree what their paths have as chains: tried on a few tokens."""

from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, RowTokens
from ahasd.decoding.models.build_runner import AGREEMENT
from ahasd.decoding.models.runnable import checked_tokens
from ahasd.decoding.trees.tree_tokens import row_of_tree
from ahasd.errors import AhasdError
from ahasd.speculation.trees.token_tree import ROOT, TokenTree

#: Two branches, the first of two nodes.
_TREE = TokenTree((ROOT, ROOT, 0), (0, 1, 0))


def check_trees(runner: BatchedRunner) -> None:
    """Run a small tree and its paths; the cache is empty afterwards.

    Raises
    ------
    AhasdError
        The model has no place for a mask, or does something else with it.
    """
    text = checked_tokens(runner.vocabulary_size)
    root, *tokens = text[-4:]
    context = text[:-4]
    runner.start(1)
    runner.forward([RowTokens(0, context, 1)])
    found = runner.forward([row_of_tree(0, root, _TREE, tokens, len(context))]).clone()
    runner.compact(0, len(context), [0, 1, 3])
    behind = runner.forward([RowTokens(0, [root], 1)])[0].clone()
    runner.start(1)
    chain = [root, tokens[0], tokens[2], root]
    expected = runner.forward([RowTokens(0, [*context, *chain], 4)]).clone()
    runner.start(1)
    branch = runner.forward([RowTokens(0, [*context, root, tokens[1]], 1)])[0].clone()
    runner.start(1)
    pairs = [(found[0], expected[0]), (found[1], expected[1]), (found[3], expected[2]), (found[2], branch)]
    largest = float(expected.abs().max())
    difference = max(float((one - other).abs().max()) for one, other in [*pairs, (behind, expected[3])])
    if not difference <= AGREEMENT[str(runner.dtype).removeprefix("torch.")] * largest:
        raise AhasdError(
            f"model '{runner.name}': the logits of nodes of a tree differ from those of their paths by "
            f"{difference:.2g}, so it takes no trees; give it chains (method ngram or speculative)"
        )
