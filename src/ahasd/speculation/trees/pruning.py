"""Early pruning: nodes that an early layer thinks unlikely leave the pass before its later layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ahasd.speculation.trees.token_tree import ROOT, TokenTree

#: Share of the text's tokens that must be among those an early layer keeps; with less, pruning cuts acceptance more
#: than it can save (ours).
REQUIRED_RECALL = 0.95


@dataclass(frozen=True, slots=True)
class EarlyPruning:
    """Where and by what nodes leave a pass (arXiv 2402.13485).

    After `layer` layers a node stays if its token is among the `top` that the layer thinks likeliest behind its
    parent.
    """

    layer: int
    top: int


def surviving(tree: TokenTree, likely: Sequence[bool]) -> tuple[int, ...]:
    """Return the nodes that stay: likely ones whose parent stays. With a node all that stands behind it leaves.

    Parameters
    ----------
    likely
        Of each node, whether its token is among those kept behind its parent.
    """
    stays: list[bool] = []
    for parent, keeps in zip(tree.parents, likely, strict=True):
        stays.append(keeps and (parent == ROOT or stays[parent]))
    return tuple(node for node, keeps in enumerate(stays) if keeps)


@dataclass(frozen=True, slots=True)
class PruningChoice:
    """What a calibration chose.

    Attributes
    ----------
    pruning
        None where no layer is good enough: pruning is off.
    recall
        Of the choice, or the best that there was.
    sentence
        What to tell the user.
    """

    pruning: EarlyPruning | None
    recall: float
    sentence: str


def calibrate_pruning(
    recall: Mapping[EarlyPruning, float], required: float = REQUIRED_RECALL
) -> PruningChoice:
    """Choose where to prune: the earliest layer, and there the fewest tokens, that keeps enough of the text.

    Parameters
    ----------
    recall
        Share of the text's tokens among those kept, on text that early layers were not fitted to.
    required
        Least share.
    """
    if not recall:
        return PruningChoice(None, 0.0, "Early pruning is off: no early layer was recorded.")
    enough = [choice for choice, share in recall.items() if share >= required]
    if not enough:
        best = max(recall, key=lambda choice: (recall[choice], -choice.layer, -choice.top))
        return PruningChoice(
            None,
            recall[best],
            f"Early pruning is off: the best that was measured, the first {best.top} tokens after layer "
            f"{best.layer}, keeps {recall[best]:.1%} of the text's tokens, and {required:.0%} is asked for.",
        )
    chosen = min(enough, key=lambda choice: (choice.layer, choice.top))
    return PruningChoice(
        chosen,
        recall[chosen],
        f"Early pruning keeps the first {chosen.top} tokens after layer {chosen.layer}, "
        f"{recall[chosen]:.1%} of the text's.",
    )
