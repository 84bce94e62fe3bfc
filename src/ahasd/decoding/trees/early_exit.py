"""Early pruning of real passes: nodes that an early layer thinks unlikely leave, as ProPD has it."""

from collections.abc import Callable, Sequence
from typing import Any

from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, Leaving
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
from ahasd.decoding.recording.tree_recorder import record_tree
from ahasd.decoding.trees.guessing.guesser import TreeGuesser
from ahasd.errors import AhasdError
from ahasd.speculation.trees.pruning import EarlyPruning, PruningChoice, calibrate_pruning, surviving
from ahasd.speculation.trees.simulated.prepare import recalls
from ahasd.speculation.trees.token_tree import TokenTree

#: Shares of the layers after which pruning is thought about, tokens that are kept at most, and tokens of each sample
#: prompt on which that is calibrated (all ours).
SHARES, MOST_KEPT, TOKENS = (1 / 6, 1 / 3, 1 / 2, 2 / 3, 3 / 4), 200, 32


def calibrate(target: LanguageModel, guesser: TreeGuesser) -> PruningChoice:
    """Have the target write text, and see what its early layers keep of that; its last norm and output rows judge.

    Raises
    ------
    AhasdError
        What guesses copies: its trees are chains, of which little can leave.
    """
    if guesser.is_free:
        raise AhasdError(
            f"'{guesser.name}' guesses one token for each place: nothing to prune; leave +pruned out"
        )
    layers = int(target.model.config.get_text_config().num_hidden_layers)
    early = sorted({round(share * layers) for share in SHARES} & set(range(1, layers)))
    trace = record_tree(
        target,
        guesser,
        SAMPLE_PROMPTS,
        mode="greedy",
        tokens_per_prompt=TOKENS,
        early_layers=early,
        early_top=MOST_KEPT,
    )
    return calibrate_pruning(recalls(trace))


def check_leaving(runner: BatchedRunner) -> None:
    """See that tokens may leave the passes of a runner.

    Raises
    ------
    AhasdError
        They may not.
    """
    if not runner.lets_leave:
        raise AhasdError(
            f"no token leaves a pass of model '{runner.name}', which is not laid out like a Llama; leave +pruned out"
        )


def leaving(
    pruning: EarlyPruning, trees: Sequence[TokenTree], nodes: Sequence[Sequence[int]], fed: Sequence[int]
) -> Leaving:
    """Say which tokens of a pass leave it.

    A node stays if its token is among those that the early layer thinks likeliest behind its parent, and its parent
    stays. What fills a pass up leaves.

    Parameters
    ----------
    trees, nodes
        Of each row, and the tokens of its nodes.
    fed
        Tokens of each row in the pass: the root, the nodes, what fills it up.
    """

    def stay(logits: Callable[[Sequence[int]], Any]) -> list[int]:
        starts = [sum(fed[:row]) for row in range(len(fed))]
        # Only behind the root and behind nodes with children is anything asked.
        parents = [[parent + 1 for parent in sorted(tree.children)] if tree.nodes else [] for tree in trees]
        asked = [start + place for start, places in zip(starts, parents, strict=True) for place in places]
        if not asked:
            return starts
        scores = logits(asked)
        likely = scores.topk(min(pruning.top, scores.shape[-1])).indices.tolist()
        kept = {place: set(tokens) for place, tokens in zip(asked, likely, strict=True)}
        found = []
        for start, tree, tokens in zip(starts, trees, nodes, strict=True):
            stays = [
                token in kept[start + parent + 1] for token, parent in zip(tokens, tree.parents, strict=True)
            ]
            found += [start, *(start + node + 1 for node in surviving(tree, stays))]
        return found

    return Leaving(pruning.layer, stay)
